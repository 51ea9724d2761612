import { fieldAt, isAnyEscaped, nameAt, nameLength } from './fields'
import { areSame } from './same-bytes'

/**
 * Where the last key may stand that fields ask for: what is behind it need not be taken apart, and of most lines only the
 * first members are. A look at 16 bytes a step costs a fifth of a walk through the members.
 */

const quote: u8 = 0x22
const backslash: u8 = 0x5c
const letterU: u8 = 0x75

/** So many names are looked for at once. */
const mostNames: u32 = 4
/** Below, the walk is as cheap. */
const shortest: usize = 48

/** Behind the last place in `[from, end)` where a wanted key may begin, or `from` if there is none. */
export function endOfSearch(list: usize, wanted: u32, from: usize, end: usize): usize {
  if (end - from < shortest || popcnt(wanted) > mostNames || isAnyEscaped(list)) return end
  const quotes = i8x16.splat(quote)
  const backslashes = i8x16.splat(backslash)
  const us = i8x16.splat(letterU)
  const one = firstByte(list, wanted)
  const two = firstByte(list, without(wanted, 1))
  const three = firstByte(list, without(wanted, 2))
  const four = firstByte(list, without(wanted, 3))
  let last = from
  for (let at = from; at < end; at += 16) {
    const bytes = v128.load(at)
    const next = v128.load(at, 1)
    const firsts = v128.or(
      v128.or(i8x16.eq(next, one), i8x16.eq(next, two)),
      v128.or(i8x16.eq(next, three), i8x16.eq(next, four)),
    )
    const keys = v128.and(i8x16.eq(bytes, quotes), firsts)
    let found = i8x16.bitmask(v128.or(keys, v128.and(i8x16.eq(bytes, backslashes), i8x16.eq(next, us))))
    while (found != 0) {
      const place = at + ctz(found)
      found &= found - 1
      if (place >= end) break
      // A key with such an escape may be any.
      if (load<u8>(place) == backslash) return end
      if (isWanted(list, wanted, place + 1, end)) last = place + 1
    }
  }
  return last
}

/** Without its lowest bits, but never without the last one. */
function without(wanted: u32, bits: u32): u32 {
  for (; bits > 0 && (wanted & (wanted - 1)) != 0; bits--) wanted &= wanted - 1
  return wanted
}

/** Of the first name: what stands behind the quote of its key; of an empty name that is the other quote. */
function firstByte(list: usize, wanted: u32): v128 {
  const field = fieldAt(list, ctz(wanted))
  return i8x16.splat(nameLength(field) == 0 ? quote : load<u8>(nameAt(field)))
}

function isWanted(list: usize, wanted: u32, key: usize, end: usize): bool {
  while (wanted != 0) {
    const field = fieldAt(list, ctz(wanted))
    wanted &= wanted - 1
    const length = nameLength(field)
    if (key + length < end && load<u8>(key + length) == quote && areSame(nameAt(field), key, length))
      return true
  }
  return false
}
