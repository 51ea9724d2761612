import { finished } from 'node:stream/promises'
import split2 from 'split2'

/** One line of a stream, as text of one character for each unit: latin1 for bytes, UTF-16 for what is UTF-16. */
export interface StreamLine {
  readonly text: string
  /** The bytes `[from, to)` of the stream, newline and what was swallowed included. */
  readonly from: number
  readonly to: number
  readonly truncated: boolean
  /** The stream, or the patience, ended before its newline came. */
  readonly partial: boolean
}

/** How bytes become units and units become bytes again. */
export type StreamUnits = 'bytes' | 'utf-16le' | 'utf-16be'

/**
 * Splits a stream of bytes into lines by split2, behind a guard that split2 lacks: it counts bytes (split2 knows no
 * offsets) and swallows what exceeds the bound of a line (its own `maxLength` ends the stream or drops in silence).
 */
export class StreamLines {
  readonly #maxLineUnits: number
  readonly #units: StreamUnits
  readonly #unitBytes: number
  /** Half a unit of UTF-16. */
  #half: Buffer = Buffer.alloc(0)
  readonly #splitter = split2(/\n/, { decodeStrings: false })
  /** Units of the current line that went through, and that were swallowed. */
  #kept = 0
  #swallowed = 0
  /** What was swallowed of lines that split2 has yet to give, by the number of the line. */
  readonly #cuts = new Map<number, number>()
  #linesIn = 0
  #linesOut = 0
  #offset = 0
  /** Bytes that came in. */
  bytes = 0

  constructor(maxLineBytes: number, units: StreamUnits = 'bytes') {
    this.#units = units
    this.#unitBytes = units === 'bytes' ? 1 : 2
    this.#maxLineUnits = Math.floor(maxLineBytes / this.#unitBytes)
  }

  /** Whether a line has begun whose newline has not come. */
  get hasPartial(): boolean {
    return this.#kept + this.#swallowed > 0
  }

  /** The lines that these bytes complete. */
  push(bytes: Uint8Array): StreamLine[] {
    this.bytes += bytes.length
    const text = this.#textOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length))
    this.#splitter.write(this.#guard(text))
    return this.#takeLines(false)
  }

  /** The lines as bytes again, each with its newline; what is UTF-16 comes out as UTF-16LE. */
  bytesOf(text: string): Buffer {
    return Buffer.from(text, this.#units === 'bytes' ? 'latin1' : 'utf16le')
  }

  /** The line that has no end yet, taken as it is; what follows is a new line. */
  takePartial(): StreamLine | undefined {
    if (!this.hasPartial) return undefined
    this.#endLine()
    // split2 gives a line only at its newline; the extra byte is none of the stream's.
    this.#splitter.write('\n')
    return this.#takeLines(true)[0]
  }

  /** The last line, if it has no newline. */
  async end(): Promise<StreamLine[]> {
    const last = this.takePartial()
    this.#splitter.end()
    this.#splitter.resume()
    await finished(this.#splitter)
    return last ? [last] : []
  }

  #textOf(bytes: Buffer): string {
    if (this.#units === 'bytes') return bytes.toString('latin1')
    const all = Buffer.concat([this.#half, bytes])
    const whole = all.length - (all.length % 2)
    this.#half = Buffer.from(all.subarray(whole))
    const units = all.subarray(0, whole)
    return (this.#units === 'utf-16le' ? units : units.swap16()).toString('utf16le')
  }

  /** The text that split2 may see: no line of it is longer than the bound. */
  #guard(text: string): string {
    const parts: string[] = []
    let start = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      parts.push(this.#keep(text, start, end), '\n')
      this.#endLine()
      start = end + 1
    }
    parts.push(this.#keep(text, start, text.length))
    return parts.join('')
  }

  #keep(text: string, start: number, end: number): string {
    const room = Math.min(end - start, this.#maxLineUnits - this.#kept)
    this.#kept += room
    this.#swallowed += end - start - room
    return text.slice(start, start + room)
  }

  #endLine(): void {
    if (this.#swallowed > 0) this.#cuts.set(this.#linesIn, this.#swallowed)
    this.#linesIn++
    this.#kept = 0
    this.#swallowed = 0
  }

  #takeLines(partial: boolean): StreamLine[] {
    const lines: StreamLine[] = []
    for (;;) {
      const text: unknown = this.#splitter.read()
      if (typeof text !== 'string') return lines
      const swallowed = this.#cuts.get(this.#linesOut) ?? 0
      this.#cuts.delete(this.#linesOut++)
      const from = this.#offset
      this.#offset += (text.length + swallowed + (partial ? 0 : 1)) * this.#unitBytes
      lines.push({ text, from, to: this.#offset, truncated: swallowed > 0, partial })
    }
  }
}
