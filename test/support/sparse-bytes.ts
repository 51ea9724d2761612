import { Buffer } from 'node:buffer'

const pageBytes = 4096

/** Contents of a file that only takes memory where something was written. */
export class SparseBytes {
  size = 0
  #pages = new Map<number, Buffer>()
  /** Pages that no copy shares: others are copied before they are changed. */
  readonly #own = new Set<number>()

  static from(bytes: Uint8Array): SparseBytes {
    const sparse = new SparseBytes()
    sparse.write(0, bytes)
    return sparse
  }

  /** Bytes that it takes on the disk. */
  get used(): number {
    return this.#pages.size * pageBytes
  }

  copy(): SparseBytes {
    const copy = new SparseBytes()
    copy.size = this.size
    copy.#pages = new Map(this.#pages)
    this.#own.clear()
    return copy
  }

  read(at: number, length: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, Math.min(length, this.size - at)))
    for (const { number, from, start, count } of piecesOf(at, bytes.length)) {
      this.#pages.get(number)?.copy(bytes, start, from, from + count)
    }
    return bytes
  }

  /** Writes as much as `free` bytes of new pages allow; returns how much that was. */
  write(at: number, bytes: Uint8Array, free = Infinity): number {
    let left = free
    let written = 0
    for (const { number, from, start, count } of piecesOf(at, bytes.length)) {
      if (!this.#pages.has(number)) {
        if (left < pageBytes) break
        left -= pageBytes
      }
      this.#ownPage(number).set(bytes.subarray(start, start + count), from)
      written += count
    }
    if (written > 0) this.size = Math.max(this.size, at + written)
    return written
  }

  truncate(size: number): void {
    this.size = size
    for (const number of this.#pages.keys()) {
      if (number * pageBytes >= size) this.#pages.delete(number)
      else if ((number + 1) * pageBytes > size) this.#ownPage(number).fill(0, size - number * pageBytes)
    }
  }

  #ownPage(number: number): Buffer {
    const known = this.#pages.get(number)
    if (known && this.#own.has(number)) return known
    const page = known ? Buffer.from(known) : Buffer.alloc(pageBytes)
    this.#pages.set(number, page)
    this.#own.add(number)
    return page
  }
}

function* piecesOf(
  at: number,
  length: number,
): Generator<{ number: number; from: number; start: number; count: number }> {
  let start = 0
  while (start < length) {
    const number = Math.floor((at + start) / pageBytes)
    const from = (at + start) % pageBytes
    const count = Math.min(pageBytes - from, length - start)
    yield { number, from, start, count }
    start += count
  }
}
