import * as callbacks from 'node:fs'
import type { Stats } from 'node:fs'
import * as fs from 'node:fs/promises'
import { promisify } from 'node:util'
import type { DirectoryEntry, File, FileStat, FileSystem } from '../core/file-system.ts'
import { makeFolder, syncFolder } from './make-folder.ts'

const open = promisify(callbacks.open)
const read = promisify(callbacks.read)
const write = promisify(callbacks.write)
const fstat: (fd: number) => Promise<Stats> = promisify(callbacks.fstat)
const ftruncate = promisify(callbacks.ftruncate)
const fdatasync = promisify(callbacks.fdatasync)
const close = promisify(callbacks.close)

/** The real disk behind the small interface that tests can break on purpose. */
export const nodeFileSystem: FileSystem = {
  async open(path, flags, mode = 0o600) {
    return new NodeFile(await open(path, flags, mode))
  },
  openNow(path, flags, isSeen = false) {
    try {
      // A FIFO's writer must not see a reader come and go.
      if (!isSeen && !callbacks.statSync(path).isFile()) return undefined
      const fd = callbacks.openSync(path, flags)
      // Of the descriptor, not of the name: that may lead elsewhere by now.
      return { file: new NodeFile(fd), realPath: callbacks.readlinkSync(`/proc/self/fd/${fd}`) }
    } catch {
      return undefined
    }
  },
  async readdir(path) {
    const entries = await fs.readdir(path, { withFileTypes: true })
    return entries.map((entry): DirectoryEntry => ({
      name: entry.name,
      isFile: entry.isFile(),
      isDirectory: entry.isDirectory(),
      isSymbolicLink: entry.isSymbolicLink(),
    }))
  },
  stat: async (path) => toFileStat(await fs.stat(path)),
  statNow(path) {
    try {
      const stats = callbacks.statSync(path, { throwIfNoEntry: false })
      return stats && toFileStat(stats)
    } catch {
      return undefined
    }
  },
  lstat: async (path) => toFileStat(await fs.lstat(path)),
  realpath: (path) => fs.realpath(path),
  async mkdir(path, options) {
    await (options.recursive === true ? makeFolder(path, options.mode) : fs.mkdir(path, options))
  },
  rename: (from, to) => fs.rename(from, to),
  unlink: (path) => fs.unlink(path),
  syncDirectory: (path) => syncFolder(path),
  async freeBytes(path) {
    const stats = await fs.statfs(path)
    return stats.bavail * stats.bsize
  },
}

/** A bare descriptor: one that was opened by `openNow` works like any other. */
class NodeFile implements File {
  #fd: number

  constructor(fd: number) {
    this.#fd = fd
  }

  async read(target: Uint8Array, targetStart: number, length: number, position: number): Promise<number> {
    return (await read(this.#fd, target, targetStart, length, position)).bytesRead
  }

  readNow(target: Uint8Array, targetStart: number, length: number, position: number): number | undefined {
    try {
      return callbacks.readSync(this.#fd, target, targetStart, length, position)
    } catch {
      return undefined
    }
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    let done = 0
    // A disk that fills up in the middle answers with a short write first, then with ENOSPC.
    while (done < bytes.length) {
      const { bytesWritten } = await write(this.#fd, bytes, done, bytes.length - done, position + done)
      done += bytesWritten
    }
  }

  async stat(): Promise<FileStat> {
    return toFileStat(await fstat(this.#fd))
  }

  statNow(): FileStat | undefined {
    try {
      return toFileStat(callbacks.fstatSync(this.#fd))
    } catch {
      return undefined
    }
  }

  /** As the kernel has it; of a file without a name the last one, with a mark behind it. */
  realPath(): Promise<string | undefined> {
    return fs.readlink(`/proc/self/fd/${this.#fd}`).catch(() => undefined)
  }

  truncate(size: number): Promise<void> {
    return ftruncate(this.#fd, size)
  }

  datasync(): Promise<void> {
    return fdatasync(this.#fd)
  }

  async close(): Promise<void> {
    const fd = this.#fd
    // The number may belong to another file as soon as it is closed: a second close must not reach that.
    this.#fd = -1
    if (fd >= 0) await close(fd)
  }

  closeNow(): void {
    const fd = this.#fd
    this.#fd = -1
    try {
      if (fd >= 0) callbacks.closeSync(fd)
    } catch {
      // The descriptor is free all the same, and nothing was written.
    }
  }
}

function toFileStat(stats: Stats): FileStat {
  return {
    device: stats.dev,
    inode: stats.ino,
    size: stats.size,
    mtimeMs: stats.mtimeMs,
    mode: stats.mode,
    links: stats.nlink,
    owner: stats.uid,
    group: stats.gid,
    isFile: stats.isFile(),
    isDirectory: stats.isDirectory(),
    isSymbolicLink: stats.isSymbolicLink(),
  }
}
