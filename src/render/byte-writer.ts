/** Up to here numbers stay small integers for the engine. */
const maxSmall = 2 ** 30 - 1

/**
 * One growing buffer that documents and requests are written into, so that an event costs no object and no string.
 * Short ASCII text is written in a loop: below some twenty characters the call into the native writer costs more than
 * the bytes (Node 20: 12 characters 14 ns against 60).
 */
export class ByteWriter {
  bytes: Buffer
  length = 0

  constructor(initialBytes = 64 * 1024) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(initialBytes, 64))
  }

  /** Makes room for `count` more bytes. `bytes` may be another buffer afterwards. */
  reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.length)
    this.bytes = grown
  }

  byte(value: number): void {
    this.reserve(1)
    this.bytes[this.length++] = value
  }

  /** Text of ASCII characters only. */
  ascii(text: string): void {
    const count = text.length
    this.reserve(count)
    if (count > 24) {
      this.length += this.bytes.write(text, this.length, 'latin1')
      return
    }
    const bytes = this.bytes
    let at = this.length
    for (let index = 0; index < count; index++) bytes[at++] = text.charCodeAt(index)
    this.length = at
  }

  utf8(text: string): void {
    this.reserve(text.length * 3)
    this.length += this.bytes.write(text, this.length, 'utf8')
  }

  copy(source: Uint8Array): void {
    this.reserve(source.length)
    this.bytes.set(source, this.length)
    this.length += source.length
  }

  /**
   * Copies `length` bytes of `source` but the first: for what opens with a brace that is there already.
   */
  copyOver(source: Buffer, from: number, length: number): void {
    const at = this.length - 1
    this.reserve(length)
    const last = this.bytes[at]!
    source.copy(this.bytes, at, from, from + length)
    this.bytes[at] = last
    this.length = at + length
  }

  /** Some tens of bytes: a loop costs less than the call into the native copy. */
  copyShort(source: Uint8Array, from: number, length: number): void {
    this.reserve(length)
    const bytes = this.bytes
    const at = this.length
    for (let index = 0; index < length; index++) bytes[at + index] = source[from + index]!
    this.length = at + length
  }

  /** Copies `source[from, to)`. */
  copyPart(source: Uint8Array, from: number, to: number): void {
    if (to > from) this.copy(from === 0 && to === source.length ? source : source.subarray(from, to))
  }

  /** A whole number from 0 to 2^53 in decimal digits. */
  decimal(value: number): void {
    if (value > maxSmall) {
      this.ascii(String(value))
      return
    }
    this.reserve(10)
    let digits = 1
    for (let bound = 10; bound <= value; bound *= 10) digits++
    let at = (this.length += digits)
    let rest = value
    do {
      const quotient = (rest / 10) | 0
      this.bytes[--at] = 48 + (rest - quotient * 10)
      rest = quotient
    } while (rest > 0)
  }

  /** A whole number from 0 to 2^53 in base 36, as `toString(36)` writes it, without making the string. */
  base36(value: number): void {
    if (value > maxSmall) {
      this.ascii(value.toString(36))
      return
    }
    this.reserve(6)
    let digits = 1
    for (let bound = 36; bound <= value; bound *= 36) digits++
    let at = (this.length += digits)
    let rest = value
    do {
      const quotient = (rest / 36) | 0
      const digit = rest - quotient * 36
      this.bytes[--at] = digit < 10 ? 48 + digit : 87 + digit
      rest = quotient
    } while (rest > 0)
  }

  clear(): void {
    this.length = 0
  }

  /** What was written; only valid until the next write. */
  view(from = 0): Buffer {
    return this.bytes.subarray(from, this.length)
  }

  text(from = 0): string {
    return this.bytes.toString('utf8', from, this.length)
  }

  /** Hands out what was written for good, and begins a new buffer. */
  take(nextBytes: number): Buffer {
    const taken = this.view()
    this.bytes = Buffer.allocUnsafeSlow(Math.max(nextBytes, 64))
    this.length = 0
    return taken
  }
}
