import { touches } from './edits'
import { fieldAt, formEscaped, formJson, formText, nameAt, nameLength, setValue } from './fields'
import { areSame } from './same-bytes'
import { endOfSearch } from './wanted-keys'

/**
 * Finds the members of a JSON object that fields ask for, the way of src/render/json-scan.ts: at the top only, of equal
 * names the last, values as they are written. The text was checked when it was parsed; if it was not JSON after all, what
 * is found makes no sense, but nothing outside of it is taken.
 */

const quote: u8 = 0x22
const backslash: u8 = 0x5c

/** Whether the string that `endOfString` passed last has escapes. */
let hasEscapes: bool = false

/** The line that has edits, and where these are; 0 for none. */
let editedLine: usize = 0
let editsFrom: usize = 0
let editsTo: usize = 0
/** Whether an edit touches a member that was found. */
let isTouched: bool = false

/** As `findMembers`, in a `line` with edits: false also if one of them touches a member that was found. */
export function findEditedMembers(
  list: usize,
  wanted: u32,
  from: usize,
  end: usize,
  line: usize,
  edits: usize,
  editsEnd: usize,
): bool {
  editedLine = line
  editsFrom = edits
  editsTo = editsEnd
  isTouched = false
  const isFound = findMembers(list, wanted, from, end)
  editedLine = 0
  return isFound && !isTouched
}

/**
 * `[from, end)` begins behind the opening brace. False if a key has escapes; of keys behind the last one that is wanted nobody
 * asks, unless they could be one.
 */
export function findMembers(list: usize, wanted: u32, from: usize, end: usize): bool {
  const searchEnd = endOfSearch(list, wanted, from, end)
  if (searchEnd == from) return true
  const lengths = lengthsOf(list, wanted)
  let at = skipSpace(from, end)
  while (at < searchEnd && load<u8>(at) == quote) {
    const keyStart = at + 1
    const keyEnd = endOfString(keyStart, end)
    if (hasEscapes) return false
    let start = keyEnd + 2
    // As most write it, a colon stands between key and value and nothing else.
    if (load<u8>(keyEnd, 1) != 0x3a || load<u8>(start) <= 0x20) {
      start = skipSpace(skipSpace(keyEnd + 1, end) + 1, end)
    }
    if (start >= end) return true
    const valueEnd = endOfValue(start, end)
    const keyLength = keyEnd - keyStart
    if ((lengths >> (keyLength & 63)) & 1) setMatching(list, wanted, keyStart, keyLength, start, valueEnd)
    at = skipSpace(valueEnd, end)
    if (at >= end || load<u8>(at) != 0x2c) return true
    at = skipSpace(at + 1, end)
  }
  return true
}

/** Bit n set if some wanted name has n bytes (modulo 64): of the others' keys nothing is compared. */
function lengthsOf(list: usize, wanted: u32): u64 {
  let lengths: u64 = 0
  while (wanted != 0) {
    lengths |= (<u64>1) << (<u64>nameLength(fieldAt(list, ctz(wanted))) & 63)
    wanted &= wanted - 1
  }
  return lengths
}

/** Gives the value in `[start, end)` to each wanted field of that name. */
function setMatching(list: usize, wanted: u32, key: usize, keyLength: usize, start: usize, end: usize): void {
  while (wanted != 0) {
    const field = fieldAt(list, ctz(wanted))
    wanted &= wanted - 1
    if (nameLength(field) != keyLength || !areSame(nameAt(field), key, keyLength)) continue
    // From the quote before the key on.
    if (editedLine && touches(editsFrom, editsTo, key - 1 - editedLine, end - editedLine)) isTouched = true
    if (load<u8>(start) != quote) setValue(field, formJson, start, end)
    else setValue(field, hasEscapes ? formEscaped : formText, start + 1, max(start + 1, end - 1))
  }
}

function skipSpace(at: usize, end: usize): usize {
  while (at < end && load<u8>(at) <= 0x20) at += 1
  return at
}

/** From behind the opening quote to the closing one, at most `end`. */
function endOfString(at: usize, end: usize): usize {
  const quotes = i8x16.splat(quote)
  const backslashes = i8x16.splat(backslash)
  hasEscapes = false
  while (at < end) {
    const bytes = v128.load(at)
    const found = i8x16.bitmask(v128.or(i8x16.eq(bytes, quotes), i8x16.eq(bytes, backslashes)))
    if (found == 0) {
      at += 16
      continue
    }
    at += ctz(found)
    if (at >= end) return end
    if (load<u8>(at) == quote) return at
    hasEscapes = true
    at += 2
  }
  return end
}

/** Behind the value, at most `end`. `hasEscapes` is about it if it is a string. */
function endOfValue(at: usize, end: usize): usize {
  const first = load<u8>(at)
  if (first == quote) return min(endOfString(at + 1, end) + 1, end)
  if (first == 0x7b || first == 0x5b) return endOfNested(at, end)
  while (at < end && !endsScalar(load<u8>(at))) at += 1
  return at
}

/** A comma, a closing brace or bracket, or space. */
function endsScalar(byte: u8): bool {
  return byte == 0x2c || byte == 0x7d || byte == 0x5d || byte <= 0x20
}

/** Counts braces and brackets alike: valid JSON closes them in order. */
function endOfNested(at: usize, end: usize): usize {
  let depth = 0
  while (at < end) {
    const found = nestingBytes(at)
    if (found == 0) {
      at += 16
      continue
    }
    at += ctz(found)
    if (at >= end) return end
    const byte = load<u8>(at)
    if (byte == quote) at = endOfString(at + 1, end)
    else if (byte == 0x7b || byte == 0x5b) depth++
    else {
      depth--
      if (depth == 0) return at + 1
    }
    at += 1
  }
  return end
}

/** A bit for each of the 16 bytes that is a quote, a brace or a bracket: these are 32 apart. */
function nestingBytes(at: usize): i32 {
  const bytes = v128.load(at)
  const lower = v128.or(bytes, i8x16.splat(0x20))
  const nesting = v128.or(i8x16.eq(lower, i8x16.splat(0x7b)), i8x16.eq(lower, i8x16.splat(0x7d)))
  return i8x16.bitmask(v128.or(nesting, i8x16.eq(bytes, i8x16.splat(quote))))
}
