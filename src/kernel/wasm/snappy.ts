import { copyBytes } from './copy-bytes'
import { writeVarint } from './varint'

/**
 * Snappy's block format (google/snappy, format_description.txt): the length as a varint, then literals and copies.
 *
 *   literal   tag (length - 1) << 2; from 60 on the length stands behind it: tag 60 = one byte, 61 = two, 63 = four
 *   copy      tag 1: 4 to 11 bytes from less than 2048 bytes back | tag 2: 1 to 64 bytes from less than 65,536 back
 *
 * Measured against the native package (bench/compression.ts, MB/s of CPU, busy machine): JSON 868 : 779 at a ratio of 3.60 : 3.25,
 * nginx 995 : 1308 at 5.51 : 5.66. What differs from the library:
 *
 * - It cuts its input into blocks of 64 KiB and forgets all between them. Here positions are kept modulo 64 KiB, which
 *   is as far as a copy reaches: a table entry always names one place within reach, and there are no blocks.
 * - Eight bytes are looked for, not four. Of ids in hex any four bytes stood somewhere before, and a copy of four saves
 *   one byte: that cost a quarter of the speed. Eight, a whole word, against six: Loki's entries of JSON 1191 to 1282 MB/s at
 *   a ratio of 4.18 to 4.19, nginx 1097 to 1168 at 6.43 to 6.16, python 1483 to 1506 at 7.55.
 * - A match is followed backwards too, and so the steps may get longer after 8 misses instead of 32 (a tenth).
 */

const matchBytes: usize = 8

/** 16,384 positions of two bytes: 32 KiB stay in the first cache. Half or twice as many were slower or no better. */
const hashBits: u64 = 14
const tableBytes: usize = 32768
const table: usize = memory.data(32768, 16)

/** Matches are not looked for in the last bytes, where eight bytes are loaded. */
const unsearched: usize = 16

/** After each 8 misses in a row the steps get a byte longer: what can't be compressed is run through. */
const patience: u32 = 3

/**
 * Compresses `[from, end)` to `out`, and returns the end of what it wrote: at most n + n/1024 + 16 bytes.
 *
 * A copy takes 3 bytes for 8 or more (of more than 64, 3 for each 60 or so), a literal a head of 3 at most up to 64 KiB:
 * together no more than they stand for. Only beyond 64 KiB the head takes 5, two for each 64 KiB. The last literal has
 * no copy behind it (5), and the length in front takes 5.
 */
export function snappyCompress(from: usize, end: usize, out: usize): usize {
  // Equal input, equal output: the table must not remember the input before.
  memory.fill(table, 0, tableBytes)
  out = writeVarint(out, <u32>(end - from))
  const searchEnd = end - from > unsearched ? end - unsearched : from
  let literals = from
  let at = from
  let misses: u32 = 1 << patience
  while (at < searchEnd) {
    const word = load<u64>(at)
    const slot = slotOf(word)
    const position = <u32>(at - from)
    const distance = (position - <u32>load<u16>(slot)) & 0xffff
    store<u16>(slot, <u16>position)
    // One comparison for both: a distance of 0 is none, and one beyond `position` leads out of the input.
    if (distance - 1 >= position || load<u64>(at - distance) != word) {
      at += misses++ >> patience
      continue
    }
    const matchEnd = endOfMatch(at + matchBytes, at + matchBytes - distance, end)
    const start = startOfMatch(at, max(literals, from + distance), distance)
    if (start > literals) out = writeLiteral(out, literals, start - literals)
    out = writeCopy(out, distance, <u32>(matchEnd - start))
    at = matchEnd
    literals = at
    misses = 1 << patience
    store<u16>(slotOf(load<u64>(at - 1)), <u16>(at - 1 - from))
  }
  return end > literals ? writeLiteral(out, literals, end - literals) : out
}

function slotOf(word: u64): usize {
  return table + ((<usize>((word * 0x9e3779b185ebca87) >> (64 - hashBits))) << 1)
}

/** Where the bytes from `at` on stop being those from `earlier` on, at most `end`. */
function endOfMatch(at: usize, earlier: usize, end: usize): usize {
  while (at < end) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(earlier)))
    if (same != 0xffff) return min(at + ctz(~same), end)
    at += 16
    earlier += 16
  }
  return end
}

/** How far back from `at`, at most to `first`, the bytes are those `distance` before. */
function startOfMatch(at: usize, first: usize, distance: usize): usize {
  while (at > first && load<u8>(at - 1) == load<u8>(at - 1 - distance)) at -= 1
  return at
}

function writeLiteral(out: usize, from: usize, length: usize): usize {
  const rest = <u32>(length - 1)
  if (rest < 60) {
    store<u8>(out, <u8>(rest << 2))
    out += 1
  } else if (rest < 0x100) {
    store<u16>(out, <u16>((60 << 2) | (rest << 8)))
    out += 2
  } else if (rest < 0x1_0000) {
    store<u32>(out, (61 << 2) | (rest << 8))
    out += 3
  } else {
    store<u8>(out, 63 << 2)
    store<u32>(out, rest, 1)
    out += 5
  }
  return copyBytes(from, length, out)
}

/** A match of 8 bytes or more, in pieces of at most 64 of which none is left with less than 4. */
function writeCopy(out: usize, distance: u32, length: u32): usize {
  while (length >= 68) {
    out = writeLongCopy(out, distance, 64)
    length -= 64
  }
  if (length > 64) {
    out = writeLongCopy(out, distance, 60)
    length -= 60
  }
  if (length >= 12 || distance >= 2048) return writeLongCopy(out, distance, length)
  store<u16>(out, <u16>(1 | ((length - 4) << 2) | ((distance >> 8) << 5) | ((distance & 0xff) << 8)))
  return out + 2
}

function writeLongCopy(out: usize, distance: u32, length: u32): usize {
  store<u32>(out, 2 | ((length - 1) << 2) | (distance << 8))
  return out + 3
}
