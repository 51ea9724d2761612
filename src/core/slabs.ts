/** Two or three records of an ordinary read fit, or their entries for Loki. */
export const slabBytes = 2 * 1024 ** 2

export interface SlabsOptions {
  /**
   * As many may wait unused: above it the garbage collector gets what a backlog or a slow sink took for a while. Batches settle
   * by the dozen: with 8, half of the slabs of a busy agent's records were made anew (77 MB for each gigabyte).
   */
  readonly mostFree?: number
  /** For tests, which see then what is read after its release. */
  readonly overwrites?: boolean
}

/**
 * Memory that records, or their entries, lie in, used again once nobody reads it: else each gigabyte that passes leaves a
 * gigabyte outside of V8's heap to a collector that looks at it too late (RSS) or too often (CPU: 3 s a GB). Whoever keeps
 * some of it retains it. To forget a release costs nothing but that: the slab goes the way of all garbage.
 */
export class Slab {
  readonly bytes: Buffer
  readonly view: DataView
  readonly #free: (slab: Slab) => void
  #users = 1

  constructor(bytes: number, free: (slab: Slab) => void) {
    this.bytes = Buffer.allocUnsafeSlow(bytes)
    this.view = new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength)
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
  readonly #mostFree: number
  readonly #overwrites: boolean

  constructor({ mostFree = 16, overwrites = false }: SlabsOptions = {}) {
    this.#mostFree = mostFree
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
    if (this.#free.length < this.#mostFree) this.#free.push(slab)
  }
}
