import type { Instant } from '../../../core/event.ts'
import type { Clock } from '../../../core/clock.ts'
import type { Stream } from './streams.ts'

/** Half of Loki's `max_chunk_age` (2h): what lies further behind its stream's newest entry is refused. */
export const windowSeconds = 3600
/** `creation_grace_period`: entries further ahead are refused, so they never become a stream's newest. */
const graceSeconds = 600

/** Says before sending which entries Loki would refuse as too far behind their stream. */
export class LateWatch {
  readonly #clock: Clock
  /** Times up to here are taken as they come; beyond, the clock is asked again. */
  #trustedUntil = -Infinity

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Notes an entry on its way to the stream; true if it is too far behind. */
  isLate(stream: Stream, time: Instant): boolean {
    const seconds = time.seconds + time.nanos / 1e9
    if (seconds < stream.newest - windowSeconds) return true
    if (seconds > stream.newest && this.#isAccepted(seconds)) stream.newest = seconds
    return false
  }

  /**
   * Notes entries of one stream on their way to it; false if some of them may be late: then none is noted, and `isLate` has
   * to be asked about each, in their order.
   */
  areInTime(stream: Stream, { low, high }: { readonly low: number; readonly high: number }): boolean {
    if (low < Math.max(stream.newest, high) - windowSeconds) return false
    if (high <= stream.newest) return true
    if (!this.#isAccepted(high)) return false
    stream.newest = high
    return true
  }

  #isAccepted(seconds: number): boolean {
    if (seconds <= this.#trustedUntil) return true
    this.#trustedUntil = this.#clock.now() / 1000 + graceSeconds
    return seconds <= this.#trustedUntil
  }
}
