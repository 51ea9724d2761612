import { forgetExtras, takeExtras, writeExtras } from './access-extras'
import { accessTimeBytes, readAccessTime } from './access-time'
import { lineContent, lineContentEnd } from './current-line'
import { stateNowSeconds, stopEnd, stopFull, stopRefused } from './lane-state'
import { findByte } from './lines'
import { finishMembers, numberMember, textMember } from './member-writer'
import { beginPresetEvent } from './preset-event'
import { isPlausible } from './read-time'

/** Places in the table of members (`lanes/fast/preset-members.ts`). */
const addressMember: u32 = 0
const userMember: u32 = 1
const methodMember: u32 = 2
const urlMember: u32 = 3
const versionMember: u32 = 4
const statusMember: u32 = 5
const bytesMember: u32 = 6
const referrerMember: u32 = 7
const agentMember: u32 = 8
const mostMethodBytes: usize = 32
/** Elasticsearch's `long` has 19 digits. */
const mostDigits: usize = 18

let userAt: usize = 0
let userEnd: usize = 0
let addressEnd: usize = 0
let methodAt: usize = 0
let methodEnd: usize = 0
let urlEnd: usize = 0
let versionEnd: usize = 0
let statusAt: usize = 0
let bytesAt: usize = 0
let bytesEnd: usize = 0
let referrerAt: usize = 0
let referrerEnd: usize = 0
let agentAt: usize = 0
let agentEnd: usize = 0

/**
 * Makes an event of a line in the common or combined format as nginx and Apache write it by default; all that is unusual about
 * it (a virtual host in front, a request that is none, a backslash) is the general lane's (`parsers/access-log.ts`).
 */
export function addAccessEvent(state: usize): u32 {
  const at = lineContent()
  const end = lineContentEnd()
  if (!takeApart(at, end) || !isPlausible(load<u32>(state, stateNowSeconds))) return stopRefused
  if (!beginPresetEvent(state, true, 0)) return stopFull
  textMember(state, addressMember, at, addressEnd)
  if (!isDash(userAt, userEnd)) textMember(state, userMember, userAt, userEnd)
  textMember(state, methodMember, methodAt, methodEnd)
  textMember(state, urlMember, methodEnd + 1, urlEnd)
  textMember(state, versionMember, urlEnd + 6, versionEnd)
  numberMember(state, statusMember, statusAt, statusAt + 3)
  if (!isDash(bytesAt, bytesEnd)) numberMember(state, bytesMember, bytesAt, bytesEnd)
  if (isSaid(referrerAt, referrerEnd)) textMember(state, referrerMember, referrerAt, referrerEnd)
  if (isSaid(agentAt, agentEnd)) textMember(state, agentMember, agentAt, agentEnd)
  writeExtras(state)
  finishMembers(state)
  return stopEnd
}

/** `ADDRESS - USER [TIME] "METHOD URL HTTP/VERSION" STATUS BYTES`, and `"REFERRER" "AGENT"` or nothing behind it. */
function takeApart(at: usize, end: usize): bool {
  addressEnd = findByte(at, end, 0x20)
  userAt = addressEnd + 3
  if (addressEnd == at || userAt >= end || load<u16>(addressEnd, 1) != 0x202d) return false
  userEnd = findByte(userAt, end, 0x20)
  const timeAt = userEnd + 2
  if (userEnd == userAt || timeAt + accessTimeBytes + 3 >= end) return false
  if (load<u8>(userEnd, 1) != 0x5b || hasBracket(at, userEnd) || !readAccessTime(timeAt)) return false
  // What stands before the time is trimmed, of all that counts as a blank.
  const last: u32 = load<u8>(userEnd - 1)
  if (last < 0x21 || last > 0x7e) return false
  // `] "` behind the time.
  if ((load<u32>(timeAt + accessTimeBytes) & 0xffffff) != 0x22205d) return false
  return takeRequest(timeAt + accessTimeBytes + 3, end)
}

function takeRequest(at: usize, end: usize): bool {
  const requestEnd = findByte(at, end, 0x22)
  methodAt = at
  methodEnd = findByte(at, requestEnd, 0x20)
  if (requestEnd == end || methodEnd == requestEnd || !isMethod(at, methodEnd)) return false
  // It may guard the quote that seems to close the request.
  if (hasBackslash(at, requestEnd)) return false
  let lastSpace = requestEnd
  while (load<u8>(lastSpace - 1) != 0x20) lastSpace--
  urlEnd = lastSpace - 1
  versionEnd = requestEnd
  // Without a URL the first space is the last one.
  if (urlEnd <= methodEnd + 1 || versionEnd - lastSpace < 5) return false
  if (load<u32>(lastSpace) != 0x50545448 || load<u8>(lastSpace, 4) != 0x2f) return false
  return takeAnswer(requestEnd + 1, end)
}

function takeAnswer(at: usize, end: usize): bool {
  statusAt = at + 1
  bytesAt = at + 5
  if (bytesAt >= end || load<u8>(at) != 0x20 || load<u8>(statusAt, 3) != 0x20) return false
  bytesEnd = findByte(bytesAt, end, 0x20)
  if (!isNumber(statusAt, statusAt + 3)) return false
  if (!isDash(bytesAt, bytesEnd) && !(bytesEnd - bytesAt <= mostDigits && isNumber(bytesAt, bytesEnd)))
    return false
  referrerAt = referrerEnd = agentAt = agentEnd = 0
  forgetExtras()
  return bytesEnd == end || takeAgent(bytesEnd + 1, end)
}

function takeAgent(at: usize, end: usize): bool {
  if (at >= end || load<u8>(at) != 0x22 || hasBackslash(at, end)) return false
  referrerAt = at + 1
  referrerEnd = findByte(referrerAt, end, 0x22)
  agentAt = referrerEnd + 3
  if (agentAt >= end || (load<u32>(referrerEnd) & 0xffffff) != 0x222022) return false
  agentEnd = findByte(agentAt, end, 0x22)
  return agentEnd < end && takeExtras(agentEnd + 1, end)
}

function hasBracket(at: usize, end: usize): bool {
  return findByte(at, end, 0x5b) != end
}

function hasBackslash(at: usize, end: usize): bool {
  return findByte(at, end, 0x5c) != end
}

/** Digits as JSON writes a number of them. */
function isNumber(at: usize, end: usize): bool {
  if (at == end || (load<u8>(at) == 0x30 && end - at > 1)) return false
  for (; at < end; at++) if (<u32>load<u8>(at) - 0x30 > 9) return false
  return true
}

/** Letters, `_` and `-`. */
function isMethod(at: usize, end: usize): bool {
  if (at == end || end - at > mostMethodBytes) return false
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at)
    if ((byte | 0x20) - 0x61 > 25 && byte != 0x5f && byte != 0x2d) return false
  }
  return true
}

function isDash(at: usize, end: usize): bool {
  return end - at == 1 && load<u8>(at) == 0x2d
}

/** There, and neither empty nor `-`. */
function isSaid(at: usize, end: usize): bool {
  return end > at && !isDash(at, end)
}
