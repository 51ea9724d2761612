/** Time as a parameter: tests move it by hand, so that none of them sleeps. */
export interface Clock {
  /** Milliseconds since 1970, wall clock. May jump; only for times that people read. */
  now(): number
  /** Milliseconds since some start, never going back. For every interval and deadline. */
  monotonic(): number
  /**
   * Calls `callback` once after `delayMs`. The handle cancels it; a pending call doesn't keep the process alive by itself
   * unless `keepAlive`.
   */
  after(delayMs: number, callback: () => void, keepAlive?: boolean): Cancel
}

export type Cancel = () => void

/** Resolves after `delayMs`, or as soon as `signal` aborts (it never rejects). */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const finish = (): void => {
      cancel()
      signal?.removeEventListener('abort', finish)
      resolve()
    }
    const cancel = clock.after(delayMs, finish, true)
    signal?.addEventListener('abort', finish, { once: true })
  })
}

/** Resolves as soon as `signal` aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
