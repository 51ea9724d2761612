import { lineContent, lineContentEnd } from './current-line'
import { stopEnd, stopFull, stopRefused } from './lane-state'
import { findByte } from './lines'
import { constantMember, digitsMember, finishMembers, memberSeverity, textMember } from './member-writer'
import { beginPresetEvent, readPresetTime } from './preset-event'
import { syslogTimeBytes } from './syslog-time'
import { isDigit } from './time-parts'

/** Places in the table of members (`lanes/fast/preset-members.ts`): what each priority says first. */
const priorities: u32 = 192
const hostMember: u32 = 192
const nameMember: u32 = 193
const pidMember: u32 = 194
const procidMember: u32 = 195
const msgidMember: u32 = 196
const messageMember: u32 = 197

/** Elasticsearch's `long` has 19 digits. */
const mostPidDigits: usize = 18
/** Up to where names of programs are looked for here; the preset itself looks a little further. */
const longestTag: usize = 120
/** `2026-01-20T10:00:00.123456789+01:00:`. */
const longestTime: usize = 37

/** Of the line at hand. */
let priority: u32 = priorities
let hasTime: bool = false
let tagEnd: usize = 0
let tagNameEnd: usize = 0
let pidAt: usize = 0
let pidEnd: usize = 0

/**
 * Makes an event of `<PRI>TIME HOST TAG[PID]: MESSAGE`, with and without the priority, or of `<PRI>1 TIME HOST APP PROCID MSGID -
 * MESSAGE` (`parsers/syslog.ts`); what has structured data, or less than that, is the general lane's.
 */
export function addSyslogEvent(state: usize): u32 {
  const end = lineContentEnd()
  const at = takePriority(lineContent(), end)
  if (at == 0) return stopRefused
  if (priority != priorities && load<u16>(at) == 0x2031) return addRfc5424(state, at + 2, end)
  const timeEnd = endOfTime(at, end)
  if (timeEnd == 0 || !readPresetTime(state, at, timeEnd)) return stopRefused
  // Cisco's devices write a colon behind it.
  const behind = load<u8>(timeEnd) == 0x3a ? timeEnd + 1 : timeEnd
  if (behind + 1 >= end || load<u8>(behind) != 0x20) return stopRefused
  hasTime = true
  return addHeader(state, behind + 1, end)
}

/** Behind `<PRI>`, which may be missing; 0 for what only looks like one. */
function takePriority(at: usize, end: usize): usize {
  priority = priorities
  if (load<u8>(at) != 0x3c) return at
  let value: u32 = 0
  let digit = at + 1
  while (digit < end && digit < at + 4 && isDigit(digit)) value = value * 10 + load<u8>(digit++) - 0x30
  if (digit == at + 1 || digit >= end || load<u8>(digit) != 0x3e || value >= priorities) return 0
  priority = value
  return digit + 1
}

/** Where the time at `at` ends that has the form of one, 0 where none has. */
function endOfTime(at: usize, end: usize): usize {
  if (at + syslogTimeBytes >= end) return 0
  if (!isDigit(at)) {
    let timeEnd = at + syslogTimeBytes
    if (load<u8>(timeEnd) != 0x2e) return timeEnd
    timeEnd++
    while (isDigit(timeEnd)) timeEnd++
    return timeEnd
  }
  // A date may be parted from its time by a space.
  const from = at + 19
  const limit = min(end, at + longestTime)
  if (from >= limit) return 0
  const space = findByte(from, limit, 0x20)
  if (space == limit) return 0
  return load<u8>(space - 1) == 0x3a ? space - 1 : space
}

function addHeader(state: usize, at: usize, end: usize): u32 {
  const hostEnd = findByte(at, end, 0x20)
  if (hostEnd == at) return stopRefused
  const isTag = load<u8>(hostEnd - 1) == 0x3a
  const tagAt = isTag ? at : hostEnd + 1
  if (tagAt >= end) return stopRefused
  const found = findTag(tagAt, end)
  if (found == tagUnsure) return stopRefused
  if (!begin(state)) return stopFull
  if (!isTag && !isDash(at, hostEnd)) textMember(state, hostMember, at, hostEnd)
  if (found == tagFound) {
    textMember(state, nameMember, tagAt, tagNameEnd)
    if (pidAt != pidEnd) pidOf(state, pidAt, pidEnd)
  }
  textMember(state, messageMember, found == tagFound ? tagEnd : tagAt, end)
  finishMembers(state)
  return stopEnd
}

const tagNone: u32 = 0
const tagFound: u32 = 1
const tagUnsure: u32 = 2

