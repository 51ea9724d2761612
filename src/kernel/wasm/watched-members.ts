import { endOfString, stringHasEscapes } from './json-string'
import { behindColon, endOfSpace, endOfValue } from './json-value'

/** Where the members of the line at hand stand that steps ask for, by the numbers of their keys. */
const memberBytes: usize = 16
const tableBytes: usize = 4096
const members = memory.data(4096)
/** Which line the places are of: nothing has to be cleared between two lines. */
let line: u32 = 0

/** Another line begins. */
export function forgetWatched(): void {
  if (++line != 0) return
  // After 2^32 lines, some days of a busy host: 0 is what all members have that never came, and they would be there.
  memory.fill(members, 0, tableBytes)
  line = 1
}

/** False where the line has the member already: which one counts depends on who asks. `keyAt` is its quote's place. */
export function watch(number: u32, keyAt: usize, valueAt: usize, valueEnd: usize): bool {
  const member = members + <usize>number * memberBytes
  if (load<u32>(member) == line) return false
  store<u32>(member, line)
  store<u32>(member, <u32>keyAt, 4)
  store<u32>(member, <u32>valueAt, 8)
  store<u32>(member, <u32>valueEnd, 12)
  return true
}

export function isThere(number: u32): bool {
  return load<u32>(members + <usize>number * memberBytes) == line
}

/** Of the key's first quote. */
export function watchedKeyAt(number: u32): usize {
  return load<u32>(members + <usize>number * memberBytes, 4)
}

export function watchedAt(number: u32): usize {
  return load<u32>(members + <usize>number * memberBytes, 8)
}

export function watchedEnd(number: u32): usize {
  return load<u32>(members + <usize>number * memberBytes, 12)
}

export const insideNothing: u32 = 0
export const insideFound: u32 = 1
export const insideUnsure: u32 = 2

let insideKeyAt: usize = 0
let insideAt: usize = 0
let insideEnd: usize = 0
let insideCount: u32 = 0

export function beginInside(): void {
  insideCount = 0
}

/** Members that the path leads to, in all objects since `beginInside`. */
export function countInside(): u32 {
  return insideCount
}

/** What `findInside` has found: its key's first quote, and its value. */
export function foundInsideKeyAt(): usize {
  return insideKeyAt
}

export function foundInsideAt(): usize {
  return insideAt
}

export function foundInsideEnd(): usize {
  return insideEnd
}

/**
 * Looks for the path `[path, path + length)` in the object at `at`, which is valid: the last member that it leads to, wherever in
 * it a dot stands between keys or inside of one (`steps/json-places.ts`). Calls itself as often as the path has dots at most.
 */
export function findInside(at: usize, path: usize, length: usize): u32 {
  let result = insideNothing
  at = endOfSpace(at + 1)
  while (load<u8>(at) == 0x22) {
    const keyEnd = endOfString(at + 1)
    // An escaped key may be any other one.
    if (keyEnd == 0 || stringHasEscapes()) return insideUnsure
    const keyLength = keyEnd - at - 1
    const valueAt = behindColon(keyEnd + 1)
    const valueEnd = valueAt == 0 ? <usize>0 : endOfValue(valueAt)
    if (valueEnd == 0) return insideUnsure
    if (keyLength <= length && memory.compare(at + 1, path, keyLength) == 0) {
      if (keyLength == length) {
        insideCount++
        insideKeyAt = at
        insideAt = valueAt
        insideEnd = valueEnd
        result = insideFound
      } else if (load<u8>(path + keyLength) == 0x2e && load<u8>(valueAt) == 0x7b) {
        const found = findInside(valueAt, path + keyLength + 1, length - keyLength - 1)
        if (found == insideUnsure) return insideUnsure
        if (found == insideFound) result = insideFound
      }
    }
    at = endOfSpace(valueEnd)
    if (load<u8>(at) != 0x2c) return result
    at = endOfSpace(at + 1)
  }
  return result
}
