import type { Instant } from '../core/event.ts'

/** What the next bump depends on; both lanes of a file go on from it. */
export interface BumpState {
  /** The last time that a line named itself. Lines without a time between two of those must not make them equal. */
  lastTime: Instant
  lastBump: number
  /** The newest time of reading that was given out. Own times between two of those must not make them equal either. */
  lastReading: Instant
  lastReadingBump: number
}

/** What the clock of reading knows no more exactly. */
const readingNanos = 1e6

/**
 * What Loki's copy of each time gets on top: in a run of equal times 0, 1, 2 … ns, or Loki would store equal lines at
 * equal times once. Own times and times of reading are a run each, and neither falls on or before the other where they
 * meet. Fixed when the event is made; the run of own times is kept in the checkpoint, so that a restart goes on with it.
 */
export class Bumps implements BumpState {
  lastTime: Instant
  lastBump: number
  lastReading: Instant = { seconds: 0, nanos: 0 }
  lastReadingBump = 0

  constructor(lastTime: Instant, lastBump: number) {
    this.lastTime = lastTime
    this.lastBump = lastBump
  }

  next(time: Instant): number {
    const apart = bumpAfter(time, this.lastReading, this.lastReadingBump)
    const bump = Math.max(bumpAfter(time, this.lastTime, this.lastBump), apart)
    this.lastTime = time
    this.lastBump = bump
    return bump
  }

  nextOfReading(time: Instant): number {
    const behindOwn = bumpOfReadingAfter(time, this.lastTime, this.lastBump)
    const bump = Math.max(bumpAfter(time, this.lastReading, this.lastReadingBump), behindOwn)
    this.lastReading = time
    this.lastReadingBump = bump
    return bump
  }
}

/** One more than the last copy of the time where this one would fall on or before it, else nothing. */
function bumpAfter(time: Instant, last: Instant, lastBump: number): number {
  const behind = nanosFrom(last, time)
  return behind >= 0 && behind <= lastBump ? lastBump - behind + 1 : 0
}

/**
 * The same of a time of reading after an own one, which may name nanoseconds of the very millisecond of the reading. One
 * beyond it says that the clocks differ: then the run of own times goes on by itself.
 */
function bumpOfReadingAfter(time: Instant, last: Instant, lastBump: number): number {
  const ahead = nanosFrom(time, last)
  return ahead < readingNanos && ahead + lastBump >= 0 ? ahead + lastBump + 1 : 0
}

const nanosFrom = (first: Instant, second: Instant): number =>
  (second.seconds - first.seconds) * 1e9 + second.nanos - first.nanos
