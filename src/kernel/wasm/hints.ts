import {
  cardLength,
  hintBucketBytes,
  hintBuckets,
  hintFirstLow,
  hintHighBytes,
  hintSecondLow,
  hintTextBytes,
  hintTextMask,
  hintTextSmall,
  hintTextStart,
  hintTextsFirst,
  hintThirdLow,
} from './step-layout'

/** Digits of the shortest card number, one space or hyphen between two at most. */
const fewestCardDigits: u32 = 13

/** One byte for each of 16 places: which buckets may have a text that begins there. */
const found = memory.data(16)

/**
 * Whether one of the table's texts stands in `[at, end)`, letters of either size. 16 places a step: the first three bytes of each are
 * looked up by their halves, and only where some text may begin it is compared (1 µs for a line of 330 bytes, where the patterns of all
 * presets take 1.9).
 */
export function hasHint(table: usize, at: usize, end: usize): bool {
  const from = at
  while (at < end) {
    const buckets = v128.and(
      v128.and(bucketsOf(table + hintFirstLow, at), bucketsOf(table + hintSecondLow, at + 1)),
      bucketsOf(table + hintThirdLow, at + 2),
    )
    let places = ~i8x16.bitmask(i8x16.eq(buckets, i8x16.splat(0))) & 0xffff
    if (places != 0) v128.store(found, buckets)
    while (places != 0) {
      const place = <usize>ctz(places)
      if (at + place < end && beginsAny(table, load<u8>(found + place), at + place, from, end)) return true
      places &= places - 1
    }
    at += 16
  }
  return false
}

function bucketsOf(tables: usize, at: usize): v128 {
  const bytes = v128.load(at)
  const low = i8x16.swizzle(v128.load(tables), v128.and(bytes, i8x16.splat(0x0f)))
  return v128.and(low, i8x16.swizzle(v128.load(tables + hintHighBytes), i8x16.shr_u(bytes, 4)))
}

function beginsAny(table: usize, buckets: u32, at: usize, from: usize, end: usize): bool {
  while (buckets != 0) {
    const bucket = table + hintBuckets + <usize>ctz(buckets) * hintBucketBytes
    const texts: usize = load<u32>(bucket)
    const count = load<u32>(texts)
    for (let index: u32 = 0; index < count; index++) {
      const text = texts + hintTextsFirst + <usize>index * hintTextBytes
      const length = load<u32>(text, 4)
      if (length == cardLength) {
        if (beginsCard(at, from, end)) return true
        continue
      }
      const start = (load<u32>(at) | load<u32>(text, hintTextSmall)) & load<u32>(text, hintTextMask)
      if (start == load<u32>(text, hintTextStart) && isText(at, end, load<u32>(text), length)) return true
    }
    buckets &= buckets - 1
  }
  return false
}

/** The table has small letters. */
function isText(at: usize, end: usize, text: usize, length: usize): bool {
  if (at + length > end) return false
  for (let index: usize = 0; index < length; index++) {
    const wanted: u32 = load<u8>(text + index)
    const byte: u32 = load<u8>(at + index)
    if (wanted != (wanted - 0x61 <= 25 ? byte | 0x20 : byte)) return false
  }
  return true
}

/** Within digits none begins that does not begin at their first one. */
function beginsCard(at: usize, from: usize, end: usize): bool {
  if (at > from && isDigit(load<u8>(at - 1))) return false
  let digits: u32 = 0
  while (at < end && isDigit(load<u8>(at))) {
    if (++digits == fewestCardDigits) return true
    const next: u32 = load<u8>(at, 1)
    at += next == 0x20 || next == 0x2d ? 2 : 1
  }
  return false
}

function isDigit(byte: u32): bool {
  return byte - 0x30 <= 9
}
