import { systemErrorCode } from '../core/file-system.ts'
import type { FileSystem } from '../core/file-system.ts'

/** No config and no secret is as large; `${file:/dev/zero}` must not fill the memory. */
const mostBytes = 4 * 1024 ** 2

/** Why a file could not be read, as a clause: `no such file`. */
export class ReadFailure extends Error {}

/** A regular file as text. Rejects with `ReadFailure`. */
export async function readText(path: string, fileSystem: FileSystem): Promise<string> {
  try {
    // Before the open: opening a FIFO would wait for its writer, for ever.
    const { isFile, size } = await fileSystem.stat(path)
    if (!isFile) throw new ReadFailure('not a regular file')
    if (size > mostBytes) throw new ReadFailure('larger than 4 MiB')
    return decode(await readBytes(path, fileSystem))
  } catch (error) {
    if (error instanceof ReadFailure) throw error
    throw new ReadFailure(reasonOf(error), { cause: error })
  }
}

async function readBytes(path: string, fileSystem: FileSystem): Promise<Uint8Array> {
  const file = await fileSystem.open(path, 'r')
  try {
    const bytes = new Uint8Array((await file.stat()).size)
    let length = 0
    while (length < bytes.length) {
      const count = await file.read(bytes, length, bytes.length - length, length)
      if (count === 0) break
      length += count
    }
    return bytes.subarray(0, length)
  } finally {
    await file.close()
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (error) {
    throw new ReadFailure('not UTF-8 text', { cause: error })
  }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'no such file',
  ELOOP: 'too many links',
}

/** A system error as a clause for people. */
export function reasonOf(error: unknown): string {
  const code = systemErrorCode(error)
  return reasons[code] ?? (code || (error instanceof Error ? error.message : String(error)))
}
