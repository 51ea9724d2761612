import { crc32 } from 'node:zlib'
import type { File } from '../../core/file-system.ts'
import { limits } from '../../core/limits.ts'
import { isMarkOf, markOf } from './mark.ts'

/** The checksum of a file's first `length` bytes; grows with what was read, up to 4 KiB. */
export interface Head {
  readonly length: number
  readonly hash: number
}

/** What a file must still hold to be the generation that we know: its head, and the bytes right before the offset. */
export interface Likeness {
  readonly head: Head
  readonly mark: Uint8Array
  readonly offset: number
}

export const emptyHead: Head = { length: 0, hash: 0 }

/** `bytes` stand at `from` in the file; only those that continue the head count. */
export function growHead(head: Head, bytes: Uint8Array, from: number): Head {
  const start = head.length - from
  const end = Math.min(limits.headBytes - from, bytes.length)
  if (start < 0 || start >= end) return head
  return { length: from + end, hash: crc32(bytes.subarray(start, end), head.hash) }
}

/** The head that a file with `offset` bytes read must have: for a start at the end, or after a line that was cut. */
export async function completeHead(file: File, head: Head, offset: number): Promise<Head> {
  const wanted = Math.min(offset, limits.headBytes)
  if (head.length >= wanted) return head
  const bytes = await readExactly(file, head.length, wanted - head.length)
  return bytes ? growHead(head, bytes, head.length) : head
}

export async function readMark(file: File, offset: number): Promise<Uint8Array | undefined> {
  const length = Math.min(offset, limits.markBytes)
  const bytes = await readExactly(file, offset - length, length)
  return bytes && markOf(bytes)
}

export async function hasHead(file: File, head: Head): Promise<boolean> {
  if (head.length === 0) return true
  const bytes = await readExactly(file, 0, head.length)
  return bytes !== undefined && crc32(bytes) === head.hash
}

/** The same before it returns: only for a file system that has answered a moment ago. */
export function hasHeadNow(file: File, head: Head): boolean {
  const bytes = Buffer.allocUnsafe(head.length)
  return file.readNow?.(bytes, 0, head.length, 0) === head.length && crc32(bytes) === head.hash
}

export async function hasMark(file: File, likeness: Likeness): Promise<boolean> {
  const { mark, offset } = likeness
  const bytes = await readExactly(file, offset - mark.length, mark.length)
  return bytes !== undefined && isMarkOf(mark, bytes)
}

/** The mark first: it differs in nearly every other file, which saves the read of the head. */
export async function isLike(file: File, likeness: Likeness): Promise<boolean> {
  return (await hasMark(file, likeness)) && hasHead(file, likeness.head)
}

/** `undefined` where the file is shorter. */
export async function readExactly(
  file: File,
  position: number,
  length: number,
): Promise<Uint8Array | undefined> {
  const bytes = Buffer.allocUnsafe(length)
  let done = 0
  while (done < length) {
    const count = await file.read(bytes, done, length - done, position + done)
    if (count === 0) return undefined
    done += count
  }
  return bytes
}
