import { constants } from 'node:fs'
import * as fs from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import type { Stats } from 'node:fs'
import type { DirectoryEntry, File, FileStat, FileSystem } from '../core/file-system.ts'

/** The real disk behind the small interface that tests can break on purpose. */
export const nodeFileSystem: FileSystem = {
  async open(path, flags, mode = 0o600) {
    return new NodeFile(await fs.open(path, flags, mode))
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
  lstat: async (path) => toFileStat(await fs.lstat(path)),
  realpath: (path) => fs.realpath(path),
  async mkdir(path, options) {
    await fs.mkdir(path, options)
  },
  rename: (from, to) => fs.rename(from, to),
  unlink: (path) => fs.unlink(path),
  async syncDirectory(path) {
    const handle = await fs.open(path, constants.O_RDONLY | constants.O_DIRECTORY)
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  },
  async freeBytes(path) {
    const stats = await fs.statfs(path)
    return stats.bavail * stats.bsize
  },
}

class NodeFile implements File {
  readonly #handle: FileHandle

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  async read(target: Uint8Array, targetStart: number, length: number, position: number): Promise<number> {
    return (await this.#handle.read(target, targetStart, length, position)).bytesRead
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    let done = 0
    // A disk that fills up in the middle answers with a short write first, then with ENOSPC.
    while (done < bytes.length) {
      const { bytesWritten } = await this.#handle.write(bytes, done, bytes.length - done, position + done)
      done += bytesWritten
    }
  }

  async stat(): Promise<FileStat> {
    return toFileStat(await this.#handle.stat())
  }

  truncate(size: number): Promise<void> {
    return this.#handle.truncate(size)
  }

  datasync(): Promise<void> {
    return this.#handle.datasync()
  }

  close(): Promise<void> {
    return this.#handle.close()
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
    isFile: stats.isFile(),
    isDirectory: stats.isDirectory(),
    isSymbolicLink: stats.isSymbolicLink(),
  }
}
