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
    await writeFresh(fresh, text)
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

/**
 * A copy: the config itself stays in its place until the new one takes it. The copy takes its name by `rename`: root may be
 * asked for a config in somebody's folder, and a link that waits there under that name must not be written through.
 */
async function keepOld(path: string): Promise<string | undefined> {
  const [kept, copy] = [`${path}.old`, `${path}.old-${process.pid}`]
  try {
    // With the mode of the old one from the first byte on: it may hold secrets.
    await fs.copyFile(path, copy, fs.constants.COPYFILE_EXCL)
    await fs.rename(copy, kept)
    return kept
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** By the open file alone: whoever owns the folder could put a link in its place meanwhile. */
async function writeFresh(path: string, text: string): Promise<void> {
  const file = await fs.open(path, 'wx', mode)
  try {
    await file.writeFile(text)
    const [{ gid }, own] = [await fs.stat(dirname(path)), await file.stat()]
    // Only root may; for others the file stays their own.
    if (gid !== own.gid) await file.chown(own.uid, gid).catch(() => {})
  } finally {
    await file.close()
  }
}
