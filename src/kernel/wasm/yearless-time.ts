import { daysOfMonth, daysSince1970 } from './calendar'
import { setReadTime } from './read-time'
import { findOffset, foundOffset } from './zone'

const daySeconds: i64 = 86_400
/** February 29th is not in every year: the longest way back to one is eight years. */
const mostYearsBack: i32 = 8

/**
 * Reads a time without a year: the newest one that does not lie in the future by more than a day (`parsers/time-fields.ts`). The
 * month is 1 to 12, the day 1 or more. False where the calendar has no such day, and while its offset has to be asked for.
 */
export function readYearlessTime(month: i32, day: i32, clock: i64, nowSeconds: u32): bool {
  const most = <i64>nowSeconds + daySeconds
  const year = yearOf(nowSeconds)
  for (let candidate = year + 1; candidate >= year - mostYearsBack; candidate--) {
    if (day > daysOfMonth(candidate, month)) continue
    const local = <i64>daysSince1970(candidate, month, day) * daySeconds + clock
    // No zone is a whole day away: its offset need not be known.
    if (local > most + daySeconds) continue
    if (!findOffset(local)) return false
    const seconds = local - foundOffset()
    if (seconds > most) continue
    if (seconds < 0 || seconds > <i64>u32.MAX_VALUE) return false
    setReadTime(<u32>seconds, 0, 0)
    return true
  }
  return false
}

/** Of an instant in UTC. */
function yearOf(seconds: u32): i32 {
  const days = <i32>(seconds / <u32>daySeconds)
  let year = 1970 + days / 366
  while (daysSince1970(year + 1, 1, 1) <= days) year++
  return year
}
