import { constants } from 'node:fs'
import type { FileSystem } from '../../core/file-system.ts'

/** Configs of other programs and files of /proc are small; what is not is cut. */
const mostBytes = 1024 ** 2

/** A regular file's text, '' bytes and all; undefined where it cannot be read. Files of /proc say that they have no bytes. */
export async function smallText(fileSystem: FileSystem, path: string): Promise<string | undefined> {
  const bytes = await firstBytes(fileSystem, path, mostBytes)
  return bytes?.toString('utf8')
}

/** What a regular file begins with, `length` bytes at most; undefined where it cannot be read. */
export async function firstBytes(
  fileSystem: FileSystem,
  path: string,
  length: number,
): Promise<Buffer | undefined> {
  try {
    // Before the open: that of a FIFO would wake its writer.
    if (!(await fileSystem.stat(path)).isFile) return undefined
    const file = await fileSystem.open(path, constants.O_RDONLY | constants.O_NONBLOCK)
    try {
      const bytes = Buffer.alloc(length)
      let read = 0
      for (let count = -1; count !== 0 && read < length; read += count)
        count = await file.read(bytes, read, length - read, read)
      return bytes.subarray(0, read)
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}
