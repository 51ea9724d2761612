import { Buffer } from 'node:buffer'
import { systemErrorCode } from '../core/file-system.ts'
import type { File } from '../core/file-system.ts'

/**
 * Up to `length` bytes; fewer where the file ends or has a broken sector (EIO): a checksum finds that they are too few.
 * Throws whatever else the system says: that may be over in a moment, and is no damage.
 */
export async function readAt(file: File, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length)
  let filled = 0
  while (filled < length) {
    const count = await readSome(file, bytes.subarray(filled), position + filled)
    if (count === 0) break
    filled += count
  }
  return bytes.subarray(0, filled)
}

async function readSome(file: File, target: Buffer, position: number): Promise<number> {
  try {
    return await file.read(target, 0, target.length, position)
  } catch (error) {
    if (systemErrorCode(error) !== 'EIO') throw error
    return 0
  }
}
