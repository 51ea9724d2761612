import type { Clock } from '../../core/clock.ts'
import { limits } from '../../core/limits.ts'

interface Refusal {
  readonly segment: number
  /** The sector's place in its file. */
  readonly at: number
  readonly sinceMs: number
  isGivenUp: boolean
}

/**
 * How long a place that the disk cannot read (EIO) is tried again before what stands there counts as damaged. A disk that
 * is away for a while (a path that fails over, a cable) refuses every sector: given up at once, a whole buffer would be
 * gone within a second.
 */
export class Patience {
  readonly #clock: Clock
  #refusal: Refusal | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  isOver(segment: number, at: number): boolean {
    const known = this.#refusal?.segment === segment ? this.#refusal : undefined
    // Given up before, and met again on the way to the next one.
    if (known && at < known.at) return true
    if (known?.at === at) {
      known.isGivenUp ||= this.#clock.monotonic() - known.sinceMs >= limits.unreadableMs
      return known.isGivenUp
    }
    // A larger piece of the disk is broken: one more try for each sector of it, not half a minute.
    const isNeighbour = known?.isGivenUp === true && at - known.at <= limits.sectorBytes
    const sinceMs = isNeighbour ? known.sinceMs : this.#clock.monotonic()
    this.#refusal = { segment, at, sinceMs, isGivenUp: false }
    return false
  }
}
