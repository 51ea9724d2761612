import { daysOfMonth, daysSince1970 } from './calendar'
import { setReadTime } from './read-time'

/** Lines come in runs of the same day: its eight digits as a number, and the seconds at which it starts. */
let lastDate: i32 = -1
let lastDaySeconds: i64 = 0

/** Of the time at hand, in seconds. */
let offset: i64 = 0

/** Behind the seconds: nothing or a fraction, then `Z` or an offset. */
const shortest: usize = 20
const longest: usize = 35
const offsetBytes: usize = 6

/**
 * Reads `2026-01-20T10:00:00.123Z` or `…+01:00` between `at` and `end`, and nothing else; false for all other forms, and for
 * times before 1970 or beyond 2106, which are the general lane's (`parsers/time-rfc3339.ts`).
 */
export function readIsoTime(at: usize, end: usize): bool {
  const length = end - at
  if (length < shortest || length > longest) return false
  const isUtc = load<u8>(end - 1) == 0x5a
  if (!isUtc && (length < shortest - 1 + offsetBytes || !readOffset(end - offsetBytes))) return false
  const shape = v128.load(at)
  const digits = i8x16.bitmask(i8x16.lt_u(i8x16.sub(shape, i8x16.splat(0x30)), i8x16.splat(10)))
  // "YYYY-MM-DDTHH:MM": digits everywhere but at 4, 7, 10 and 13.
  if ((digits & 0xffff) != 0b1101101101101111) return false
  if (load<u8>(at, 4) != 0x2d || load<u8>(at, 7) != 0x2d || load<u8>(at, 10) != 0x54) return false
  if (load<u8>(at, 13) != 0x3a || load<u8>(at, 16) != 0x3a) return false
  if (!isDigit(at + 17) || !isDigit(at + 18)) return false
  const hour = twoDigits(at + 11)
  const minute = twoDigits(at + 14)
  const second = twoDigits(at + 17)
  if (hour > 23 || minute > 59 || second > 59 || !readDate(at)) return false
  const local = lastDaySeconds + hour * 3600 + minute * 60 + second
  const whole = isUtc ? local : local - offset
  if (whole < 0 || whole > <i64>u32.MAX_VALUE) return false
  return readFraction(<u32>whole, at + 19, isUtc ? end - 1 : end - offsetBytes)
}

/** The nine digits at most between the dot at `at` and `end`; none of both is fine. */
function readFraction(seconds: u32, at: usize, end: usize): bool {
  if (at == end) {
    setReadTime(seconds, 0, 0)
    return true
  }
  if (load<u8>(at) != 0x2e || end - at < 2 || end - at > 10) return false
  let value: u32 = 0
  for (let digit = at + 1; digit < end; digit++) {
    if (!isDigit(digit)) return false
    value = value * 10 + load<u8>(digit) - 0x30
  }
  const precision = <u32>(end - at - 1)
  for (let left = precision; left < 9; left++) value *= 10
  setReadTime(seconds, value, precision)
  return true
}

/** Reads `+01:00` at `at` into `offset`. */
function readOffset(at: usize): bool {
  const sign: u32 = load<u8>(at)
  if ((sign != 0x2b && sign != 0x2d) || load<u8>(at, 3) != 0x3a) return false
  if (!isDigit(at + 1) || !isDigit(at + 2) || !isDigit(at + 4) || !isDigit(at + 5)) return false
  const hours = twoDigits(at + 1)
  const minutes = twoDigits(at + 4)
  // Beyond these there is no zone, and the general lane says what becomes of them.
  if (hours > 14 || minutes > 59) return false
  offset = <i64>(hours * 3600 + minutes * 60)
  if (sign == 0x2d) offset = -offset
  return true
}

/** The day at `at`, kept in `lastDate`; false where the calendar has none such. */
function readDate(at: usize): bool {
  const year = twoDigits(at) * 100 + twoDigits(at + 2)
  const month = twoDigits(at + 5)
  const day = twoDigits(at + 8)
  const date = year * 10_000 + month * 100 + day
  if (date == lastDate) return true
  if (month < 1 || month > 12 || day < 1 || day > daysOfMonth(year, month)) return false
  lastDaySeconds = <i64>daysSince1970(year, month, day) * 86_400
  lastDate = date
  return true
}

function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 0x30 <= 9
}

function twoDigits(at: usize): i32 {
  return <i32>load<u8>(at) * 10 + load<u8>(at, 1) - 528
}
