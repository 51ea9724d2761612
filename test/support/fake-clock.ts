import type { Cancel, Clock } from '../../src/core/clock.ts'

interface Timer {
  readonly at: number
  readonly callback: () => void
}

/** A clock that stands still until a test moves it. Timers fire in order, and microtasks run between them. */
export class FakeClock implements Clock {
  #nowMs: number
  #monotonicMs = 0
  readonly #timers = new Set<Timer>()

  constructor(nowMs = Date.UTC(2026, 0, 1)) {
    this.#nowMs = nowMs
  }

  now(): number {
    return this.#nowMs
  }

  monotonic(): number {
    return this.#monotonicMs
  }

  after(delayMs: number, callback: () => void): Cancel {
    const timer = { at: this.#monotonicMs + delayMs, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  get pendingTimers(): number {
    return this.#timers.size
  }

  /** Moves both clocks on, firing what falls due; real I/O that the callbacks start gets turns of the event loop. */
  async advance(ms: number): Promise<void> {
    const end = this.#monotonicMs + ms
    for (;;) {
      const due = [...this.#timers].filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
      if (!due) break
      this.#timers.delete(due)
      this.#move(Math.max(due.at - this.#monotonicMs, 0))
      due.callback()
      await turn()
    }
    this.#move(end - this.#monotonicMs)
    await turn()
  }

  /** Moves the wall clock alone, as an operator or NTP does. */
  jump(ms: number): void {
    this.#nowMs += ms
  }

  #move(ms: number): void {
    this.#nowMs += ms
    this.#monotonicMs += ms
  }
}

/** Lets what is ready in the event loop run. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Moves time on by `pass`, again and again, until the work is done. What needs no time is done before any passes. */
export async function whileTimePasses<Result>(
  work: Promise<Result>,
  pass: () => Promise<void>,
): Promise<Result> {
  const state = { isDone: false }
  const settled = work.then(
    () => (state.isDone = true),
    () => (state.isDone = true),
  )
  for (let turns = 0; turns < 40 && !state.isDone; turns += 1) await Promise.race([settled, turn()])
  while (!state.isDone) await pass()
  return work
}

/** Waits (in real time, bounded) until `condition` holds: for tests with real files and processes. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`timed out waiting until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
