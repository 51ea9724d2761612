import { answerMatch, answerNotMine } from '../span-layout'
import { lineContent, lineContentEnd, lineStream } from './current-line'
import { findByte } from './lines'
import { longestText, memoFind } from './memo'
import { stateAskedAt, stateAskedEnd, stateAskedTest } from './lane-state'
import {
  fieldFirstHolder,
  fieldHolders,
  fieldSources,
  fieldWatched,
  holderBytes,
  kindContains,
  kindEnds,
  kindEqual,
  kindNone,
  kindNumber,
  kindPattern,
  kindPresent,
  kindStarts,
  numberRelations,
  relationEqual,
  relationGreater,
  relationLess,
  sourceLevel,
  sourceStream,
  sourceText,
  testField,
  testIsOpposite,
  testKind,
  testMemo,
  testMissing,
  testNumber,
  testOfLevels,
  testOfStreams,
  testOfText,
  testOperand,
  textBytes,
  textsFirst,
  verdictNo,
  verdictUnsure,
  verdictYes,
} from './step-layout'
import { runSpanProgram } from './span-program'
import {
  beginInside,
  findInside,
  foundInsideAt,
  foundInsideEnd,
  foundInsideKeyAt,
  insideFound,
  insideNothing,
  insideUnsure,
  isThere,
  watchedAt,
  watchedEnd,
} from './watched-members'

/** Beyond the verdicts: TypeScript has to say. */
export const verdictAsked: u32 = 3

/** Digits that a f64 holds exactly, whatever they are. */
const mostDigits: u32 = 15

let valueAt: usize = 0
let valueEnd: usize = 0

/** Whether the comparison asks for the level that the agent finds: it has to be found before. */
export function asksForLevel(test: usize): bool {
  return (load<u32>(load<u32>(test, testField), fieldSources) & sourceLevel) != 0
}

/** What a comparison says about the line at hand, whose members were watched, or which is a text. */
export function verdictOf(state: usize, test: usize, severity: u32, isText: bool): u32 {
  const field: usize = load<u32>(test, testField)
  const sources = load<u32>(field, fieldSources)
  if ((sources & sourceLevel) != 0 && severity != 0)
    return (load<u32>(test, testOfLevels) >> (severity << 1)) & 3
  if ((sources & sourceStream) != 0 && lineStream() != 0)
    return (load<u32>(test, testOfStreams) >> (lineStream() << 1)) & 3
  if (isText) return (sources & sourceText) != 0 ? verdictOfText(test) : load<u32>(test, testOfText)
  const found = findValue(field)
  if (found == insideUnsure) return verdictUnsure
  if (found != insideFound) return load<u32>(test, testMissing)
  const verdict = verdictOfValue(test)
  return verdict == verdictUnsure ? remembered(state, test) : verdict
}

/** The member spelled so, else the last one that the path leads to. */
function findValue(field: usize): u32 {
  const watched = load<u32>(field, fieldWatched)
  if (isThere(watched)) {
    valueAt = watchedAt(watched)
    valueEnd = watchedEnd(watched)
    return insideFound
  }
  const found = findAtPath(field)
  if (found != insideFound) return found
  valueAt = pathAt
  valueEnd = pathEnd
  return insideFound
}

let pathAt: usize = 0
let pathEnd: usize = 0
let pathKeyAt: usize = 0

/** What `findAtPath` has found. */
export function atPath(): usize {
  return pathAt
}

export function endAtPath(): usize {
  return pathEnd
}

export function keyAtPath(): usize {
  return pathKeyAt
}

/** The last member that the path leads to; `countInside` says how many there are. */
export function findAtPath(field: usize): u32 {
  let result = insideNothing
  const count = load<u32>(field, fieldHolders)
  beginInside()
  for (let index: u32 = 0; index < count; index++) {
    const holder = field + fieldFirstHolder + <usize>index * holderBytes
    const number = load<u32>(holder)
    if (!isThere(number) || load<u8>(watchedAt(number)) != 0x7b) continue
    const found = findInside(watchedAt(number), load<u32>(holder, 4), load<u32>(holder, 8))
    if (found == insideUnsure) return insideUnsure
    if (found != insideFound || (result == insideFound && foundInsideAt() < pathAt)) continue
    pathKeyAt = foundInsideKeyAt()
    pathAt = foundInsideAt()
    pathEnd = foundInsideEnd()
    result = insideFound
  }
  return result
}

