import type { Kernel } from './kernel.ts'

/**
 * Room in a kernel's memory for the time of one call. The kernel takes nothing back, so each region is at least twice
 * the one before: all that were given up together are smaller than the one in use.
 */
export class GrowingRegion {
  readonly #kernel: Kernel
  #at = 0
  #bytes = 0

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  /** The address of at least `bytes` bytes. What lay there before may be lost; ask for `kernel.bytes` afterwards. */
  of(bytes: number): number {
    if (bytes > this.#bytes) {
      this.#bytes = Math.max(bytes, this.#bytes * 2)
      this.#at = this.#kernel.reserve(this.#bytes)
    }
    return this.#at
  }
}
