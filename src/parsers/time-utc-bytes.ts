import { nanosOfLastDigit } from '../core/event.ts'
import { daysOfDate, secondsPerDay } from './civil.ts'
import type { ParsedTime } from './time-value.ts'

/** Events come in runs of the same day: its eight digits as a number, and where it starts. */
let lastDate = -1
let lastDays = 0

/**
 * `2026-01-20T10:00:00.123Z` in bytes, and nothing else: what nearly every JSON logger writes. 0.05 microseconds; with a
 * string made of it and the general reader it was 0.25. All other forms are `parseRfc3339`'s.
 */
export function utcTimeOfBytes(bytes: Uint8Array, from: number, to: number): ParsedTime | undefined {
  const length = to - from
  if (length < 20 || length > 30 || !hasMarks(bytes, from, to)) return undefined
  const year = twoDigits(bytes, from) * 100 + twoDigits(bytes, from + 2)
  const date = year * 10_000 + twoDigits(bytes, from + 5) * 100 + twoDigits(bytes, from + 8)
  const hour = twoDigits(bytes, from + 11)
  const minute = twoDigits(bytes, from + 14)
  const second = twoDigits(bytes, from + 17)
  // What was no digit made NaN of it, which is in no range.
  if (!(date >= 0 && hour <= 23 && minute <= 59 && second <= 59)) return undefined
  if (date !== lastDate) {
    lastDays = daysOfDate(year, Math.floor(date / 100) % 100, date % 100)
    lastDate = date
  }
  const seconds = lastDays * secondsPerDay + hour * 3600 + minute * 60 + second
  if (Number.isNaN(seconds)) return undefined
  let fraction = 0
  for (let at = from + 20; at < to - 1; at++) {
    const digit = bytes[at]! - 0x30
    if (digit < 0 || digit > 9) return undefined
    fraction = fraction * 10 + digit
  }
  const precision = length === 20 ? 0 : length - 21
  return { seconds, nanos: fraction * nanosOfLastDigit[precision]!, precision }
}

/** Dashes, `T`, colons, `Z`, and a dot with at least one digit behind it where there is more. */
function hasMarks(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    bytes[from + 4] === 0x2d &&
    bytes[from + 7] === 0x2d &&
    bytes[from + 10] === 0x54 &&
    bytes[from + 13] === 0x3a &&
    bytes[from + 16] === 0x3a &&
    bytes[to - 1] === 0x5a &&
    (to - from === 20 || (to - from > 21 && bytes[from + 19] === 0x2e))
  )
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 0x30
  const ones = bytes[at + 1]! - 0x30
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : NaN
}
