import { setReadFraction } from './read-time'

/** Parts that times of several forms have. */

/** What `clockAt` finds where no clock shows such a time; leap seconds are the general lane's. */
export const noClock: i64 = -1

export function isDigit(at: usize): bool {
  return <u32>load<u8>(at) - 0x30 <= 9
}

export function endOfDigits(at: usize, end: usize): usize {
  while (at < end && isDigit(at)) at++
  return at
}

/** Of what is known to be digits. */
export function twoDigits(at: usize): i32 {
  return <i32>load<u8>(at) * 10 + load<u8>(at, 1) - 528
}

/** `hh:mm:ss` at `at` as seconds of the day. */
export function clockAt(at: usize): i64 {
  if (load<u8>(at, 2) != 0x3a || load<u8>(at, 5) != 0x3a) return noClock
  if (!isDigit(at) || !isDigit(at + 1) || !isDigit(at + 3) || !isDigit(at + 4)) return noClock
  if (!isDigit(at + 6) || !isDigit(at + 7)) return noClock
  const hour = twoDigits(at)
  const minute = twoDigits(at + 3)
  const second = twoDigits(at + 6)
  if (hour > 23 || minute > 59 || second > 59) return noClock
  return <i64>(hour * 3600 + minute * 60 + second)
}

/**
 * The mark at `at` and one to nine digits behind it up to `end`, behind the second that was read last; none of both is fine.
 * What the mark is was asked before.
 */
export function readFraction(at: usize, end: usize): bool {
  if (at == end) {
    setReadFraction(0, 0)
    return true
  }
  if (end - at < 2 || end - at > 10) return false
  let value: u32 = 0
  for (let digit = at + 1; digit < end; digit++) {
    if (!isDigit(digit)) return false
    value = value * 10 + load<u8>(digit) - 0x30
  }
  const precision = <u32>(end - at - 1)
  for (let left = precision; left < 9; left++) value *= 10
  setReadFraction(value, precision)
  return true
}

let offset: i64 = 0

/** Of the offset that `readOffset` read last, east of UTC. */
export function readOffsetSeconds(): i64 {
  return offset
}

/** Reads `+01:00` at `at`, or `+0100`. */
export function readOffset(at: usize, hasColon: bool): bool {
  const sign: u32 = load<u8>(at)
  const minutesAt = at + (hasColon ? 4 : 3)
  if ((sign != 0x2b && sign != 0x2d) || (hasColon && load<u8>(at, 3) != 0x3a)) return false
  if (!isDigit(at + 1) || !isDigit(at + 2) || !isDigit(minutesAt) || !isDigit(minutesAt + 1)) return false
  const hours = twoDigits(at + 1)
  const minutes = twoDigits(minutesAt)
  // Beyond these there is no zone, and the general lane says what becomes of them.
  if (hours > 14 || minutes > 59) return false
  offset = <i64>(hours * 3600 + minutes * 60)
  if (sign == 0x2d) offset = -offset
  return true
}
