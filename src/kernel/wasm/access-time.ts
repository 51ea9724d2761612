import { daysOfMonth, daysSince1970 } from './calendar'
import { monthOf } from './month-name'
import { setReadTime } from './read-time'

/** `20/Jan/2026:10:00:00 +0100`. */
export const accessTimeBytes: usize = 26

/** Lines come in runs of the same day: its eleven bytes, and the seconds at which it starts. */
let lastDay: u64 = 0
let lastYear: u32 = 0
let lastDaySeconds: i64 = 0

/** Reads the time of an access log at `at`; false for all other forms, and for a leap second. */
export function readAccessTime(at: usize): bool {
  const day = load<u64>(at)
  const year = load<u32>(at, 7)
  if ((day != lastDay || year != lastYear) && !readDay(at, day, year)) return false
  if (load<u8>(at, 11) != 0x3a || load<u8>(at, 14) != 0x3a || load<u8>(at, 17) != 0x3a) return false
  const hour = twoDigits(at + 12)
  const minute = twoDigits(at + 15)
  const second = twoDigits(at + 18)
  if (hour > 23 || minute > 59 || second > 59 || load<u8>(at, 20) != 0x20) return false
  const sign: u32 = load<u8>(at, 21)
  const zoneHour = twoDigits(at + 22)
  const zoneMinute = twoDigits(at + 24)
  if ((sign != 0x2b && sign != 0x2d) || zoneHour > 14 || zoneMinute > 59) return false
  const offset: i64 = zoneHour * 3600 + zoneMinute * 60
  const local = lastDaySeconds + hour * 3600 + minute * 60 + second
  const whole = sign == 0x2b ? local - offset : local + offset
  if (whole < 0 || whole > <i64>u32.MAX_VALUE) return false
  setReadTime(<u32>whole, 0, 0)
  return true
}

function readDay(at: usize, day: u64, year: u32): bool {
  if (load<u8>(at, 2) != 0x2f || load<u8>(at, 6) != 0x2f) return false
  const month = monthOf(load<u32>(at, 3) & 0xffffff)
  const dayOfMonth = twoDigits(at)
  const century = twoDigits(at + 7)
  const yearOfCentury = twoDigits(at + 9)
  if (month == 0 || century > 99 || yearOfCentury > 99) return false
  const fullYear = <i32>(century * 100 + yearOfCentury)
  if (dayOfMonth < 1 || dayOfMonth > <u32>daysOfMonth(fullYear, month)) return false
  lastDaySeconds = <i64>daysSince1970(fullYear, month, <i32>dayOfMonth) * 86_400
  lastDay = day
  lastYear = year
  return true
}

/** Above 99 for what are no digits. */
function twoDigits(at: usize): u32 {
  const tens = <u32>load<u8>(at) - 0x30
  const ones = <u32>load<u8>(at, 1) - 0x30
  return tens > 9 || ones > 9 ? 1000 : tens * 10 + ones
}
