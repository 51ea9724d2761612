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
 * none of the names that they stand behind is there (`enrich/trace-ids.ts`, `idsInText`).
 */
export function isPlainText(at: usize, end: usize, findsTrace: bool): bool {
  return isUtf8(at, end) && !(findsTrace && mayHoldIds(at, end))
}

/** Whether ids may stand in the text: names are there that they stand behind. */
export function mayHoldIds(at: usize, end: usize): bool {
  let place = findTrace(at, end)
  if (place == end) return false
  // "traceparent" in letters of any size, wherever it stands.
  if (hasParent(at, end)) return true
  while (place != end) {
    if (isIdName(place + 5)) return true
    place = findTrace(place + 5, end)
  }
  return false
}

/** Where `trace` stands first, or `end`: 16 places a step for its first letter and its last. */
function findTrace(at: usize, end: usize): usize {
  const firsts = i8x16.splat(0x74)
  const lasts = i8x16.splat(0x65)
  while (at + 5 <= end) {
    const first = i8x16.eq(v128.load(at), firsts)
    let found = i8x16.bitmask(v128.and(first, i8x16.eq(v128.load(at, 4), lasts)))
    while (found) {
      const place = at + ctz(found)
      // "race", the four bytes behind the t.
      if (place + 5 <= end && load<u32>(place, 1) == 0x65636172) return place
      found &= found - 1
    }
    at += 16
  }
  return end
}

/** `_id=`, `.id=` or `Id=`; a newline stands behind each line, so that a look beyond its end finds none. */
function isIdName(at: usize): bool {
  const four = load<u32>(at)
  return four == 0x3d64695f || four == 0x3d64692e || (four & 0xffffff) == 0x3d6449
}

function hasParent(at: usize, end: usize): bool {
  for (; at + 6 <= end; at++) {
    // "pare" and "nt", the bit that makes letters small set.
    if ((load<u32>(at) | 0x20202020) == 0x65726170 && (load<u16>(at, 4) | 0x2020) == 0x746e) return true
  }
  return false
}
