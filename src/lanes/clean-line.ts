import { EventFlag } from '../core/event.ts'
import type { ParsedTime } from '../parsers/time-value.ts'
import type { Lines } from './lines.ts'
import { repaired } from './utf8.ts'

/**
 * One line, out of its wrapper and as valid UTF-8: `bytes[start, end)`. One of these serves for all lines of a source,
 * and is filled anew for each.
 */
export class CleanLine {
  bytes: Buffer = Buffer.alloc(0)
  start = 0
  end = 0
  /** The line's stretch of the file generation. */
  from = 0
  to = 0
  /** Bits of `EventFlag`. */
  flags = 0
  /** Of the wrapper, else '' and undefined. */
  stream = ''
  time: ParsedTime | undefined
  #text: string | undefined
  #source: { text(): string } | undefined

  /** `source` knows the text of these bytes better than by decoding them. */
  set(bytes: Buffer, start: number, end: number, source?: { text(): string }): void {
    this.bytes = bytes
    this.start = start
    this.end = end
    this.#source = source
    this.#text = undefined
  }

  /** All of `bytes`. */
  setWhole(bytes: Buffer): void {
    this.set(bytes, 0, bytes.length)
  }

  /** The current one of `lines`, which has no wrapper. */
  setFrom(lines: Lines): void {
    this.from = lines.from
    this.to = lines.to
    this.flags = lines.flags
    this.stream = ''
    this.time = undefined
    if (lines.isUtf8) return this.set(lines.bytes, lines.start, lines.end, lines)
    const raw = lines.bytes.subarray(lines.start, lines.end)
    this.setWhole(repaired(raw))
    if (this.bytes !== raw) this.flags |= EventFlag.invalidUtf8
  }

  /** Decoded when somebody asks: JSON is read from the bytes. */
  get text(): string {
    this.#text ??= this.#source?.text() ?? this.bytes.toString('utf8', this.start, this.end)
    return this.#text
  }

  view(): Buffer {
    return this.bytes.subarray(this.start, this.end)
  }
}
