import { findByte } from './lines'
import { digitsMember, durationMember, textMember } from './member-writer'
import { isDigit } from './time-parts'

/** Places in the table of members (`lanes/fast/preset-members.ts`). */
const forwardedMember: u32 = 9
const requestBytesMember: u32 = 10
const durationPlace: u32 = 11
const extraMember: u32 = 12

/** As the preset has them (`parsers/access-log-extras.ts`). */
const longestForwarded: usize = 1024
const mostDigits: usize = 18
const mostSecondDigits: usize = 9

/** Of the line at hand; a part without bytes is not there. */
let forwardedAt: usize = 0
let forwardedEnd: usize = 0
let requestBytesAt: usize = 0
let requestBytesEnd: usize = 0
let durationAt: usize = 0
let durationEnd: usize = 0
let extraAt: usize = 0
let extraEnd: usize = 0

/** A line begins. */
export function forgetExtras(): void {
  forwardedAt = forwardedEnd = requestBytesAt = requestBytesEnd = 0
  durationAt = durationEnd = extraAt = extraEnd = 0
}

/**
 * Takes what stands behind the user agent, in which there is no backslash: a quoted list of addresses or its `-`, nginx's
 * $request_length and $request_time, and what else an operator has added. False where blanks of other kinds may have to be trimmed.
 */
export function takeExtras(at: usize, end: usize): bool {
  if (at == end) return true
  if (load<u8>(at) != 0x20 || !isVisible(end - 1)) return false
  let rest = endOfSpaces(at)
  if (!isVisible(rest)) return false
  if (load<u8>(rest) == 0x22) {
    const close = findByte(rest + 1, end, 0x22)
    if (close == end || close - rest > longestForwarded) return false
    const isNone = close - rest == 2 && load<u8>(rest, 1) == 0x2d
    if (isNone || isForwarded(rest + 1, close)) {
      if (!isNone) {
        forwardedAt = rest + 1
        forwardedEnd = close
      }
      rest = endOfSpaces(close + 1)
      if (rest >= end) return true
      if (!isVisible(rest)) return false
    }
  }
  rest = takeDuration(rest, end)
  if (rest >= end) return true
  extraAt = endOfSpaces(rest)
  extraEnd = end
  return isVisible(extraAt)
}

export function writeExtras(state: usize): void {
  if (forwardedAt != forwardedEnd) textMember(state, forwardedMember, forwardedAt, forwardedEnd)
  if (requestBytesAt != requestBytesEnd)
    digitsMember(state, requestBytesMember, requestBytesAt, requestBytesEnd)
  if (durationAt != durationEnd) durationMember(state, durationPlace, durationAt, durationEnd)
  if (extraAt != extraEnd) textMember(state, extraMember, extraAt, extraEnd)
}

/** Behind `SECONDS`, or `BYTES SECONDS`; where neither stands there, `at`. */
function takeDuration(at: usize, end: usize): usize {
  const first = endOfSeconds(at, end)
  if (first != 0) {
    durationAt = at
    durationEnd = first
    return first
  }
  let digits = at
  while (digits < end && isDigit(digits)) digits++
  if (digits == at || digits - at > mostDigits || digits >= end || load<u8>(digits) != 0x20) return at
  const second = endOfSeconds(digits + 1, end)
  if (second == 0) return at
  requestBytesAt = at
  requestBytesEnd = digits
  durationAt = digits + 1
  durationEnd = second
  return second
}

/** Where the word `12.345` that begins at `at` ends, 0 where it is none. */
function endOfSeconds(at: usize, end: usize): usize {
  let point = at
  while (point < end && isDigit(point)) point++
  const wordEnd = point + 4
  if (point == at || point - at > mostSecondDigits || wordEnd > end || load<u8>(point) != 0x2e) return 0
  if (!isDigit(point + 1) || !isDigit(point + 2) || !isDigit(point + 3)) return 0
  return wordEnd == end || load<u8>(wordEnd) == 0x20 ? wordEnd : 0
}

/** Hex digits, dots, colons, commas, spaces and brackets, with a dot or a colon among them. */
function isForwarded(at: usize, end: usize): bool {
  let hasMark = false
  if (at == end) return false
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at)
    if (byte == 0x2e || byte == 0x3a) hasMark = true
    else if (byte - 0x30 > 9 && (byte | 0x20) - 0x61 > 5 && !isListMark(byte)) return false
  }
  return hasMark
}

/** `,`, a space, `[`, `]`. */
function isListMark(byte: u32): bool {
  return byte == 0x2c || byte == 0x20 || byte == 0x5b || byte == 0x5d
}

function endOfSpaces(at: usize): usize {
  while (load<u8>(at) == 0x20) at++
  return at
}

function isVisible(at: usize): bool {
  return <u32>load<u8>(at) - 0x21 <= 0x7e - 0x21
}
