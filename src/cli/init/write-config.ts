import * as fs from 'node:fs/promises'
import { dirname } from 'node:path'
import { reasonOf } from '../../config/read-text.ts'
import { AgentError } from '../../core/errors.ts'
import { systemErrorCode } from '../../core/file-system.ts'

/** Secrets may come to stand in it: readable for the group of its folder, which is the agent's where it was installed so. */
const mode = 0o640

/**
 * Writes a new file, whole or not at all: an agent that watches it must not see half of it. Resolves to the path of the old one
 * where there was one and `isForced`.
 */
export async function writeConfig(
  path: string,
  text: string,
  isForced: boolean,
): Promise<string | undefined> {
  const fresh = `${path}.new-${process.pid}`
  try {
    await fs.writeFile(fresh, text, { mode, flag: 'wx' })
    await giveToGroup(fresh, dirname(path))
    const kept = isForced ? await keepOld(path) : undefined
    // `link` fails where somebody has made the file meanwhile; `rename` would replace it.
    if (kept === undefined) {
      await fs.link(fresh, path)
      await fs.unlink(fresh)
    } else await fs.rename(fresh, path)
    return kept
  } catch (error) {
    await fs.unlink(fresh).catch(() => {})
    if (systemErrorCode(error) === 'EEXIST') throw AgentError.of('config_exists', { path }, { cause: error })
    throw AgentError.of('config_not_written', { path, reason: reasonOf(error) }, { cause: error })
  }
}

/** A copy: the config itself stays in its place until the new one takes it. */
async function keepOld(path: string): Promise<string | undefined> {
  const kept = `${path}.old`
  try {
    await fs.copyFile(path, kept)
    await fs.chmod(kept, (await fs.stat(path)).mode & 0o777)
    return kept
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

async function giveToGroup(file: string, folder: string): Promise<void> {
  const [{ gid }, own] = [await fs.stat(folder), await fs.stat(file)]
  // Only root may; for others the file stays their own.
  if (gid !== own.gid) await fs.chown(file, own.uid, gid).catch(() => {})
}
