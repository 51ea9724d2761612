import { isAscii, isUtf8 } from 'node:buffer'
import { EventFlag } from '../core/event.ts'
import { isBlank } from './lines.ts'
import type { LineBlock } from './lane.ts'
import { wholeCharacters } from './utf8.ts'

const newline = 0x0a
const carriageReturn = 0x0d
const nul = 0x00

/**
 * Goes through the lines of a block. The current line is `bytes[start, end)`; for who wants text a block of ASCII is
 * decoded as a whole, as a character is a byte there and a line's text a slice (0.1 against 0.7 CPU seconds a GB).
 */
export class BlockLines {
  readonly bytes: Buffer
  /** Every line is UTF-8; else each is looked at by itself. */
  readonly isUtf8: boolean
  /** The current line's text without its newline, its CR and the NULs that a truncated file's hole left before it. */
  start = 0
  end = 0
  /** The current line's stretch of the file generation. */
  from: number
  to: number
  /** Bits of `EventFlag`. */
  flags = 0
  /** A CR was taken off, which a fragment in the middle of a line wants back. */
  hadCarriageReturn = false
  readonly #block: LineBlock
  readonly #maxLineBytes: number
  readonly #isAscii: boolean
  #text: string | undefined
  #at = 0

  constructor(block: LineBlock, maxLineBytes: number) {
    const { bytes, from } = block
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    this.#block = block
    this.#maxLineBytes = maxLineBytes
    this.#isAscii = isAscii(bytes)
    this.isUtf8 = this.#isAscii || isUtf8(bytes)
    this.from = from
    this.to = from
  }

  /** False at the end. Blank lines are passed over. */
  next(): boolean {
    const length = this.bytes.length
    while (this.#at < length) {
      this.#take(length)
      if (!this.isBlank()) return true
    }
    return false
  }

  /** As `next`, for who wants blank lines too. */
  nextOrBlank(): boolean {
    const length = this.bytes.length
    if (this.#at >= length) return false
    this.#take(length)
    return true
  }

  /** The current line, decoded; only for one that is UTF-8. */
  text(): string {
    if (!this.#isAscii) return this.bytes.toString('utf8', this.start, this.end)
    this.#text ??= this.bytes.toString('latin1')
    return this.#text.slice(this.start, this.end)
  }

  /** Only spaces, tabs and CRs. */
  isBlank(): boolean {
    return isBlank(this.bytes, this.start, this.end)
  }

  #take(length: number): void {
    const { bytes } = this
    const start = this.#at
    const found = bytes.indexOf(newline, start)
    const end = found < 0 ? length : found
    this.#at = found < 0 ? length : found + 1
    this.from = this.#block.from + start
    // The only line of a cut block goes on in the file, further than its bytes do.
    this.to = this.#at === length ? this.#block.to : this.#block.from + this.#at
    this.hadCarriageReturn = found > start && bytes[found - 1] === carriageReturn
    this.start = this.#firstByte(start, end)
    this.end = Math.max(this.start, this.hadCarriageReturn ? end - 1 : end)
    this.flags = 0
    if (this.#block.truncated === true) this.flags |= EventFlag.truncated
    if (this.#block.partial === true) this.flags |= EventFlag.partial
    if (this.end - this.start > this.#maxLineBytes) {
      this.end = this.start + this.#maxLineBytes
      this.flags |= EventFlag.truncated
    }
    if ((this.flags & EventFlag.truncated) !== 0)
      this.end = this.start + wholeCharacters(bytes.subarray(this.start, this.end), this.end - this.start)
  }

  /** Behind a byte order mark at the file's start, and behind NULs. */
  #firstByte(start: number, end: number): number {
    const { bytes } = this
    const hasMark =
      start === 0 &&
      this.#block.from === 0 &&
      bytes[0] === 0xef &&
      bytes[1] === 0xbb &&
      bytes[2] === 0xbf &&
      end >= 3
    let at = hasMark ? 3 : start
    while (bytes[at] === nul && at < end) at++
    return at
  }
}
