import { Buffer } from 'node:buffer'
import { viewOf } from './format/bytes.ts'

/** Two or three records of an ordinary read fit. */
export const slabBytes = 2 * 1024 ** 2
/** As much as may wait unused: above it the garbage collector gets what a backlog or a slow sink took for a while. */
const mostFree = 8

/**
 * Memory that records lie in, used again once nobody reads it: else each gigabyte that passes leaves a gigabyte outside
 * of V8's heap to a collector that looks at it too late (RSS) or too often (CPU: 3 s a GB). Whoever keeps a record
 * retains it. To forget a release costs nothing but that: the slab goes the way of all garbage.
 */
export class Slab {
  readonly bytes: Buffer
  readonly view: DataView
  readonly #free: (slab: Slab) => void
  #users = 1

  constructor(bytes: number, free: (slab: Slab) => void) {
    this.bytes = Buffer.allocUnsafeSlow(bytes)
    this.view = viewOf(this.bytes)
    this.#free = free
  }

  retain(): void {
    this.#users += 1
  }

  release(): void {
    // Memory that is handed out twice would send one event's bytes as another's: better no agent than that.
    if (this.#users === 0) throw new Error('a slab was released once too often')
    this.#users -= 1
    if (this.#users === 0) this.#free(this)
  }
}

export class Slabs {
  readonly #free: Slab[] = []
  readonly #overwrites: boolean

  /** `overwrites`: for tests, which see then what is read after its release. */
  constructor({ overwrites = false } = {}) {
    this.#overwrites = overwrites
  }

  /** One that holds at least `bytes`, retained once for the caller. */
  take(bytes: number): Slab {
    if (bytes > slabBytes) return new Slab(bytes, () => {})
    const slab = this.#free.pop()
    if (!slab) return new Slab(slabBytes, (unused) => this.#keep(unused))
    slab.retain()
    return slab
  }

  #keep(slab: Slab): void {
    if (this.#overwrites) slab.bytes.fill(0xdb)
    if (this.#free.length < mostFree) this.#free.push(slab)
  }
}