/** `NAME[PID]: ` or `NAME: `, at the end of the line without its space. */
function findTag(at: usize, end: usize): u32 {
  const limit = min(end, at + longestTag)
  let place = at
  while (place < limit && isNamePart(place)) place++
  tagNameEnd = place
  pidAt = pidEnd = 0
  if (place >= limit) return place >= end ? tagNone : tagUnsure
  if (isOdd(place)) return tagUnsure
  if (place == at) return tagNone
  if (load<u8>(place) == 0x5b) {
    pidAt = ++place
    while (place < limit && load<u8>(place) != 0x5d && isVisible(place)) place++
    if (place >= limit) return place >= end ? tagNone : tagUnsure
    if (isOdd(place)) return tagUnsure
    if (load<u8>(place) != 0x5d) return tagNone
    pidEnd = place++
  }
  if (place >= limit) return place >= end ? tagNone : tagUnsure
  if (load<u8>(place) != 0x3a) return tagNone
  place++
  tagEnd = min(place + 1, end)
  return place == end || load<u8>(place) == 0x20 ? tagFound : tagNone
}

/** Control characters, which are part of a name, and what lies beyond ASCII, some of which is blank. */
function isOdd(at: usize): bool {
  return <u32>load<u8>(at) - 0x20 > 0x7e - 0x20
}

function isVisible(at: usize): bool {
  return <u32>load<u8>(at) - 0x21 <= 0x7e - 0x21
}

/** Visible, and neither a colon nor a bracket. */
function isNamePart(at: usize): bool {
  const byte: u32 = load<u8>(at)
  return isVisible(at) && byte != 0x3a && byte != 0x5b && byte != 0x5d
}

/** `TIME HOST APP PROCID MSGID -[ MESSAGE]`. */
function addRfc5424(state: usize, at: usize, end: usize): u32 {
  const timeEnd = findByte(at, end, 0x20)
  const hostAt = timeEnd + 1
  const hostEnd = endOfWord(hostAt, end)
  const appAt = hostEnd + 1
  const appEnd = endOfWord(appAt, end)
  const procidAt = appEnd + 1
  const procidEnd = endOfWord(procidAt, end)
  const msgidAt = procidEnd + 1
  const msgidEnd = endOfWord(msgidAt, end)
  const dataAt = msgidEnd + 1
  if (timeEnd == at || msgidEnd == 0 || dataAt >= end || load<u8>(dataAt) != 0x2d) return stopRefused
  const dataEnd = dataAt + 1
  if (dataEnd < end && load<u8>(dataEnd) != 0x20) return stopRefused
  const messageAt = min(dataEnd + 1, end)
  // A byte order mark.
  if (messageAt < end && load<u8>(messageAt) == 0xef) return stopRefused
  hasTime = !isDash(at, timeEnd)
  if (hasTime && !readPresetTime(state, at, timeEnd)) return stopRefused
  if (!begin(state)) return stopFull
  if (!isDash(hostAt, hostEnd)) textMember(state, hostMember, hostAt, hostEnd)
  if (!isDash(appAt, appEnd)) textMember(state, nameMember, appAt, appEnd)
  if (!isDash(procidAt, procidEnd)) pidOf(state, procidAt, procidEnd)
  if (!isDash(msgidAt, msgidEnd)) textMember(state, msgidMember, msgidAt, msgidEnd)
  if (messageAt < end) textMember(state, messageMember, messageAt, end)
  finishMembers(state)
  return stopEnd
}

/** Where the word ends with a space; 0 for an empty one, at the end of the line, and behind such a one. */
function endOfWord(at: usize, end: usize): usize {
  if (at <= 1 || at >= end) return 0
  const wordEnd = findByte(at, end, 0x20)
  return wordEnd == at || wordEnd == end ? 0 : wordEnd
}

function begin(state: usize): bool {
  const hasPriority = priority != priorities
  const severity: u8 = hasPriority ? memberSeverity(state, priority) : 0
  if (!beginPresetEvent(state, hasTime, severity)) return false
  if (hasPriority) constantMember(state, priority)
  return true
}

/** The number of a process, or what else a program calls it. */
function pidOf(state: usize, at: usize, end: usize): void {
  let digit = at
  while (digit < end && isDigit(digit)) digit++
  if (digit == end && end - at <= mostPidDigits) digitsMember(state, pidMember, at, end)
  else textMember(state, procidMember, at, end)
}

function isDash(at: usize, end: usize): bool {
  return end - at == 1 && load<u8>(at) == 0x2d
}
