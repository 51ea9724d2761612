import { readEpoch } from './epoch-time'
import { isPlausible } from './read-time'
import { readTextTime } from './text-time'

/** Nothing that is a time, or one that an event may not carry. */
export const timeNone: u32 = 0
export const timeFound: u32 = 1
/** It may be a time in a form that only the general lane reads. */
export const timeForeign: u32 = 2

/** Reads a member's value `[at, end)`, valid JSON, as `timestamp.format: "auto"` does. */
export function readMemberTime(at: usize, end: usize, nowSeconds: u32): u32 {
  const first: u32 = load<u8>(at)
  if (first == 0x22) {
    if (!readTextTime(at + 1, end - 1, nowSeconds)) return timeForeign
  } else if (first - 0x31 <= 8) {
    if (!readEpoch(at, end)) return timeForeign
  } else return first == 0x6e || first == 0x74 || first == 0x66 ? timeNone : timeForeign
  return isPlausible(nowSeconds) ? timeFound : timeNone
}
