import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'

/** How long lines of pods that nobody knows yet may wait: once for each pod, not for each of its files. */
export class PodWaits {
  readonly #clock: Clock
  readonly #waitMs: number
  readonly #onGivenUp: (pod: string) => void
  /** By key: when (monotonic ms) the wait ends; `givenUp` behind it. */
  readonly #ends = new Map<string, number>()

  constructor(clock: Clock, waitMs: number, onGivenUp: (pod: string) => void) {
    this.#clock = clock
    this.#waitMs = waitMs
    this.#onGivenUp = onGivenUp
  }

  /** Until when to wait, or undefined where it has been long enough. */
  untilMs(pod: string): number | undefined {
    const now = this.#clock.monotonic()
    const endMs = this.#ends.get(pod)
    if (endMs === undefined) {
      this.#remember(pod, now + this.#waitMs)
      if (this.#waitMs > 0) return now + this.#waitMs
    } else if (endMs === givenUp) return undefined
    else if (now < endMs) return endMs
    this.#ends.set(pod, givenUp)
    this.#onGivenUp(pod)
    return undefined
  }

  /** It is known now. */
  end(pod: string): void {
    this.#ends.delete(pod)
  }

  /** A pod whose wait is forgotten waits once more; nothing worse. */
  #remember(pod: string, endMs: number): void {
    if (this.#ends.size >= limits.podsKept) this.#ends.delete(this.#ends.keys().next().value!)
    this.#ends.set(pod, endMs)
  }
}

const givenUp = Number.NEGATIVE_INFINITY
