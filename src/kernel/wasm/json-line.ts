import { isPlainHexId } from './hex-id'
import { endOfString, stringHasEscapes } from './json-string'
import { behindColon, endOfSpace, endOfValue, forgetDepth, valueIsTooDeep } from './json-value'
import {
  keyLevel,
  keyLevelNumber,
  keyLevelRankShift,
  keyRefused,
  keyRefusedObject,
  keySpan,
  keyTime,
  keyTimeRankShift,
  keyTimestamp,
  keyTrace,
  keyWatchedShift,
  mostRanks,
} from './lane-state'
import { longestText, memoFind, memoSlot, slotAnswer, slotIs } from './memo'
import { forgetWatched, watch } from './watched-members'

/** What became of a line that was looked at as JSON. */
export const objectFound: u32 = 0
export const objectInvalid: u32 = 1
export const objectRefused: u32 = 2
/** A key is not in the memo: it stands at `askedAt`. */
export const objectAsks: u32 = 3

const spanOfRank: usize = 8
/** Where the values stand that may be the event's time or level, by the rank of their names: address, and where it ends. */
const times = memory.data(256)
const levels = memory.data(256)
/** The slots in the memo at which the keys of the line before were found, by their places in it. */
const mostExpected: usize = 64
const expected = memory.data(256)
let expectedIn: usize = 0
/** A bit for each rank that the line has. */
let timesSeen: u32 = 0
let levelsSeen: u32 = 0
/** Of these ranks the level is a number of OpenTelemetry's. */
let levelNumbers: u32 = 0
/** Which kinds of ids the line has, empty ones too: of a key that comes twice the last one counts. */
let idsSeen: u32 = 0
let traceAt: usize = 0
let traceEnd: usize = 0
let spanAt: usize = 0
let timestampAt: usize = 0
let timestampEnd: usize = 0
let objectEnd: usize = 0
let lastValueEnd: usize = 0
let askedAt: usize = 0
let askedEnd: usize = 0

/** Behind the closing brace of the object that was found last. */
export function endOfObject(): usize {
  return objectEnd
}

/** Behind its last value, 0 where it has none. */
export function endOfLastValue(): usize {
  return lastValueEnd
}

export function askedKeyAt(): usize {
  return askedAt
}

export function askedKeyEnd(): usize {
  return askedEnd
}

export function seenTimes(): u32 {
  return timesSeen
}

export function seenLevels(): u32 {
  return levelsSeen
}

export function isLevelNumber(rank: u32): bool {
  return ((levelNumbers >> rank) & 1) == 1
}

export function timeAt(rank: u32): usize {
  return load<u32>(times + <usize>rank * spanOfRank)
}

export function timeEnd(rank: u32): usize {
  return load<u32>(times + <usize>rank * spanOfRank, 4)
}

export function levelAt(rank: u32): usize {
  return load<u32>(levels + <usize>rank * spanOfRank)
}

export function levelEnd(rank: u32): usize {
  return load<u32>(levels + <usize>rank * spanOfRank, 4)
}

/** The first digit of the trace id, 0 where the line has none. */
export function foundTraceAt(): usize {
  return traceAt
}

export function foundTraceLength(): usize {
  return traceEnd - traceAt
}

/** Of the span's id, which has 16 digits. */
export function foundSpanAt(): usize {
  return spanAt
}

/** The value of the line's own `@timestamp`, 0 where it has none. */
export function ownTimestampAt(): usize {
  return timestampAt
}

export function ownTimestampEnd(): usize {
  return timestampEnd
}

/**
 * Goes through the object whose brace should stand at or behind `at`: all of it is checked as `JSON.parse` does, and the
 * members that `keys` has a meaning for are noted. What stands behind it is the caller's to look at.
 */
