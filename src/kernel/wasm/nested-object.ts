import { copyBytes } from './copy-bytes'
import { noteMember } from './json-notes'
import { endOfString, stringHasEscapes } from './json-string'
import { behindColon, endOfSpace, endOfValue } from './json-value'
import { keyInner, stateNestedKeys } from './lane-state'
import { contextOfLast } from './meetings'
import { longestText, memoSlot, slotAnswer } from './memo'

/** What became of an object within the line's. */
export const nestedFound: u32 = 0
export const nestedRefused: u32 = 1
/** A key is not in the memo: it stands at `askedNestedAt`. */
export const nestedAsks: u32 = 2

/** A key as the memo has it: u32 what the object is looked at as, then its bytes. */
export const contextBytes: usize = 4
const text = memory.data(320)
let textEnd: usize = 0

export function askedNestedAt(): usize {
  return text
}

export function askedNestedEnd(): usize {
  return textEnd
}

/** Looks into the object of a member that was just noted, where its meaning says so. What begins at `at` is valid JSON. */
export function lookInside(state: usize, meaning: u32, at: usize): u32 {
  if ((meaning & keyInner) == 0 || load<u8>(at) != 0x7b) return nestedFound
  const context = contextOfLast(state)
  at = endOfSpace(at + 1)
  if (load<u8>(at) == 0x7d) return nestedFound
  while (true) {
    const keyEnd = endOfString(at + 1)
    if (stringHasEscapes() || keyEnd - at + contextBytes > longestText) return nestedRefused
    const valueAt = behindColon(keyEnd + 1)
    const valueEnd = endOfValue(valueAt)
    const found = meaningInside(state, context, at + 1, keyEnd)
    if (found == 0) return nestedAsks
    if (found != 1) {
      if (!noteMember(found - 1, at, keyEnd + 1, valueAt, valueEnd)) return nestedRefused
      const inner = lookInside(state, found - 1, valueAt)
      if (inner != nestedFound) return inner
    }
    at = endOfSpace(valueEnd)
    if (load<u8>(at) == 0x7d) return nestedFound
    at = endOfSpace(at + 1)
  }
}

/** What the memo has for a key, with 1 added; 0 where it has to be asked for. */
function meaningInside(state: usize, context: u32, at: usize, end: usize): u32 {
  const slot = slotInside(state, context, at, end)
  return slot == 0 ? 0 : slotAnswer(slot)
}

/** Where the key stands in the memo, 0 where it has to be asked for. */
export function slotInside(state: usize, context: u32, at: usize, end: usize): usize {
  store<u32>(text, context)
  textEnd = copyBytes(at, end - at, text + contextBytes)
  return memoSlot(load<u32>(state, stateNestedKeys), text, textEnd - text)
}
