import { finished } from 'node:stream/promises'
import split2 from 'split2'

/** One line of a stream, as latin1 text: one character for each byte. */
export interface StreamLine {
  readonly text: string
  /** The bytes `[from, to)` of the stream, newline and what was swallowed included. */
  readonly from: number
  readonly to: number
  readonly truncated: boolean
  /** The stream, or the patience, ended before its newline came. */
  readonly partial: boolean
}

/**
 * Splits a stream of bytes into lines by split2, behind a guard that split2 lacks: it counts bytes (split2 knows no
 * offsets) and swallows what exceeds the bound of a line (its own `maxLength` ends the stream or drops in silence).
 */
export class StreamLines {
  readonly #maxLineBytes: number
  readonly #splitter = split2(/\n/, { decodeStrings: false })
  /** Bytes of the current line that went through, and that were swallowed. */
  #kept = 0
  #swallowed = 0
  /** What was swallowed of lines that split2 has yet to give, by the number of the line. */
  readonly #cuts = new Map<number, number>()
  #linesIn = 0
  #linesOut = 0
  #offset = 0
  /** Bytes that came in. */
  bytes = 0

  constructor(maxLineBytes: number) {
    this.#maxLineBytes = maxLineBytes
  }

  /** Whether a line has begun whose newline has not come. */
  get hasPartial(): boolean {
    return this.#kept + this.#swallowed > 0
  }

  /** The lines that these bytes complete. */
  push(bytes: Uint8Array): StreamLine[] {
    this.bytes += bytes.length
    this.#splitter.write(this.#guard(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)))
    return this.#takeLines(false)
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

  /** The text that split2 may see: no line of it is longer than the bound. */
  #guard(bytes: Buffer): string {
    const parts: string[] = []
    let start = 0
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      parts.push(this.#keep(bytes, start, end), '\n')
      this.#endLine()
      start = end + 1
    }
    parts.push(this.#keep(bytes, start, bytes.length))
    return parts.join('')
  }

  #keep(bytes: Buffer, start: number, end: number): string {
    const room = Math.min(end - start, this.#maxLineBytes - this.#kept)
    this.#kept += room
    this.#swallowed += end - start - room
    return bytes.toString('latin1', start, start + room)
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
      this.#offset += text.length + swallowed + (partial ? 0 : 1)
      lines.push({ text, from, to: this.#offset, truncated: swallowed > 0, partial })
    }
  }
}
