import { constants } from 'node:fs'
import * as fs from 'node:fs/promises'
import { dirname } from 'node:path'
import { isUnsyncable, systemErrorCode } from '../core/file-system.ts'

/**
 * `mkdir -p`. That of Node turns for ever, beyond the reach of any timeout or signal handler, where a folder that is
 * there answers ENOENT to every new name, as /proc does. What it makes survives a power cut.
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
    return
  }
  try {
    await syncFolder(dirname(path))
  } catch (error) {
    if (isUnsyncable(error)) return
    // Should it stay, the next call finds it and takes its name for safe.
    await fs.rmdir(path).catch(() => {})
    throw error
  }
}

/** fsync of a folder: without it a power cut may take what has just got a name in it, however well that is synced itself. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await fs.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
