import type { Instant } from '../core/event.ts'

/** What the next bump depends on; both lanes of a file go on from it. */
export interface BumpState {
  lastTime: Instant
  lastBump: number
  /** The newest time of reading that was given out. Own times between two of those must not make them equal. */
  lastReading: Instant
  lastReadingBump: number
}

/**
 * What Loki's copy of each time gets on top: in a run of equal times 0, 1, 2 … ns, or Loki would store equal lines at
 * equal times once. Fixed when the event is made and kept in the checkpoint, so that a restart goes on with the run.
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
    const bump = bumpAfter(time, this.lastTime, this.lastBump)
    this.lastTime = time
    this.lastBump = bump
    return bump
  }

  nextOfReading(time: Instant): number {
    const apart = bumpAfter(time, this.lastReading, this.lastReadingBump)
    const bump = Math.max(this.next(time), apart)
    this.lastBump = bump
    this.lastReading = time
    this.lastReadingBump = bump
    return bump
  }
}

/** One more than the last copy of the time where this one would fall on or before it, else nothing. */
function bumpAfter(time: Instant, last: Instant, lastBump: number): number {
  const behind = (time.seconds - last.seconds) * 1e9 + time.nanos - last.nanos
  return behind >= 0 && behind <= lastBump ? lastBump - behind + 1 : 0
}
