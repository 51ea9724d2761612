import { Buffer } from 'node:buffer'

/** Entries of six ordinary records. */
const slabBytes = 2 * 1024 ** 2
/** As much as may wait unused: 4 MiB more than are open at once in a steady flow. */
const mostFree = 6

/** The entries of one record, from when it is dealt until requests are made of them. */
export interface EntryBytes {
  readonly bytes: Buffer
  /** So many of the record's entries are not needed any more. After the last one the memory is another record's. */
  giveUp(entries: number): void
}

interface Slab {
  readonly bytes: Buffer
  users: number
}

/**
 * Memory for entries, used again: else each gigabyte that is sent leaves one outside of V8's heap to the collector. What
 * is never given up (events that became items, or were skipped) takes its slab the way of all garbage.
 */
export class EntryMemory {
  readonly #free: Slab[] = []
  #slab: Slab | undefined
  #used = 0

  /** A copy of the bytes of so many entries. */
  keep(entries: Uint8Array, count: number): EntryBytes {
    if (entries.length > slabBytes) return { bytes: Buffer.from(entries), giveUp() {} }
    const slab = this.#slabFor(entries.length)
    const start = this.#used
    slab.bytes.set(entries, start)
    this.#used += entries.length
    slab.users += 1
    let left = count
    return {
      bytes: slab.bytes.subarray(start, this.#used),
      giveUp: (given) => {
        left -= given
        if (left === 0) this.#release(slab)
      },
    }
  }

  #slabFor(bytes: number): Slab {
    if (this.#slab && this.#used + bytes <= slabBytes) return this.#slab
    const full = this.#slab
    this.#slab = this.#free.pop() ?? { bytes: Buffer.allocUnsafeSlow(slabBytes), users: 0 }
    this.#slab.users = 1
    this.#used = 0
    if (full) this.#release(full)
    return this.#slab
  }

  #release(slab: Slab): void {
    slab.users -= 1
    if (slab.users === 0 && this.#free.length < mostFree) this.#free.push(slab)
  }
}
