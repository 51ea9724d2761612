import { forgetNotes, noteMember } from './json-notes'
import { endOfString, stringHasEscapes } from './json-string'
import { behindColon, endOfSpace, endOfValue, forgetDepth, valueIsTooDeep } from './json-value'
import { keyWatched, stateKeys, stopKey, stopNestedKey } from './lane-state'
import { watchedNumber } from './meetings'
import { longestText, memoFind, memoSlot, slotAnswer, slotIs } from './memo'
import { askedNestedAt, askedNestedEnd, lookInside, nestedAsks, nestedFound } from './nested-object'
import { forgetWatched, watch } from './watched-members'

/** What became of a line that was looked at as JSON. */
export const objectFound: u32 = 0
export const objectInvalid: u32 = 1
export const objectRefused: u32 = 2
/** A key is not in its memo: it stands at `askedKeyAt`. */
export const objectAsks: u32 = 3

/** The slots in the memo at which the keys of the line before were found, by their places in it. */
const mostExpected: usize = 64
const expected = memory.data(256)
let expectedIn: usize = 0
let objectEnd: usize = 0
let lastValueEnd: usize = 0
let askedAt: usize = 0
let askedEnd: usize = 0
let question: u32 = 0

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

/** The `stop` code that asks about it. */
export function keyQuestion(): u32 {
  return question
}

/**
 * Goes through the object whose brace should stand at or behind `at`: all of it is checked as `JSON.parse` does, and the
 * members that have a meaning are noted. What stands behind it is the caller's to look at.
 */
export function scanObject(state: usize, at: usize): u32 {
  const keys: usize = load<u32>(state, stateKeys)
  forgetDepth()
  forgetNotes()
  forgetWatched()
  lastValueEnd = 0
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
      if (meaning == 0) return asks(stopKey, at + 1, keyEnd)
      if (!noteMember(meaning - 1, at, keyEnd + 1, valueAt, valueEnd)) return objectRefused
      if (
        ((meaning - 1) & keyWatched) != 0 &&
        !watch(watchedNumber(state, meaning - 1), at, valueAt, valueEnd)
      )
        return objectRefused
      const inside = lookInside(state, meaning - 1, valueAt)
      if (inside == nestedAsks) return asks(stopNestedKey, askedNestedAt(), askedNestedEnd())
      if (inside != nestedFound) return objectRefused
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

function asks(stop: u32, at: usize, end: usize): u32 {
  question = stop
  askedAt = at
  askedEnd = end
  return objectAsks
}
