import { monthOf } from './month-name'
import { clockAt, isDigit, noClock, readFraction, twoDigits } from './time-parts'
import { readYearlessTime } from './yearless-time'

/** `Jan  2 10:00:00`. */
export const syslogTimeBytes: usize = 15

/** Reads `Jan  2 10:00:00` or `Jan 20 10:00:00.123` between `at` and `end`, of the source's zone, and nothing else. */
export function readSyslogTime(at: usize, end: usize, nowSeconds: u32): bool {
  if (end - at < syslogTimeBytes || load<u8>(at, 3) != 0x20 || load<u8>(at, 6) != 0x20) return false
  const month = monthOf(load<u32>(at) & 0xffffff)
  const isPadded = load<u8>(at, 4) == 0x20
  if (month == 0 || !isDigit(at + 5) || (!isPadded && !isDigit(at + 4))) return false
  const day = isPadded ? <i32>load<u8>(at, 5) - 0x30 : twoDigits(at + 4)
  const clock = clockAt(at + 7)
  const fractionAt = at + syslogTimeBytes
  if (day < 1 || clock == noClock || (fractionAt < end && load<u8>(fractionAt) != 0x2e)) return false
  return readYearlessTime(month, day, clock, nowSeconds) && readFraction(fractionAt, end)
}
