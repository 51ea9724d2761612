import type { Cancel, Clock } from '../../core/clock.ts'
import { Bell } from './bell.ts'
import type { Generation } from './generation.ts'

/**
 * Who reads next. Files that have something wait in one line and get one turn each, so that a busy file delays the
 * others by one read, never more; files that wait for a time (an unfinished line, fragments) come when it has passed.
 */
export class Schedule {
  readonly #clock: Clock
  readonly #line = new Set<Generation>()
  readonly #timed = new Set<Generation>()
  #cancelTimer: Cancel = () => {}
  #timerAtMs = Infinity
  readonly #bell = new Bell()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** A turn as soon as those before it had theirs. */
  soon(generation: Generation): void {
    generation.isIdle = false
    if (generation.isGone || this.#line.has(generation)) return
    this.#line.add(generation)
    this.#bell.ring()
  }

  /** A turn at `generation.dueAtMs`, if that is set. */
  later(generation: Generation): void {
    if (generation.dueAtMs === Infinity || generation.isGone) this.#timed.delete(generation)
    else this.#timed.add(generation)
    if (generation.dueAtMs < this.#timerAtMs) this.#arm(generation.dueAtMs)
  }

  forget(generation: Generation): void {
    this.#line.delete(generation)
    this.#timed.delete(generation)
  }

  has(generation: Generation): boolean {
    return this.#line.has(generation)
  }

  next(): Generation | undefined {
    for (const generation of this.#line) {
      this.#line.delete(generation)
      return generation
    }
    return undefined
  }

  /** Resolves when there may be something to do. */
  async wait(): Promise<void> {
    if (this.#line.size === 0) await this.#bell.wait()
  }

  stop(): void {
    this.#cancelTimer()
    this.#timerAtMs = Infinity
    this.#bell.ring()
  }

  #arm(atMs: number): void {
    this.#cancelTimer()
    this.#timerAtMs = atMs
    const delayMs = Math.max(atMs - this.#clock.monotonic(), 0)
    this.#cancelTimer = this.#clock.after(delayMs, () => this.#fire())
  }

  #fire(): void {
    this.#timerAtMs = Infinity
    const now = this.#clock.monotonic()
    let nextMs = Infinity
    for (const generation of this.#timed) {
      if (generation.dueAtMs <= now) {
        this.#timed.delete(generation)
        this.soon(generation)
      } else if (generation.dueAtMs < nextMs) nextMs = generation.dueAtMs
    }
    if (nextMs !== Infinity) this.#arm(nextMs)
  }
}