/** A line of text, whose words are no JSON: what the kernel cannot judge by itself is the general lane's. */
function verdictOfText(test: usize): u32 {
  const kind = load<u32>(test, testKind)
  if (kind == kindNone || kind == kindNumber) return verdictUnsure
  if (kind == kindPresent) return meant(test, true)
  if (kind == kindPattern) return comparePattern(test, lineContent(), lineContentEnd())
  return meant(test, compareText(test, kind, lineContent(), lineContentEnd()))
}

/** Of a JSON value that is plain; unsure about others. */
function verdictOfValue(test: usize): u32 {
  const kind = load<u32>(test, testKind)
  if (kind == kindNone) return verdictUnsure
  if (kind == kindPresent) return meant(test, true)
  const first: u32 = load<u8>(valueAt)
  if (kind == kindNumber)
    return first == 0x2d || first - 0x30 <= 9
      ? compareNumber(test, load<u32>(test, testOperand))
      : verdictUnsure
  if (first != 0x22 || findByte(valueAt, valueEnd, 0x5c) != valueEnd) return verdictUnsure
  if (kind == kindPattern) return comparePattern(test, valueAt + 1, valueEnd - 1)
  return meant(test, compareText(test, kind, valueAt + 1, valueEnd - 1))
}

function comparePattern(test: usize, at: usize, end: usize): u32 {
  const operand: usize = load<u32>(test, testOperand)
  const answer = runSpanProgram(load<u32>(operand), at, end, load<u32>(operand, 4))
  return answer == answerNotMine ? verdictUnsure : meant(test, answer == answerMatch)
}

function meant(test: usize, isTrue: bool): u32 {
  return isTrue != (load<u32>(test, testIsOpposite) != 0) ? verdictYes : verdictNo
}

function compareText(test: usize, kind: u32, at: usize, end: usize): bool {
  const texts: usize = load<u32>(test, testOperand)
  const length = end - at
  if (kind == kindEqual) {
    const count = load<u32>(texts)
    for (let index: u32 = 0; index < count; index++) {
      const text = texts + textsFirst + <usize>index * textBytes
      const textLength: usize = load<u32>(text, 4)
      if (textLength == length && isSame(at, load<u32>(text), textLength)) return true
    }
    return false
  }
  const text: usize = load<u32>(texts, textsFirst)
  const textLength: usize = load<u32>(texts, textsFirst + 4)
  if (textLength > length) return false
  if (kind == kindStarts) return isSame(at, text, textLength)
  return kind == kindEnds ? isSame(end - textLength, text, textLength) : contains(at, end, text, textLength)
}

function isSame(a: usize, b: usize, length: usize): bool {
  return memory.compare(a, b, length) == 0
}

/** 16 places a step for its first byte. */
function contains(at: usize, end: usize, text: usize, length: usize): bool {
  if (length == 0) return true
  const first = load<u8>(text)
  const last = end - length + 1
  while (at < last) {
    at = findByte(at, last, first)
    if (at == last) return false
    if (isSame(at, text, length)) return true
    at++
  }
  return false
}

/** Of digits, a fraction or none, and no exponent: so few of them that both sides are exact. */
function compareNumber(test: usize, operand: usize): u32 {
  let at = valueAt
  const isNegative = load<u8>(at) == 0x2d
  if (isNegative) at++
  let whole: f64 = 0
  let digits: u32 = 0
  let scale: f64 = 1
  let isFraction = false
  for (; at < valueEnd; at++) {
    const byte: u32 = load<u8>(at)
    if (byte == 0x2e) {
      isFraction = true
      continue
    }
    if (byte - 0x30 > 9 || ++digits > mostDigits) return verdictUnsure
    whole = whole * 10 + <f64>(byte - 0x30)
    if (isFraction) scale *= 10
  }
  // Two exact numbers divided give what reading the digits gives.
  const value = (isNegative ? -whole : whole) / scale
  const other = load<f64>(operand)
  const relation: u32 = value < other ? relationLess : value == other ? relationEqual : relationGreater
  return meant(test, (load<u32>(operand, numberRelations) & relation) != 0)
}

/** What TypeScript has said about this value, or will. */
function remembered(state: usize, test: usize): u32 {
  const length = valueEnd - valueAt
  if (length > longestText) return verdictUnsure
  const known = memoFind(load<u32>(test, testMemo), valueAt, length)
  if (known != 0) return known - 1
  store<u32>(state, <u32>valueAt, stateAskedAt)
  store<u32>(state, <u32>valueEnd, stateAskedEnd)
  store<u32>(state, load<u32>(test, testNumber), stateAskedTest)
  return verdictAsked
}
