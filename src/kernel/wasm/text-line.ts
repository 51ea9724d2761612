import { isUtf8 } from './utf8'

/** Whether `[at, end)` is blank: spaces, tabs and CRs. */
export function isBlank(at: usize, end: usize): bool {
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at)
    if (byte != 0x20 && byte != 0x09 && byte != 0x0d) return false
  }
  return true
}

/**
 * Whether the line `[at, end)` can become a message as it stands: it is UTF-8, and no ids of traces are looked for in it, or
 * the word that stands before them is not there.
 */
export function isPlainText(at: usize, end: usize, findsTrace: bool): bool {
  return isUtf8(at, end) && !(findsTrace && hasTrace(at, end))
}

/** Whether `trace` stands in the line: 16 places a step for its first letter and its last. */
function hasTrace(at: usize, end: usize): bool {
  const firsts = i8x16.splat(0x74)
  const lasts = i8x16.splat(0x65)
  while (at + 5 <= end) {
    const first = i8x16.eq(v128.load(at), firsts)
    let found = i8x16.bitmask(v128.and(first, i8x16.eq(v128.load(at, 4), lasts)))
    while (found) {
      const place = at + ctz(found)
      // "race", the four bytes behind the t.
      if (place + 5 <= end && load<u32>(place, 1) == 0x65636172) return true
      found &= found - 1
    }
    at += 16
  }
  return false
}
