import { Buffer } from 'node:buffer'

/** 2^32, for the halves of a number that DataView would only take as a bigint. */
const high = 0x1_0000_0000

/** Writes a number of up to 53 bits as a little-endian u64: offsets above 4 GiB are ordinary. */
export function setU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value, true)
  view.setUint32(at + 4, value / high, true)
}

export function getU64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * high
}

export const viewOf = (bytes: Uint8Array): DataView =>
  new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Appends little-endian fields to a buffer that grows. For headers and other parts that are not hot. */
export class ByteWriter {
  bytes: Buffer
  at: number
  #view: DataView

  /** Writes into `bytes` from `at` on; when they are full, into a larger copy. */
  constructor(bytes: Buffer = Buffer.allocUnsafe(1024), at = 0) {
    this.bytes = bytes
    this.at = at
    this.#view = viewOf(bytes)
  }

  get written(): Buffer {
    return this.bytes.subarray(0, this.at)
  }

  u8(value: number): void {
    this.#reserve(1)
    this.bytes[this.at] = value
    this.at += 1
  }

  u16(value: number): void {
    this.#reserve(2)
    this.#view.setUint16(this.at, value, true)
    this.at += 2
  }

  u32(value: number): void {
    this.#reserve(4)
    this.#view.setUint32(this.at, value, true)
    this.at += 4
  }

  u64(value: number): void {
    this.#reserve(8)
    setU64(this.#view, this.at, value)
    this.at += 8
  }

  f64(value: number): void {
    this.#reserve(8)
    this.#view.setFloat64(this.at, value, true)
    this.at += 8
  }

  raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length)
    this.bytes.set(bytes, this.at)
    this.at += bytes.length
  }

  /** A text of at most 65,535 bytes behind its length as u16. */
  text16(text: string): void {
    this.#reserve(2 + text.length * 3)
    const length = this.bytes.write(text, this.at + 2)
    if (length > 0xffff) throw new RangeError(`text of ${length} bytes does not fit the buffer's format`)
    this.#view.setUint16(this.at, length, true)
    this.at += 2 + length
  }

  text32(text: string): void {
    this.#reserve(4 + text.length * 3)
    const length = this.bytes.write(text, this.at + 4)
    this.#view.setUint32(this.at, length, true)
    this.at += 4 + length
  }

  #reserve(count: number): void {
    if (this.at + count <= this.bytes.length) return
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + count))
    this.bytes.copy(larger, 0, 0, this.at)
    this.bytes = larger
    this.#view = viewOf(larger)
  }
}

/** Reads what a ByteWriter wrote. Throws a RangeError beyond the end: damaged lengths must not read neighbours. */
export class ByteReader {
  at: number
  readonly #bytes: Buffer
  readonly #view: DataView

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes
    this.#view = viewOf(bytes)
    this.at = at
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  u64(): number {
    return getU64(this.#view, this.#advance(8))
  }

  f64(): number {
    return this.#view.getFloat64(this.#advance(8), true)
  }

  /** A copy in memory of its own, so that what is kept of a record keeps neither it nor a shared pool. */
  raw(length: number): Uint8Array {
    const from = this.#advance(length)
    return new Uint8Array(this.#bytes.subarray(from, from + length))
  }

  hex(length: number): string {
    const from = this.#advance(length)
    return this.#bytes.toString('hex', from, from + length)
  }

  text16(): string {
    return this.#text(this.u16())
  }

  text32(): string {
    return this.#text(this.u32())
  }

  #text(length: number): string {
    const from = this.#advance(length)
    return this.#bytes.toString('utf8', from, from + length)
  }

  #advance(count: number): number {
    const from = this.at
    if (from + count > this.#bytes.length) throw new RangeError('the stored bytes end too early')
    this.at = from + count
    return from
  }
}
