import type { Clock } from '../core/clock.ts'

/** The real clock. Timers keep the process alive only where the caller says so: a pending backoff must not hold up an exit. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(delayMs, callback, keepAlive = false) {
    // setTimeout fires at once for delays above 2^31-1 ms; a timer that long is as good as none.
    const timer = setTimeout(callback, Math.min(delayMs, 2 ** 31 - 1))
    if (!keepAlive) timer.unref()
    return () => clearTimeout(timer)
  },
}
