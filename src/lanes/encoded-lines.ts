import { EventFlag } from '../core/event.ts'
import { BlockLines } from './block-lines.ts'
import type { Encoding } from '../core/encoding.ts'
import type { LineBlock } from './lane.ts'
import type { Lines } from './lines.ts'

const byteOrderMark = 0xfeff

/**
 * Goes through the lines of a block that is not UTF-8. Lines are found in the file's own bytes, as all offsets are about
 * those; then each is decoded by itself.
 */
export class EncodedLines implements Lines {
  bytes: Buffer = Buffer.alloc(0)
  readonly isUtf8 = true
  readonly start = 0
  end = 0
  from = 0
  to = 0
  flags = 0
  hadCarriageReturn = false
  readonly #block: LineBlock
  readonly #encoding: Encoding
  readonly #maxLineBytes: number
  #text = ''
  #at = 0

  constructor(block: LineBlock, encoding: Encoding, maxLineBytes: number) {
    this.#block = block
    this.#encoding = encoding
    this.#maxLineBytes = maxLineBytes
  }

  next(): boolean {
    while (this.nextOrBlank()) if (!this.isBlank()) return true
    return false
  }

  nextOrBlank(): boolean {
    if (this.#at >= this.#block.bytes.length) return false
    this.#take()
    return true
  }

  text(): string {
    return this.#text
  }

  isBlank(): boolean {
    return /^[ \t\r]*$/.test(this.#text)
  }

  #take(): void {
    const { bytes, from, to } = this.#block
    const { unitBytes } = this.#encoding.form
    const start = this.#at
    const next = this.#encoding.form.endOfNext(bytes, start, from)
    this.#at = next < 0 ? bytes.length : next
    this.from = from + start
    // The only line of a cut block goes on in the file, further than its bytes do.
    this.to = this.#at === bytes.length ? to : from + this.#at
    this.flags = 0
    if (this.#block.truncated === true) this.flags |= EventFlag.truncated
    if (this.#block.partial === true) this.flags |= EventFlag.partial
    this.#decode(bytes.subarray(start, next < 0 ? this.#at : next - unitBytes), next >= 0)
  }

  #decode(raw: Uint8Array, hasNewline: boolean): void {
    const { form } = this.#encoding
    const isLong = raw.length - form.returnBytes(raw) > this.#maxLineBytes
    if (isLong) this.flags |= EventFlag.truncated
    const isCut = (this.flags & EventFlag.truncated) !== 0
    // Half a unit at an odd offset: the file was read in another encoding up to there.
    const isTorn = form.unitBytes === 2 && this.from % 2 === 1
    const whole = isTorn ? raw.subarray(1) : raw
    const { text, isExact } = this.#encoding.decode(
      isLong ? form.cut(whole, 0, this.#maxLineBytes) : whole,
      isCut,
    )
    if (!isExact || isTorn) this.flags |= EventFlag.invalidUtf8
    this.#text = text
    this.#strip(hasNewline && !isLong)
    this.bytes = Buffer.from(this.#text)
    this.end = this.bytes.length
  }

  /** Without the mark at the file's start, the NULs that a truncated file's hole left, and the CR. */
  #strip(hasEnd: boolean): void {
    const text = this.#text
    let start = this.from === 0 && text.charCodeAt(0) === byteOrderMark ? 1 : 0
    while (text.charCodeAt(start) === 0) start++
    this.hadCarriageReturn = hasEnd && text.endsWith('\r') && text.length > start
    this.#text = text.slice(start, this.hadCarriageReturn ? -1 : undefined)
  }
}

export const linesOf = (block: LineBlock, maxLineBytes: number): Lines =>
  block.encoding ? new EncodedLines(block, block.encoding, maxLineBytes) : new BlockLines(block, maxLineBytes)
