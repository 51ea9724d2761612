import { constants } from 'node:fs'
import { systemErrorCode } from '../../core/file-system.ts'
import type { File, FileSystem } from '../../core/file-system.ts'

/** Never for writing and never through a link: `openLetterFile` is the agent's. */
export const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Undefined for a file that is gone by now. */
export function openToRead(fileSystem: FileSystem, path: string): Promise<File | undefined> {
  return unlessGone(() => fileSystem.open(path, readFlags))
}

/** The agent removes old files while we look. */
export async function unlessGone<Result>(look: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await look()
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** Reads until `bytes` is full or the file ends; returns how many there were. */
export async function fill(file: File, bytes: Buffer, position: number): Promise<number> {
  let filled = 0
  while (filled < bytes.length) {
    const count = await file.read(bytes, filled, bytes.length - filled, position + filled)
    if (count === 0) break
    filled += count
  }
  return filled
}
