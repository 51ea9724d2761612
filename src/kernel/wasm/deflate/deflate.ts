import { bitsEnd, forgetBits, writeBitsTo } from './bit-writer'
import { writeBlock, writeLastBlock } from './block'
import { countLiterals, countMatch, fillLengths, forgetFrequencies, longestMatch } from './symbols'

/**
 * Deflate (RFC 1951) in one greedy pass. A stream is made a slice at a time, as a body of megabytes would hold up the
 * event loop for 20 ms; what one slice leaves for the next are the unfinished byte, the table, and the position.
 *
 * Measured against zlib's level 1 (bench/compression.ts, MB/s of CPU, the checksum included): JSON 356 : 195 at a ratio
 * of 5.53 : 5.48, nginx 423 : 345 at 9.07 : 8.58. Remembering a second place for each hash took 40 % longer for 2 %.
 */

/** 16,384 positions (u16 modulo 64 KiB): 32 KiB stay in the first cache. */
const hashBits: u64 = 14
const places: usize = memory.data(32768, 16)
const placesBytes: usize = 32768

/** The shortest match. Any four digits of an id stood somewhere before, and cost more as a match than as themselves. */
const matchBytes: u64 = 6
const window: u32 = 32768
/** Matches are not looked for in the last bytes, where eight and sixteen bytes are loaded. */
const unsearched: usize = 16
/** After so many literals (8) in a row the steps get a byte longer: what can't be compressed is run through. */
const patience: usize = 3

/** Sequences of one block, 8 bytes each: see `writeBlock`. */
const sequences: usize = memory.data(131072 + 64, 16)
const sequencesEnd: usize = sequences + 131072

/** How many bytes of the stream there were before this slice. */
let position: u32 = 0
let sequence: usize = 0

/** Begins a stream. There is one at a time: the state is the kernel's. */
export function deflateStart(): void {
  // Equal input, equal output: the table must not remember the stream before.
  memory.fill(places, 0, placesBytes)
  fillLengths()
  forgetBits()
  position = 0
}

/**
 * Compresses the stream's next bytes, `[from, end)`, below 8 MiB. Right before `from` must lie what came before them, as
 * much as there was, up to 32 KiB. Returns the end of the whole bytes that it wrote to `out`: at most n + n/4096 + 64 of n
 * bytes, as a block that would grow is stored (5 bytes for each 65,535, and each block but the last of a slice has
 * 16,383 matches and so at least 96 KiB).
 */
export function deflateSlice(from: usize, end: usize, out: usize, isLast: bool): usize {
  writeBitsTo(out)
  const searchEnd = end - from > unsearched ? end - unsearched : from
  let blockStart = from
  let literals = from
  let at = from
  startBlock()
  while (at < searchEnd) {
    const below = note(at, position + <u32>(at - from))
    const reach = min(position + <u32>(at - from), window)
    const length = below < reach ? matchLength(at, at - below - 1, min(end, at + longestMatch)) : 0
    if (length < <u32>matchBytes) {
      at += 1 + ((at - literals) >> patience)
      continue
    }
    addSequence(literals, at, (length << 16) | below)
    // Of the places inside a match the second and the last but one are enough: without the second, bodies grow by 3 %.
    note(at + 1, position + <u32>(at + 1 - from))
    at += length
    literals = at
    if (at < searchEnd) note(at - 2, position + <u32>(at - 2 - from))
    if (sequence == sequencesEnd - 8) {
      writeBlock(blockStart, at, sequences, sequence)
      blockStart = at
      startBlock()
    }
  }
  if (end > blockStart) {
    addSequence(literals, end, 0)
    writeBlock(blockStart, end, sequences, sequence)
  }
  position += <u32>(end - from)
  if (isLast) writeLastBlock()
  return bitsEnd()
}

function startBlock(): void {
  forgetFrequencies()
  sequence = sequences
}

function addSequence(literals: usize, at: usize, match: u32): void {
  countLiterals(literals, at)
  store<u32>(sequence, <u32>(at - literals))
  store<u32>(sequence, match, 4)
  sequence += 8
  if (match) countMatch(match >> 16, match & 0xffff)
}

/**
 * Remembers the place `here` of the bytes at `at`, and returns the distance to the last one with the same hash, minus one:
 * at most 65,534, or 2^32 - 1 where there is none.
 */
function note(at: usize, here: u32): u32 {
  const hash = ((load<u64>(at) << (64 - 8 * matchBytes)) * 0x9e3779b185ebca87) >> (64 - hashBits)
  const place = places + ((<usize>hash) << 1)
  const below = ((here - <u32>load<u16>(place)) & 0xffff) - 1
  store<u16>(place, <u16>here)
  return below
}

function matchLength(at: usize, earlier: usize, end: usize): u32 {
  const start = at
  while (at < end) {
    const same = i8x16.bitmask(i8x16.eq(v128.load(at), v128.load(earlier)))
    if (same != 0xffff) return <u32>(min(at + ctz(~same), end) - start)
    at += 16
    earlier += 16
  }
  return <u32>(end - start)
}
