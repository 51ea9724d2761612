import { writePadded } from './numbers'

const secondsPerDay: u32 = 86_400
export const secondBytes: usize = 19

/** The text of the second that was asked for last: events come in runs of the same one. */
const lastText = memory.data(32)
let lastSecond: i64 = -1

/** Writes `2026-11-20T18:00:00` for seconds since 1970; writes 32 bytes over, and returns where the 19 end. */
export function writeSecond(second: u32, out: usize): usize {
  if (<i64>second != lastSecond) {
    makeText(second)
    lastSecond = second
  }
  v128.store(out, v128.load(lastText))
  v128.store(out, v128.load(lastText, 16), 16)
  return out + secondBytes
}

/** Writes `.123` of a number of nanoseconds, `digits` (0 to 9) of them; nothing for 0. */
export function writeFraction(nanos: u32, digits: u32, out: usize): usize {
  if (digits == 0) return out
  let shown = nanos
  for (let digit: u32 = digits; digit < 9; digit++) shown /= 10
  store<u8>(out, 0x2e)
  return writePadded(shown, digits, out + 1)
}

function makeText(second: u32): void {
  const time = second % secondsPerDay
  makeDate(second / secondsPerDay)
  store<u8>(lastText, 0x54, 10)
  writePadded(time / 3600, 2, lastText + 11)
  store<u8>(lastText, 0x3a, 13)
  writePadded((time / 60) % 60, 2, lastText + 14)
  store<u8>(lastText, 0x3a, 16)
  writePadded(time % 60, 2, lastText + 17)
}

/** Howard Hinnant's `civil_from_days`: years begin in March there, so that leap days come last. */
function makeDate(daysSince1970: u32): void {
  const days = daysSince1970 + 719_468
  const era = days / 146_097
  const dayOfEra = days % 146_097
  const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
  const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
  const marchMonth = (5 * dayOfYear + 2) / 153
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
  writePadded(year, 4, lastText)
  store<u8>(lastText, 0x2d, 4)
  writePadded(month, 2, lastText + 5)
  store<u8>(lastText, 0x2d, 7)
  writePadded(dayOfYear - (153 * marchMonth + 2) / 5 + 1, 2, lastText + 8)
}