export function scanObject(at: usize, keys: usize): u32 {
  timesSeen = levelsSeen = levelNumbers = idsSeen = 0
  forgetDepth()
  forgetWatched()
  traceAt = traceEnd = spanAt = timestampAt = lastValueEnd = 0
  at = endOfSpace(at)
  if (load<u8>(at) != 0x7b) return objectInvalid
  at = endOfSpace(at + 1)
  if (load<u8>(at) == 0x7d) {
    objectEnd = at + 1
    return objectFound
  }
  if (keys != expectedIn) forgetExpected(keys)
  let index: usize = 0
  while (true) {
    if (load<u8>(at) != 0x22) return objectInvalid
    const keyEnd = endOfString(at + 1)
    if (keyEnd == 0) return objectInvalid
    // An escaped key may be any of ours. What follows may still show that the line is no JSON, which is for the general lane to see.
    if (stringHasEscapes() || keyEnd - at - 1 > longestText) return objectRefused
    const valueAt = behindColon(keyEnd + 1)
    if (valueAt == 0) return objectInvalid
    const valueEnd = endOfValue(valueAt)
    if (valueEnd == 0) return valueIsTooDeep() ? objectRefused : objectInvalid
    const meaning = meaningOf(keys, index++, at + 1, keyEnd)
    if (meaning != 1) {
      if (meaning == 0) return asks(at + 1, keyEnd)
      if (!noteMember(meaning - 1, valueAt, valueEnd)) return objectRefused
      const number = (meaning - 1) >> keyWatchedShift
      if (number != 0 && !watch(number, at, valueAt, valueEnd)) return objectRefused
    }
    at = endOfSpace(valueEnd)
    const next: u32 = load<u8>(at)
    if (next == 0x7d) {
      lastValueEnd = valueEnd
      break
    }
    if (next != 0x2c) return objectInvalid
    at = endOfSpace(at + 1)
  }
  objectEnd = at + 1
  return objectFound
}

/**
 * What the memo has for the key, 0 where it has nothing. Lines of one file have the same keys at the same places: the slot of
 * the line before is looked at first, which saves the hash of nearly every key (a tenth of the lane's work).
 */
function meaningOf(keys: usize, index: usize, at: usize, end: usize): u32 {
  if (index >= mostExpected) return memoFind(keys, at, end - at)
  const place = expected + (index << 2)
  const last: usize = load<u32>(place)
  if (last != 0 && slotIs(last, at, end - at)) return slotAnswer(last)
  const slot = memoSlot(keys, at, end - at)
  store<u32>(place, <u32>slot)
  return slot == 0 ? 0 : slotAnswer(slot)
}

/** Slots of another memo have other meanings. */
function forgetExpected(keys: usize): void {
  memory.fill(expected, 0, mostExpected << 2)
  expectedIn = keys
}

function asks(at: usize, end: usize): u32 {
  askedAt = at
  askedEnd = end
  return objectAsks
}

/** False where the line is the general lane's: for what the member means, or because it has it twice. */
function noteMember(meaning: u32, at: usize, end: usize): bool {
  if ((meaning & keyRefused) != 0) return false
  if ((meaning & keyRefusedObject) != 0 && load<u8>(at) == 0x7b) return false
  if ((meaning & keyTimestamp) != 0) {
    if (timestampAt != 0) return false
    timestampAt = at
    timestampEnd = end
  }
  if ((meaning & keyTime) != 0) {
    const rank = (meaning >> keyTimeRankShift) & (mostRanks - 1)
    if (((timesSeen >> rank) & 1) == 1) return false
    timesSeen |= 1 << rank
    noteSpan(times, rank, at, end)
  }
  if ((meaning & keyLevel) != 0) {
    const rank = (meaning >> keyLevelRankShift) & (mostRanks - 1)
    if (((levelsSeen >> rank) & 1) == 1) return false
    levelsSeen |= 1 << rank
    if ((meaning & keyLevelNumber) != 0) levelNumbers |= 1 << rank
    noteSpan(levels, rank, at, end)
  }
  const ids = meaning & (keyTrace | keySpan)
  if (ids == 0) return true
  if ((idsSeen & ids) != 0) return false
  idsSeen |= ids
  return noteId((meaning & keyTrace) != 0, at, end)
}

function noteSpan(spans: usize, rank: u32, at: usize, end: usize): void {
  store<u32>(spans + <usize>rank * spanOfRank, <u32>at)
  store<u32>(spans + <usize>rank * spanOfRank, <u32>end, 4)
}

/** An id in the very letters in which it is kept, or an empty one, which is none. */
function noteId(isTrace: bool, at: usize, end: usize): bool {
  if (isEmptyId(at, end)) return true
  if (load<u8>(at) != 0x22 || !isPlainHexId(at + 1, end - 1)) return false
  if (isTrace) {
    traceAt = at + 1
    traceEnd = end - 1
  } else if (end - at == 18) {
    // A longer one is no span's: the general lane finds none in it either.
    spanAt = at + 1
  }
  return true
}

/** `""` or `null`. */
function isEmptyId(at: usize, end: usize): bool {
  return end - at == 2 ? load<u16>(at) == 0x2222 : end - at == 4 && load<u32>(at) == 0x6c6c756e
}
