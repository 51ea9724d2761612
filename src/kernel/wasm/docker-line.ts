import { setContent } from './current-line'
import { endOfValue, forgetDepth } from './json-value'
import { readIsoTime } from './iso-time'
import { stateScratch } from './lane-state'
import { findByte } from './lines'
import { keepWrapperTime } from './wrapper-time'

/** `{"log":"`, which begins each line. */
const head: u64 = 0x223a_2267_6f6c_227b
const headBytes: usize = 8
/** `,"stream":"std` behind the text, whose last three letters tell the streams apart. */
const streamHead = memory.data<u8>([
  0x2c, 0x22, 0x73, 0x74, 0x72, 0x65, 0x61, 0x6d, 0x22, 0x3a, 0x22, 0x73, 0x74, 0x64,
])
const streamHeadBytes: usize = 14
/** `,"attrs":`, of containers whose labels are logged. */
const attrsHead = memory.data<u8>([0x2c, 0x22, 0x61, 0x74, 0x74, 0x72, 0x73, 0x22, 0x3a])
const attrsHeadBytes: usize = 9
/** `,"time":"`. */
const timeHead = memory.data<u8>([0x2c, 0x22, 0x74, 0x69, 0x6d, 0x65, 0x22, 0x3a, 0x22])
const timeHeadBytes: usize = 9
const longestTime: usize = 36

/** Where the text that was written last ends. */
let textEnd: usize = 0

/**
 * Takes the line `[at, end)` out of what Docker's json-file driver writes around it, to the letter (`parsers/docker.ts`): its text
 * is written, without escapes and newline, to where the state says. Returns the stream, 1 or 2; 0 for all other lines, parts of
 * lines above all.
 */
export function readDocker(state: usize, at: usize, end: usize): u32 {
  if (end - at < headBytes || load<u64>(at) != head) return 0
  const text: usize = load<u32>(state, stateScratch)
  at = writeText(at + headBytes, text)
  if (at == 0 || !isAt(streamHead, streamHeadBytes, at)) return 0
  at += streamHeadBytes
  // Three letters and a quote.
  const letters = load<u32>(at)
  const stream: u32 = letters == 0x2274756f ? 1 : letters == 0x22727265 ? 2 : 0
  if (stream == 0) return 0
  at += 4
  if (isAt(attrsHead, attrsHeadBytes, at)) {
    forgetDepth()
    at = endOfValue(at + attrsHeadBytes)
    if (at == 0) return 0
  }
  if (!isAt(timeHead, timeHeadBytes, at)) return 0
  at += timeHeadBytes
  const timeEnd = findByte(at, min(end, at + longestTime), 0x22)
  if (timeEnd + 2 != end || load<u8>(timeEnd, 1) != 0x7d || !readIsoTime(at, timeEnd)) return 0
  keepWrapperTime()
  setContent(text, textEnd, stream)
  return stream
}

function isAt(text: usize, length: usize, at: usize): bool {
  return memory.compare(text, at, length) == 0
}

/**
 * Writes what stands from `at` on in a JSON string that ends in a newline, up to that. Returns where the line goes on behind the
 * closing quote; 0 for a part of a line, one with a newline in it, and what is no JSON. UTF-8 is looked at later.
 */
function writeText(at: usize, out: usize): usize {
  const start = out
  while (true) {
    const bytes = v128.load(at)
    v128.store(out, bytes)
    const special = i8x16.bitmask(
      v128.or(
        v128.or(i8x16.eq(bytes, i8x16.splat(0x22)), i8x16.eq(bytes, i8x16.splat(0x5c))),
        i8x16.lt_u(bytes, i8x16.splat(0x20)),
      ),
    )
    if (special == 0) {
      at += 16
      out += 16
      continue
    }
    at += ctz(special)
    out += ctz(special)
    if (load<u8>(at) != 0x5c) return 0
    const letter: u32 = load<u8>(at, 1)
    if (letter == 0x6e) {
      if (load<u8>(at, 2) != 0x22) return 0
      textEnd = out > start && load<u8>(out - 1) == 0x0d ? out - 1 : out
      // As behind each line.
      store<u8>(textEnd, 0x0a)
      return at + 3
    }
    if (letter == 0x75) {
      out = writeCharacter(at + 2, out)
      if (out == 0) return 0
      at += 6
      continue
    }
    const byte = escaped(letter)
    if (byte == 0) return 0
    store<u8>(out++, byte)
    at += 2
  }
}

/** What a letter stands for behind a backslash, 0 for none. */
function escaped(letter: u32): u32 {
  switch (letter) {
    case 0x22: // "
    case 0x5c: // \
    case 0x2f: // /
      return letter
    case 0x62: // b
      return 0x08
    case 0x66: // f
      return 0x0c
    case 0x72: // r
      return 0x0d
    case 0x74: // t
      return 0x09
    default:
      return 0
  }
}

/** Writes the character with the four hex digits at `at` as UTF-8; 0 for none, a newline, NUL, and halves of pairs. */
function writeCharacter(at: usize, out: usize): usize {
  let code: u32 = 0
  for (let digit: usize = 0; digit < 4; digit++) {
    const value = hexValue(load<u8>(at + digit))
    if (value > 15) return 0
    code = (code << 4) | value
  }
  if (code == 0 || code == 0x0a || (code >= 0xd800 && code <= 0xdfff)) return 0
  if (code < 0x80) {
    store<u8>(out, code)
    return out + 1
  }
  if (code < 0x800) {
    store<u8>(out, 0xc0 | (code >> 6))
    store<u8>(out, 0x80 | (code & 63), 1)
    return out + 2
  }
  store<u8>(out, 0xe0 | (code >> 12))
  store<u8>(out, 0x80 | ((code >> 6) & 63), 1)
  store<u8>(out, 0x80 | (code & 63), 2)
  return out + 3
}

/** Above 15 for what is no hex digit. */
function hexValue(byte: u32): u32 {
  if (byte - 0x30 <= 9) return byte - 0x30
  const letter = (byte | 0x20) - 0x61
  return letter <= 5 ? letter + 10 : 16
}
