import { daysOfMonth, daysSince1970 } from './calendar'
import { setReadTime } from './read-time'
import { clockAt, isDigit, noClock, readFraction, twoDigits } from './time-parts'
import { readYearlessTime } from './yearless-time'
import { findOffset, foundOffset } from './zone'

/** Of `0120 10:00:00.123456`; with a year in front there are four more. */
export const klogTimeBytes: usize = 20
const yearBytes: usize = 4

/** Reads klog's time between `at` and `end`, or glog's, which has the year; of the source's zone, and nothing else. */
export function readKlogTime(at: usize, end: usize, nowSeconds: u32): bool {
  const hasYear = end - at == klogTimeBytes + yearBytes
  if (!hasYear && end - at != klogTimeBytes) return false
  const dateEnd = end - 16
  for (let digit = at; digit < dateEnd; digit++) if (!isDigit(digit)) return false
  if (load<u8>(dateEnd) != 0x20 || load<u8>(dateEnd, 9) != 0x2e) return false
  const month = twoDigits(dateEnd - 4)
  const day = twoDigits(dateEnd - 2)
  const clock = clockAt(dateEnd + 1)
  if (clock == noClock || month < 1 || month > 12 || day < 1) return false
  const isRead = hasYear
    ? readDated(twoDigits(at) * 100 + twoDigits(at + 2), month, day, clock)
    : readYearlessTime(month, day, clock, nowSeconds)
  return isRead && readFraction(dateEnd + 9, end)
}

function readDated(year: i32, month: i32, day: i32, clock: i64): bool {
  if (day > daysOfMonth(year, month)) return false
  const local = <i64>daysSince1970(year, month, day) * 86_400 + clock
  if (!findOffset(local)) return false
  const seconds = local - foundOffset()
  if (seconds < 0 || seconds > <i64>u32.MAX_VALUE) return false
  setReadTime(<u32>seconds, 0, 0)
  return true
}
