import { setReadTime } from './read-time'
import { endOfDigits } from './time-parts'

/** Up to here a whole number fits 64 bits. */
const mostDigits: usize = 19

/**
 * Reads the JSON number `[at, end)`, which begins with a digit from 1 to 9, as `parsers/time-epoch.ts` does: a whole number
 * of seconds, milliseconds, microseconds or nanoseconds by its size, or seconds with a fraction. False for all other forms,
 * and for what does not fit 32 bits of seconds.
 */
export function readEpoch(at: usize, end: usize): bool {
  const wholeEnd = endOfDigits(at, end)
  if (wholeEnd - at > mostDigits) return false
  const whole = digitsValue(at, wholeEnd)
  if (wholeEnd != end) return load<u8>(wholeEnd) == 0x2e && readFraction(whole, wholeEnd + 1, end)
  const digits = digitsByMagnitude(whole)
  const perSecond = powerOfTen(digits)
  const seconds = whole / perSecond
  if (seconds > u32.MAX_VALUE) return false
  setReadTime(<u32>seconds, <u32>((whole % perSecond) * powerOfTen(9 - digits)), digits)
  return true
}

/** Seconds reach 1e11 in the year 5138, milliseconds in 1973: no sane time is read in the wrong unit. */
function digitsByMagnitude(value: u64): u32 {
  if (value < 100_000_000_000) return 0
  if (value < 100_000_000_000_000) return 3
  return value < 100_000_000_000_000_000 ? 6 : 9
}

/**
 * A fraction that is 0 leaves a whole number, of seconds without digits behind them. One that a double cannot tell from 0
 * or 1 is left to the general lane: what that makes of it depends on how the double is rounded.
 */
function readFraction(whole: u64, at: usize, end: usize): bool {
  const length = end - at
  if (whole > u32.MAX_VALUE || length > 9 || endOfDigits(at, end) != end) return false
  let value = digitsValue(at, end)
  if (value == 0 && length <= 6) {
    setReadTime(<u32>whole, 0, 0)
    return true
  }
  for (let left = length; left < 9; left++) value *= 10
  if (length > 6 && (value < 1000 || value >= 999_999_000)) return false
  setReadTime(<u32>whole, <u32>value, <u32>length)
  return true
}

function digitsValue(at: usize, end: usize): u64 {
  let value: u64 = 0
  for (; at < end; at++) value = value * 10 + load<u8>(at) - 0x30
  return value
}

function powerOfTen(exponent: u32): u64 {
  let power: u64 = 1
  for (let left = exponent; left > 0; left--) power *= 10
  return power
}
