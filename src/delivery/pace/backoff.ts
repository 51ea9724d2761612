import { limits } from '../../core/limits.ts'

/** Ceilings in ms: of the first wait, and the one that doubling ends at (`retry.min`, `retry.max`). */
export interface BackoffRange {
  readonly min: number
  readonly max: number
}

/**
 * How long to wait after the `failures`-th failure in a row: anywhere between 0 and a ceiling that doubles (full
 * jitter), so that a fleet that lost its server at one moment does not come back at one moment. `jitter` is from
 * [0, 1) and drawn anew for each attempt.
 */
export function backoffMs(failures: number, range: BackoffRange, jitter: number): number {
  const ceiling = Math.min(range.max, range.min * 2 ** Math.max(0, failures - 1))
  return jitter * ceiling
}

/**
 * The server's `Retry-After` wins over the backoff, cut at `limits.retryAfterMs`. A little is added (up to
 * `retry.min`): every agent of a fleet was told the same moment.
 */
export function retryDelayMs(
  failures: number,
  range: BackoffRange,
  jitter: number,
  retryAfterMs?: number,
): number {
  if (retryAfterMs === undefined || !(retryAfterMs > 0)) return backoffMs(failures, range, jitter)
  return Math.min(retryAfterMs, limits.retryAfterMs) + backoffMs(1, range, jitter)
}
