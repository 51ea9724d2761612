import { Buffer } from 'node:buffer'
import { GrowingRegion } from './growing-region.ts'
import type { Kernel } from './kernel.ts'

/** Compresses in snappy's block format (`wasm/snappy.ts` has the figures). */
export class Snappy {
  readonly #kernel: Kernel
  readonly #input: GrowingRegion
  readonly #output: GrowingRegion

  constructor(kernel: Kernel) {
    this.#kernel = kernel
    this.#input = new GrowingRegion(kernel)
    this.#output = new GrowingRegion(kernel)
  }

  /** About a millisecond for each MiB. The bytes that come back are the caller's. */
  compress(bytes: Uint8Array): Buffer {
    const at = this.#input.of(bytes.length)
    this.#kernel.bytes.set(bytes, at)
    return this.compressAt(at, at + bytes.length)
  }

  /** Compresses what lies in the kernel's memory, `[from, end)`. */
  compressAt(from: number, end: number): Buffer {
    const out = this.#output.of(snappyBound(end - from))
    const outEnd = this.#kernel.functions.snappyCompress(from, end, out)
    return Buffer.from(this.#kernel.bytes.subarray(out, outEnd))
  }
}

/** As many bytes as so many can become at worst: `wasm/snappy.ts` says why. */
export function snappyBound(bytes: number): number {
  return bytes + (bytes >> 10) + 16
}
