/**
 * Where a JSON value ends, by the grammar that `JSON.parse` has (RFC 8259): -1 for what it would refuse. The bytes must
 * be UTF-8. No recursion, so that no depth of nesting can hurt; no objects, so that a line costs no garbage: 0.9 CPU
 * seconds a GB against 5.7 of `JSON.parse` and what collecting its objects costs (bench/README.md).
 */

const quote = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const openBracket = 0x5b
const comma = 0x2c
const colon = 0x3a

/** 1 for what ends a run of plain characters in a string: a quote, a backslash, a control character. */
export const stopsString = new Uint8Array(256)
stopsString.fill(1, 0, 0x20)
stopsString[quote] = 1
stopsString[backslash] = 1

/** What may stand behind a backslash; `u` and its four digits apart. */
const isEscape = new Uint8Array(256)
for (const letter of '"\\/bfnrt') isEscape[letter.charCodeAt(0)] = 1

const isHexDigit = new Uint8Array(256)
for (const digit of '0123456789abcdefABCDEF') isHexDigit[digit.charCodeAt(0)] = 1

/** The first byte at or behind `from` that is no JSON space. */
export function endOfSpace(bytes: Uint8Array, from: number, end: number): number {
  // Loggers write none: one comparison instead of four, three times a member.
  if (from < end && bytes[from]! > 0x20) return from
  let at = from
  while (at < end && isSpace(bytes[at]!)) at++
  return at
}

const isSpace = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09

/** Behind the closing quote of the string whose opening quote stands before `from`. */
export function endOfString(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  for (;;) {
    // No look at `end` in between: lines are followed by a newline, which ends the run, and behind the last byte is `undefined`.
    while (stopsString[bytes[at]!] === 0) at++
    if (at >= end) return -1
    const byte = bytes[at]!
    if (byte === quote) return at + 1
    if (byte !== backslash) return -1
    at = endOfEscape(bytes, at + 1, end)
    if (at < 0) return -1
  }
}

function endOfEscape(bytes: Uint8Array, at: number, end: number): number {
  if (at >= end) return -1
  if (isEscape[bytes[at]!] === 1) return at + 1
  if (bytes[at] !== 0x75 || at + 5 > end) return -1
  for (let digit = 1; digit <= 4; digit++) if (isHexDigit[bytes[at + digit]!] === 0) return -1
  return at + 5
}

/** Behind the value that begins at `from`, whatever it is. */
export function endOfValue(bytes: Uint8Array, from: number, end: number): number {
  if (from >= end) return -1
  const first = bytes[from]!
  if (first === quote) return endOfString(bytes, from + 1, end)
  if (first === openBrace || first === openBracket) return endOfNested(bytes, from, end)
  return endOfScalar(bytes, from, end)
}

function endOfScalar(bytes: Uint8Array, from: number, end: number): number {
  const first = bytes[from]
  if (first === 0x74) return endOfWord(bytes, from, end, 'true')
  if (first === 0x66) return endOfWord(bytes, from, end, 'false')
  if (first === 0x6e) return endOfWord(bytes, from, end, 'null')
  return endOfNumber(bytes, from, end)
}

// oxlint-disable-next-line max-params -- an object for each literal of each line would be garbage
function endOfWord(bytes: Uint8Array, from: number, end: number, word: string): number {
  if (from + word.length > end) return -1
  for (let index = 1; index < word.length; index++) {
    if (bytes[from + index] !== word.charCodeAt(index)) return -1
  }
  return from + word.length
}

/** `-`, digits without a leading zero, a fraction, an exponent. */
function endOfNumber(bytes: Uint8Array, from: number, end: number): number {
  let at = bytes[from] === 0x2d ? from + 1 : from
  const whole = at
  at = endOfDigits(bytes, at, end)
  if (at === whole || (bytes[whole] === 0x30 && at > whole + 1)) return -1
  if (at < end && bytes[at] === 0x2e) {
    const fraction = at + 1
    at = endOfDigits(bytes, fraction, end)
    if (at === fraction) return -1
  }
  if (at < end && (bytes[at]! | 0x20) === 0x65) {
    const sign = bytes[at + 1]
    const digits = sign === 0x2b || sign === 0x2d ? at + 2 : at + 1
    at = endOfDigits(bytes, digits, end)
    if (at <= digits) return -1
  }
  return at
}

function endOfDigits(bytes: Uint8Array, from: number, end: number): number {
  let at = from
  let byte = bytes[at]!
  while (byte >= 0x30 && byte <= 0x39) byte = bytes[++at]!
  // Behind a line that was cut there may be more digits; `from` may lie beyond the end where an exponent has none.
  return at > end ? Math.max(from, end) : at
}

/** Where the value behind a key begins: the key's opening quote stands at `from`. */
function startOfMember(bytes: Uint8Array, from: number, end: number): number {
  if (bytes[from] !== quote || from >= end) return -1
  const keyEnd = endOfString(bytes, from + 1, end)
  return keyEnd < 0 ? -1 : behindColon(bytes, keyEnd, end)
}

/** Where the value begins behind the colon that must follow. */
export function behindColon(bytes: Uint8Array, from: number, end: number): number {
  const at = endOfSpace(bytes, from, end)
  return at < end && bytes[at] === colon ? endOfSpace(bytes, at + 1, end) : -1
}

/** The opening brackets that are not closed yet; grows with the deepest line that came. */
let open = new Uint8Array(64)

/** Behind the object or array that begins at `from`. A closing bracket is its opening one plus 2, in ASCII. */
function endOfNested(bytes: Uint8Array, from: number, end: number): number {
  let depth = 0
  let at = from
  while (at >= 0 && at < end) {
    const byte = bytes[at]!
    if (byte === openBrace || byte === openBracket) {
      if (depth === open.length) open = grown(open)
      open[depth++] = byte
      at = endOfSpace(bytes, at + 1, end)
      if (at < end && bytes[at] !== byte + 2) {
        at = byte === openBrace ? startOfMember(bytes, at, end) : at
        continue
      }
    } else {
      at = byte === quote ? endOfString(bytes, at + 1, end) : endOfScalar(bytes, at, end)
      if (at < 0) return -1
      at = endOfSpace(bytes, at, end)
    }
    // Behind a value: brackets that close here, then a comma and the next value.
    while (at < end && bytes[at] === open[depth - 1]! + 2) {
      at++
      if (--depth === 0) return at
      at = endOfSpace(bytes, at, end)
    }
    if (at >= end || bytes[at] !== comma) return -1
    at = endOfSpace(bytes, at + 1, end)
    if (open[depth - 1] === openBrace) at = startOfMember(bytes, at, end)
  }
  return -1
}

function grown(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(bytes.length * 2)
  larger.set(bytes)
  return larger
}
