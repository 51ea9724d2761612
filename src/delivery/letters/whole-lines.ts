import type { File } from '../../core/file-system.ts'
import { limits } from '../../core/limits.ts'
import { readOrRefused, zeroSector } from './dead-letter-file.ts'

export interface LineInFile {
  readonly from: number
  /** Where its newline stands. */
  readonly to: number
  /** Valid until the next lines are asked for; undefined for a line above `limits.letterLineBytes`. */
  readonly bytes: Buffer | undefined
}

const newline = 0x0a
const blockBytes = 256 * 1024

/**
 * The whole lines of a file as it is now, block by block: what has no newline yet is being written. A sector that the
 * disk refuses reads as zeros, so that it spoils its own lines and no others, unless `read` rejects.
 */
export async function* wholeLines(file: File, read = readOrRefused): AsyncGenerator<readonly LineInFile[]> {
  const { size } = await file.stat()
  const cutter = new LineCutter()
  for (let position = 0; position < size;) {
    // A new block each time: parts of a long line lie in those before.
    const block = Buffer.allocUnsafe(blockBytes)
    const count = await read(file, block, position)
    const length = count === 'refused' ? zeroSector(block, { position, size }) : count
    if (length === 0) return
    yield cutter.cut(block.subarray(0, Math.min(length, size - position)), position)
    position += length
  }
}

/** Puts lines together that blocks cut apart. */
class LineCutter {
  #parts: Buffer[] = []
  #partBytes = 0
  #from = 0
  #isTooLong = false

  cut(block: Buffer, blockAt: number): LineInFile[] {
    const lines: LineInFile[] = []
    let at = 0
    for (let end = block.indexOf(newline); end >= 0; end = block.indexOf(newline, at)) {
      this.#add(block.subarray(at, end))
      const bytes = this.#isTooLong ? undefined : this.#joined()
      lines.push({ from: this.#from, to: blockAt + end, bytes })
      at = end + 1
      this.#begin(blockAt + at)
    }
    this.#add(block.subarray(at))
    return lines
  }

  #joined(): Buffer {
    return this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts)
  }

  #begin(from: number): void {
    this.#parts = []
    this.#partBytes = 0
    this.#from = from
    this.#isTooLong = false
  }

  #add(part: Buffer): void {
    this.#partBytes += part.length
    if (this.#partBytes > limits.letterLineBytes) {
      this.#isTooLong = true
      this.#parts = []
    } else if (!this.#isTooLong) {
      this.#parts.push(part)
    }
  }
}
