import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import type { Dirent, Stats } from 'node:fs'
import * as fs from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { AgentError } from '../core/errors.ts'
import { systemErrorCode } from '../core/file-system.ts'
import { makeFolder } from './make-folder.ts'

export interface DataDirLock {
  release(): Promise<void>
}

/** util-linux's exit status for `-n` when somebody else has the lock, set apart from its own failures. */
const lockedStatus = 75

/**
 * Makes `directory` (0700) where it is missing, refuses one that others could write into, and locks it for this process
 * until `release` or death, however that comes. Throws AgentErrors `data_dir_locked` and `data_dir_not_writable`.
 */
export async function lockDataDir(directory: string): Promise<DataDirLock> {
  await prepare(directory)
  const handle = await openLockFile(directory)
  try {
    await lock(handle, directory)
  } catch (error) {
    await handle.close()
    throw error
  }
  let isReleased = false
  return {
    async release() {
      if (isReleased) return
      isReleased = true
      // Closing is what unlocks. The file stays: removing it would let two processes lock two files of one name.
      await handle.close()
    },
  }
}

async function prepare(directory: string): Promise<void> {
  let stats: Stats
  try {
    await makeFolder(directory, 0o700)
    stats = await fs.stat(directory)
  } catch (error) {
    throw notUsable(directory, error)
  }
  const reason = whyUnsafe(stats) ?? (await linkIn(directory))
  if (reason) throw AgentError.of('data_dir_not_writable', { path: directory, reason })
  // Made by a package, a volume or a hurried hand: names and sizes are nobody else's either, and who shares the group
  // could put links in. Not on a disk that knows no modes; one that is read-only is refused with the lock file.
  if (stats.mode & 0o077) await fs.chmod(directory, 0o700).catch(() => {})
}

/** Whoever can write in here can make us send, overwrite or forget: sources' checkpoints and unsent events lie in it. */
function whyUnsafe(stats: Stats): string | undefined {
  if (!stats.isDirectory()) return 'it is not a folder'
  const user = process.geteuid?.()
  if (user !== undefined && stats.uid !== user) {
    return `it belongs to user ${stats.uid}, and the agent runs as user ${user}`
  }
  if (stats.mode & 0o002) return 'everybody can write in it; `chmod o-w` it'
  return undefined
}

/** O_NOFOLLOW guards the last name of a path only: through `buffer -> /elsewhere` all of our files would be opened. */
async function linkIn(directory: string): Promise<string | undefined> {
  let entries: Dirent[]
  try {
    entries = await fs.readdir(directory, { withFileTypes: true })
  } catch (error) {
    throw notUsable(directory, error)
  }
  const link = entries.find((entry) => entry.isSymbolicLink())
  return link && `${join(directory, link.name)} is a link`
}

async function openLockFile(directory: string): Promise<FileHandle> {
  const path = join(directory, 'lock')
  // Without O_NOFOLLOW a link named `lock` would make us create or lock a file anywhere.
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK
  try {
    return await fs.open(path, flags, 0o600)
  } catch (error) {
    if (systemErrorCode(error) === 'ELOOP') {
      throw AgentError.of('data_dir_not_writable', { path: directory, reason: `${path} is a link` })
    }
    throw notUsable(directory, error)
  }
}

/**
 * Node has no flock. A lock of flock(2) belongs to the open file, which the child shares with us by inheriting the
 * descriptor: it stays when the child has exited, and goes when our last descriptor of it does, kill -9 included.
 */
async function lock(handle: FileHandle, directory: string): Promise<void> {
  const { status, text } = await runFlock(handle.fd)
  if (status === 0) return
  if (status === lockedStatus) throw AgentError.of('data_dir_locked', { path: directory })
  const reason = status === undefined ? `flock cannot be run (${text})` : `flock failed: ${text || status}`
  throw AgentError.of('data_dir_not_writable', {
    path: directory,
    reason: `it cannot be locked, ${reason}; flock is part of util-linux`,
  })
}

function runFlock(fd: number): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve) => {
    const child = spawn('flock', ['-n', '-E', String(lockedStatus), '3'], {
      stdio: ['ignore', 'ignore', 'pipe', fd],
    })
    let text = ''
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      text = (text + part).slice(0, 300)
    })
    child.on('error', (error) => resolve({ status: undefined, text: error.message }))
    child.on('close', (status) => resolve({ status: status ?? -1, text: text.trim() }))
  })
}

function notUsable(directory: string, error: unknown): AgentError {
  const code = systemErrorCode(error)
  const reason = reasons[code] ?? (error instanceof Error ? error.message : String(error))
  return AgentError.of('data_dir_not_writable', { path: directory, reason }, { cause: error })
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the disk is mounted read-only',
  ENOTDIR: 'a part of the path is not a folder',
  EEXIST: 'it is not a folder',
  ENOSPC: 'the disk is full',
}
