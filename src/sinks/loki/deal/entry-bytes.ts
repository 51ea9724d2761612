import type { Buffer } from 'node:buffer'
import { Slabs, type Slab } from '../../../core/slabs.ts'

/** As much as may wait unused: 4 MiB more than are open at once in a steady flow. */
const mostFree = 6

/** The entries of one record, from when it is dealt until requests are made of them. */
export interface EntryBytes {
  readonly bytes: Buffer
  /** So many of the record's entries are not needed any more. After the last one the memory is another record's. */
  giveUp(entries: number): void
}

/**
 * Memory for entries, those of some records in each slab. What is never given up (events that became items, or were skipped)
 * takes its slab the way of all garbage.
 */
export class EntryMemory {
  readonly #slabs = new Slabs({ mostFree })
  #slab: Slab | undefined
  #used = 0

  /** A copy of the bytes of so many entries. */
  keep(entries: Uint8Array, count: number): EntryBytes {
    const slab = this.#slabFor(entries.length)
    const start = this.#used
    slab.bytes.set(entries, start)
    this.#used += entries.length
    slab.retain()
    let left = count
    return {
      bytes: slab.bytes.subarray(start, this.#used),
      giveUp(given) {
        left -= given
        if (left === 0) slab.release()
      },
    }
  }

  #slabFor(bytes: number): Slab {
    if (this.#slab && this.#used + bytes <= this.#slab.bytes.length) return this.#slab
    const full = this.#slab
    this.#slab = this.#slabs.take(bytes)
    this.#used = 0
    full?.release()
    return this.#slab
  }
}
