import { Buffer } from 'node:buffer'
import { setImmediate } from 'node:timers/promises'
import { crc32 } from 'node:zlib'
import { Kernel } from './kernel.ts'

/** How far back a match may reach. */
const historyBytes = 32 * 1024
/** About a millisecond of work, after which the event loop has its turn. Larger ones compress no better. */
export const sliceBytes = 256 * 1024

/** As many bytes as a slice can become at worst: `wasm/deflate/deflate.ts` says why. */
const sliceBound = sliceBytes + (sliceBytes >> 12) + 64

/** A member of RFC 1952 without name and time: the same body gives the same bytes. */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff])

/**
 * Compresses in gzip's format on the calling thread, as small as zlib's level 1 in two thirds of its time
 * (`bench/compression.ts`).
 */
export class Gzip {
  /** Of its own: between two slices of a body the kernel remembers the stream, and there is but one of these. */
  readonly #kernel = new Kernel()
  readonly #input = this.#kernel.reserve(historyBytes + sliceBytes)
  readonly #output = this.#kernel.reserve(sliceBound)
  /** Who comes while a body is compressed waits. */
  #last: Promise<unknown> = Promise.resolve()

  /** The bytes must stay as they are until it resolves. What comes back is the caller's. */
  async compress(bytes: Uint8Array): Promise<Buffer> {
    const parts: Buffer[] = []
    await this.compressTo(bytes, (part) => parts.push(Buffer.from(part)))
    return Buffer.concat(parts)
  }

  /** The same, part by part. A part is good until `take` returns: it lies in the kernel's memory. */
  compressTo(bytes: Uint8Array, take: (part: Uint8Array) => void): Promise<void> {
    const result = this.#last.then(() => this.#compress(bytes, take))
    this.#last = result.catch(() => {})
    return result
  }

  async #compress(bytes: Uint8Array, take: (part: Uint8Array) => void): Promise<void> {
    take(header)
    let checksum = 0
    this.#kernel.functions.deflateStart()
    for (let from = 0; from === 0 || from < bytes.length; from += sliceBytes) {
      if (from > 0) await setImmediate()
      const slice = bytes.subarray(from, from + sliceBytes)
      checksum = crc32(slice, checksum)
      take(this.#slice(bytes, from, slice))
    }
    const trailer = Buffer.alloc(8)
    trailer.writeUInt32LE(checksum, 0)
    trailer.writeUInt32LE(bytes.length % 2 ** 32, 4)
    take(trailer)
  }

  /** The slice lies behind the end of the one before it. */
  #slice(bytes: Uint8Array, from: number, slice: Uint8Array): Buffer {
    const { bytes: memory, functions } = this.#kernel
    const at = this.#input + historyBytes
    const history = Math.min(from, historyBytes)
    memory.set(bytes.subarray(from - history, from), at - history)
    memory.set(slice, at)
    const isLast = from + slice.length === bytes.length
    const end = functions.deflateSlice(at, at + slice.length, this.#output, isLast)
    return memory.subarray(this.#output, end)
  }
}
