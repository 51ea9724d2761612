import {
  holdsLineEnd,
  holdsOthers,
  holdsSeparators,
  holdsSome,
  holdsWideSpaces,
  setBeyondAscii,
} from '../span-layout'

/** Sets of characters (span-layout.ts) looked up in a line, 16 bytes a step. `end` is always that of the whole line. */

/** For "a set cannot say": no address. */
export const undecided: usize = 1

const anyBeyondAscii: u32 = holdsSeparators | holdsWideSpaces | holdsOthers

/** By the high half of a byte its bit in a set; bytes beyond ASCII have none, and are in no set by this. */
const bitsOfHighHalves = memory.data<u8>([1, 2, 4, 8, 16, 32, 64, 128, 0, 0, 0, 0, 0, 0, 0, 0])

/** A bit for each of the 16 bytes at `at` that is not ASCII or not in the set. A byte's shift is one of its 16-bit lane. */
export function othersAt(set: usize, at: usize): u32 {
  const bytes = v128.load(at)
  const lowHalf = i8x16.splat(0x0f)
  const byLowHalf = i8x16.swizzle(v128.load(set), v128.and(bytes, lowHalf))
  const byHighHalf = i8x16.swizzle(v128.load(bitsOfHighHalves), v128.and(i16x8.shr_u(bytes, 4), lowHalf))
  return i8x16.bitmask(i8x16.eq(v128.and(byLowHalf, byHighHalf), i8x16.splat(0)))
}

/** A bit for each of the 16 bytes at `at` that is not ASCII. */
function beyondAsciiAt(at: usize): u32 {
  return i8x16.bitmask(v128.load(at))
}

export function isBeyondAscii(byte: u32): bool {
  return byte >= 0x80
}

/**
 * Of which kind the character at `at` is whose first byte is beyond ASCII: one of the `holds…` bits, and above them its
 * length in bytes; for `holdsOthers` that is 1, as the rest of it is of the same kind.
 */
function kindAt(at: usize, end: usize): u32 {
  const lead: u32 = load<u8>(at)
  const twoBytes: u32 = holdsWideSpaces | (2 << 8)
  if (lead == 0xc2 && at + 2 <= end && load<u8>(at + 1) == 0xa0) return twoBytes
  if (at + 3 > end) return holdsOthers | (1 << 8)
  const threeBytes: u32 = 3 << 8
  const rest: u32 = ((<u32>load<u8>(at + 1)) << 8) | load<u8>(at + 2)
  if (lead == 0xe2) {
    // U+2000 to U+200A, U+2028 and U+2029, U+202F, U+205F
    if (rest == 0x80a8 || rest == 0x80a9) return holdsSeparators | threeBytes
    if ((rest >= 0x8080 && rest <= 0x808a) || rest == 0x80af || rest == 0x819f)
      return holdsWideSpaces | threeBytes
  }
  // U+1680, U+3000, U+FEFF
  const isSpace =
    (lead == 0xe1 && rest == 0x9a80) || (lead == 0xe3 && rest == 0x8080) || (lead == 0xef && rest == 0xbbbf)
  return isSpace ? holdsWideSpaces | threeBytes : holdsOthers | (1 << 8)
}

/** Whether what stands at `at`, a character or the end of the line, is in a set of what may follow. */
export function mayFollow(set: usize, at: usize, end: usize): bool {
  const beyond: u32 = load<u8>(set + setBeyondAscii)
  if (at >= end) return (beyond & holdsLineEnd) != 0
  const byte: u32 = load<u8>(at)
  if (isBeyondAscii(byte)) return (beyond & kindAt(at, end)) != 0
  return ((load<u8>(set + (byte & 15)) >> <u8>(byte >> 4)) & 1) != 0
}

/** Behind the character at `at` if it is in the set (if it is of `holdsOthers`, behind its first byte), 0 or `undecided`. */
export function behindOne(set: usize, at: usize, end: usize): usize {
  if (at >= end) return 0
  const byte: u32 = load<u8>(at)
  const beyond: u32 = load<u8>(set + setBeyondAscii)
  if (isBeyondAscii(byte)) {
    if (beyond & holdsSome) return undecided
    const kind = kindAt(at, end)
    return beyond & kind ? at + (kind >> 8) : 0
  }
  return (load<u8>(set + (byte & 15)) >> <u8>(byte >> 4)) & 1 ? at + 1 : 0
}

/**
 * Where the characters of the set that stand from `at` on end, at `limit` at the latest; or `undecided`. The 16 bytes of
 * a step are one shuffle by their low halves and one by their high halves, whatever the set is.
 */
export function endOfRun(set: usize, at: usize, limit: usize, end: usize): usize {
  const beyond: u32 = load<u8>(set + setBeyondAscii)
  const takesAllBeyond = (beyond & (anyBeyondAscii | holdsSome)) == anyBeyondAscii
  while (at < limit) {
    let stops = othersAt(set, at)
    if (takesAllBeyond) stops &= ~beyondAsciiAt(at)
    if (stops == 0) {
      at += 16
      continue
    }
    at += ctz(stops)
    if (at >= limit) return limit
    if (beyond == 0 || takesAllBeyond || !isBeyondAscii(load<u8>(at))) return at
    const behind = endOfRunBeyondAscii(set, at, limit, end)
    if (behind == undecided || behind == at) return behind
    // Ends where ASCII begins, or at a character that is not in the set.
    if (behind >= limit || isBeyondAscii(load<u8>(behind))) return min(behind, limit)
    at = behind
  }
  return limit
}

/** The same for what stands beyond ASCII, to the next ASCII character. */
function endOfRunBeyondAscii(set: usize, at: usize, limit: usize, end: usize): usize {
  const beyond: u32 = load<u8>(set + setBeyondAscii)
  if (beyond & holdsSome) return undecided
  while (at < limit && isBeyondAscii(load<u8>(at))) {
    const kind = kindAt(at, end)
    if (!(beyond & kind)) return at
    at += kind >> 8
  }
  return at
}

/** The last place in `[low, high)` with a byte that may follow, or 0. Bytes beyond ASCII count if any such character may. */
export function lastThatMayFollow(set: usize, low: usize, high: usize): usize {
  const takesBeyond = (load<u8>(set + setBeyondAscii) & anyBeyondAscii) != 0
  while (high >= low + 16) {
    const members = ~othersAt(set, high - 16) & 0xffff
    const found = takesBeyond ? members | beyondAsciiAt(high - 16) : members
    if (found) return high - 1 - (clz(found) - 16)
    high -= 16
  }
  while (high > low) {
    const byte: u32 = load<u8>(high - 1)
    const isFound = isBeyondAscii(byte) ? takesBeyond : (load<u8>(set + (byte & 15)) >> <u8>(byte >> 4)) & 1
    if (isFound) return high - 1
    high--
  }
  return 0
}

/** Whether a byte of `[at, limit)` is beyond ASCII. */
export function hasBeyondAscii(at: usize, limit: usize): bool {
  while (at < limit) {
    const found = beyondAsciiAt(at)
    if (found) return at + ctz(found) < limit
    at += 16
  }
  return false
}
