import { limits } from '../../core/limits.ts'

/**
 * `Retry-After` in ms, from a number of seconds or an HTTP date, cut at `limits.retryAfterMs` (a wrong clock at the
 * server must not stop us for a day). Undefined for what is missing, past, negative or no time at all: then the
 * ordinary backoff holds.
 */
export function retryAfterMs(
  header: string | readonly string[] | undefined,
  nowMs: number,
): number | undefined {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim()
  if (!text) return undefined
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : untilDate(text, nowMs)
  if (!Number.isFinite(waitMs) || waitMs <= 0) return undefined
  return Math.min(Math.ceil(waitMs), limits.retryAfterMs)
}

/** Only the forms of RFC 9110, which all begin with a weekday: `Date.parse` alone would take `-1` for a year. */
function untilDate(text: string, nowMs: number): number {
  return /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text) ? Date.parse(text) - nowMs : NaN
}
