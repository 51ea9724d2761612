/**
 * How many requests may be in flight: one more for each round that goes well, half as many when the server says that
 * it is too much (429, 5xx, timeouts). It starts at one, so that a fleet that starts together does not arrive together.
 */
export class Concurrency {
  readonly #most: number
  #limit = 1
  #loweredMs = -1

  constructor(most: number) {
    this.#most = most
  }

  get limit(): number {
    return Math.floor(this.#limit)
  }

  raise(): void {
    this.#limit = Math.min(this.#most, this.#limit + 1 / this.#limit)
  }

  /** Requests that were on their way when it was lowered last tell nothing new: a burst of refusals halves once. */
  lower(startedMs: number, nowMs: number): void {
    if (startedMs < this.#loweredMs) return
    this.#loweredMs = nowMs
    this.#limit = Math.max(1, this.#limit / 2)
  }
}
