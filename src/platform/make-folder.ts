import * as fs from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemErrorCode } from '../core/file-system.ts'

/**
 * `mkdir -p`. That of Node turns for ever, beyond the reach of any timeout or signal handler, where a folder that is
 * there answers ENOENT to every new name, as /proc does.
 */
export async function makeFolder(path: string, mode?: number): Promise<void> {
  try {
    await makeOne(path, mode)
  } catch (error) {
    const parent = dirname(path)
    if (systemErrorCode(error) !== 'ENOENT' || parent === path) throw error
    await makeFolder(parent, mode)
    await makeOne(path, mode)
  }
}

async function makeOne(path: string, mode: number | undefined): Promise<void> {
  try {
    await fs.mkdir(path, { mode })
  } catch (error) {
    const stats = await fs.stat(path).catch(() => undefined)
    if (stats?.isDirectory() !== true) throw error
  }
}
