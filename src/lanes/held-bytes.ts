import { limits } from '../core/limits.ts'

/** What one held line costs beside its bytes: a buffer, its place in a list, its stretch. */
const overhead = 200

/** The memory for lines that wait, shared by all files of a source: thousands of files with a line each are usual. */
export class HeldBytes {
  readonly #most: number
  #bytes = 0

  constructor(most: number = limits.heldLineBytes) {
    this.#most = most
  }

  /** What so many parts cost, or 0 where there is no room: nothing is taken then. */
  reserve(parts: number, bytes: number): number {
    const wanted = bytes + parts * overhead
    if (this.#bytes + wanted > this.#most) return 0
    this.#bytes += wanted
    return wanted
  }

  release(bytes: number): void {
    this.#bytes -= bytes
  }

  get bytes(): number {
    return this.#bytes
  }
}
