import { expectKey, expectedKey } from './followers'
import { forgetNotes, noteMember } from './json-notes'
import { endOfString, stringHasEscapes } from './json-string'
import { behindColon, endOfSpace, endOfValue, forgetDepth, valueIsTooDeep } from './json-value'
import { keyWatched, stateKeys, stopKey, stopNestedKey } from './lane-state'
import { watchedNumber } from './meetings'
import { longestText, memoFollowers, memoSlot, slotAnswer, slotFollowers, slotLength } from './memo'
import { askedNestedAt, askedNestedEnd, lookInside, nestedAsks, nestedFound } from './nested-object'
import { forgetWatched, watch } from './watched-members'

/** What became of a line that was looked at as JSON. */
export const objectFound: u32 = 0
export const objectInvalid: u32 = 1
export const objectRefused: u32 = 2
/** A key is not in its memo: it stands at `askedKeyAt`. */
export const objectAsks: u32 = 3

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
  let followers = memoFollowers(keys)
  while (true) {
    if (load<u8>(at) != 0x22) return objectInvalid
    let slot = expectedKey(followers, at + 1)
    const keyEnd = slot == 0 ? endOfString(at + 1) : at + 1 + slotLength(slot)
    if (slot == 0) {
      if (keyEnd == 0) return objectInvalid
      // An escaped key may be any of ours. What follows may still show that the line is no JSON, which is for the general lane to see.
      if (stringHasEscapes() || keyEnd - at - 1 > longestText) return objectRefused
      slot = memoSlot(keys, at + 1, keyEnd - at - 1)
      if (slot != 0) expectKey(followers, slot)
    }
    const valueAt = behindColon(keyEnd + 1)
    if (valueAt == 0) return objectInvalid
    const valueEnd = endOfValue(valueAt)
    if (valueEnd == 0) return valueIsTooDeep() ? objectRefused : objectInvalid
    if (slot == 0) return asks(stopKey, at + 1, keyEnd)
    followers = slotFollowers(slot)
    const meaning = slotAnswer(slot)
    if (meaning != 1) {
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

function asks(stop: u32, at: usize, end: usize): u32 {
  question = stop
  askedAt = at
  askedEnd = end
  return objectAsks
}
