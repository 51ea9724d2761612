import { daysOfDate, secondsOfTime } from './civil.ts'
import { endOfDigits, isDigit, nanosOfDigits, twoDigits } from './time-value.ts'
import type { ParsedTime } from './time-value.ts'
import { parseOffset } from './time-zone.ts'
import type { TimeZone } from './time-zone.ts'

/**
 * RFC 3339 and its relatives: `2026-01-20T10:00:00.123Z`, `2026-01-20 10:00:00,123` (Python), `2026/01/20 10:00:00`
 * (nginx, Go), offsets `+08:00`, `+0800`, `+08`, a name in brackets behind them (Java), `+0000 UTC` (Go). By hand and not
 * by `Date.parse` or a regex: 32 million a second against 2.9 (research/performance.md 4), and `Date` keeps milliseconds only.
 */
export function parseRfc3339(text: string, zone: TimeZone): ParsedTime | undefined {
  const dateMark = text.charCodeAt(4)
  if (text.length < 16 || isDigit(dateMark) || text.charCodeAt(7) !== dateMark) return undefined
  if (isDigit(text.charCodeAt(10)) || text.charCodeAt(13) !== 58) return undefined
  const year = twoDigits(text, 0) * 100 + twoDigits(text, 2)
  const days = daysOfDate(year, twoDigits(text, 5), twoDigits(text, 8))
  const hasSeconds = text.charCodeAt(16) === 58
  const second = hasSeconds ? twoDigits(text, 17) : 0
  const local = secondsOfTime(days, twoDigits(text, 11), twoDigits(text, 14), second)
  if (Number.isNaN(local)) return undefined
  return parseRest({ text, at: hasSeconds ? 19 : 16, local }, zone)
}

interface Rest {
  readonly text: string
  readonly at: number
  readonly local: number
}

/** Fraction and zone. */
function parseRest(rest: Rest, zone: TimeZone): ParsedTime | undefined {
  const { text, local } = rest
  let at = rest.at
  let nanos = 0
  let precision = 0
  const mark = text.charCodeAt(at)
  if ((mark === 46 || mark === 44) && at === 19) {
    const end = endOfDigits(text, at + 1)
    if (end === at + 1) return undefined
    nanos = nanosOfDigits(text, at + 1, end)
    precision = Math.min(end - at - 1, 9)
    at = end
  }
  const code = text.charCodeAt(at)
  if ((code === 90 || code === 122) && text.length === at + 1) return { seconds: local, nanos, precision }
  const offset = text.length === at ? zone.offsetAt(local) : zoneBehind(text, at)
  return offset === undefined ? undefined : { seconds: local - offset, nanos, precision }
}

function zoneBehind(text: string, from: number): number | undefined {
  const at = text.charCodeAt(from) === 32 ? from + 1 : from
  const offset = parseOffset(text, at)
  const behind = text.slice(offset ? offset.end : at)
  if (offset) return /^( ?(UTC|GMT|Z))?(\[[\w/+-]+\])?$/.test(behind) ? offset.seconds : undefined
  return /^(UTC|GMT|Z)(\[[\w/+-]+\])?$/i.test(behind) ? 0 : undefined
}

/** True for what Elasticsearch's `strict_date_optional_time` and RFC 3339 both take as it stands. */
export function isRfc3339(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/.test(text)
}

/** RFC 3339 in UTC with the digits that the time had, for years from 1 to 9999. */
export function formatRfc3339({ seconds, nanos, precision }: ParsedTime): string {
  const second = new Date(seconds * 1000).toISOString().slice(0, 19)
  return precision === 0 ? `${second}Z` : `${second}.${String(nanos).padStart(9, '0').slice(0, precision)}Z`
}
