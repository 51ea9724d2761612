import { touches } from './edits'
import { fieldAt, fieldCount, formEscaped, formJson, formText, nameAt, nameLength, setValue } from './fields'

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

/** `[from, end)` begins behind the opening brace. False if a key has escapes. */
export function findMembers(list: usize, wanted: u32, from: usize, end: usize): bool {
  const lengths = load<u64>(list, 8)
  let at = skipSpace(from, end)
  while (at < end && load<u8>(at) == quote) {
    const keyStart = at + 1
    const keyEnd = endOfString(keyStart, end)
    if (hasEscapes) return false
    const start = skipSpace(skipSpace(keyEnd + 1, end) + 1, end)
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

/** Gives the value in `[start, end)` to each wanted field of that name. */
function setMatching(list: usize, wanted: u32, key: usize, keyLength: usize, start: usize, end: usize): void {
  const count = fieldCount(list)
  for (let index: u32 = 0; index < count; index++) {
    const field = fieldAt(list, index)
    if (!((wanted >> index) & 1) || nameLength(field) != keyLength) continue
    if (memory.compare(nameAt(field), key, keyLength) != 0) continue
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
    const byte = load<u8>(at)
    if (byte == quote) at = endOfString(at + 1, end)
    else if (byte == 0x7b || byte == 0x5b) depth++
    else if (byte == 0x7d || byte == 0x5d) {
      depth--
      if (depth == 0) return at + 1
    }
    at += 1
  }
  return end
}
