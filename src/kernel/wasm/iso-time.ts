import { daysOfMonth, daysSince1970 } from './calendar'
import {
  clockAt,
  isDigit,
  noClock,
  readFraction,
  readOffset,
  readOffsetSeconds,
  twoDigits,
} from './time-parts'
import { setReadTime } from './read-time'
import { findOffset, foundOffset } from './zone'

/** Lines come in runs of the same day: its eight digits as a number, and the seconds at which it starts. */
let lastDate: i32 = -1
let lastDaySeconds: i64 = 0

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
  if (!isUtc && (length < shortest - 1 + offsetBytes || !readOffset(end - offsetBytes, true))) return false
  if (load<u8>(at, 4) != 0x2d || load<u8>(at, 10) != 0x54 || !readLocal(at)) return false
  const mark: u32 = load<u8>(at, 19)
  const zoneAt = isUtc ? end - 1 : end - offsetBytes
  return (
    (at + 19 == zoneAt || mark == 0x2e) &&
    setInstant(isUtc ? 0 : readOffsetSeconds()) &&
    readFraction(at + 19, zoneAt)
  )
}

/**
 * The same as programs write it for people: also with a space, slashes, a comma before the fraction, an offset without its colon,
 * or no zone at all, which is then the source's.
 */
export function readLooseIsoTime(at: usize, end: usize): bool {
  const length = end - at
  if (length < shortest - 1 || length > longest) return false
  const mark: u32 = load<u8>(at, 4)
  const between: u32 = load<u8>(at, 10)
  if ((mark != 0x2d && mark != 0x2f) || (between != 0x54 && between != 0x20) || !readLocal(at)) return false
  let zoneAt = at + 19
  const point: u32 = load<u8>(zoneAt)
  if (zoneAt < end && (point == 0x2e || point == 0x2c)) {
    zoneAt++
    while (zoneAt < end && isDigit(zoneAt)) zoneAt++
  }
  return readZone(zoneAt, end) && readFraction(at + 19, zoneAt)
}

let local: i64 = 0

/** `Z`, `+01:00`, `+0100` or nothing, and all of it. */
function readZone(at: usize, end: usize): bool {
  const length = end - at
  if (length == 0) return findOffset(local) && setInstant(foundOffset())
  if (length == 1) return load<u8>(at) == 0x5a && setInstant(0)
  if (length != 5 && length != 6) return false
  return readOffset(at, length == 6) && setInstant(readOffsetSeconds())
}

/** The wall clock's reading at `at`, into `local`: digits and colons everywhere, a date with twice the same mark. */
function readLocal(at: usize): bool {
  const digits = i8x16.bitmask(i8x16.lt_u(i8x16.sub(v128.load(at), i8x16.splat(0x30)), i8x16.splat(10)))
  // "YYYY-MM-DDTHH:MM": digits everywhere but at 4, 7, 10 and 13.
  if ((digits & 0xffff) != 0b1101101101101111 || load<u8>(at, 4) != load<u8>(at, 7)) return false
  const clock = clockAt(at + 11)
  if (clock == noClock || !readDate(at)) return false
  local = lastDaySeconds + clock
  return true
}

function setInstant(offset: i64): bool {
  const whole = local - offset
  if (whole < 0 || whole > <i64>u32.MAX_VALUE) return false
  setReadTime(<u32>whole, 0, 0)
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
