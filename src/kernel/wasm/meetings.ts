import { lineStream } from './current-line'
import { foundSpanAt, foundTraceAt, hasParent } from './found-ids'
import {
  keyIndexMask,
  keyIndexShift,
  levelIsName,
  stateLevels,
  stateMeetings,
  stateShared,
  stopEnd,
  stopLevel,
  stopRefused,
} from './lane-state'
import { findLevel, levelAnswer } from './level-memo'
import {
  meetingBytes,
  meetingContext,
  meetingKind,
  meetingLevel,
  meetingName,
  meetingNameLength,
  meetingNone,
  meetingOuter,
  meetingRenamed,
  meetingSame,
  meetingShared,
  meetingSpan,
  meetingTrace,
  meetingWatched,
  sharedEntryBytes,
  sharedHeadBytes,
} from './meeting-table'
import { findByte } from './lines'
import { streamMember } from './text-event'

/**
 * The members of the JSON line at hand that meet paths of the agent's, in their order (`enrich/collisions.ts`): entry, key and its
 * end, value and its end.
 */
const noteBytes: usize = 20
const mostNotes: u32 = 32
const notes = memory.data(640)
let count: u32 = 0
/** A member is called as one that makes room may be called then. */
let hasTakenName: bool = false

/** What has to be done about them: so many of the notes get another name, and `Suppressed` bits. */
let renamed: u32 = 0
let namesBytes: usize = 0
let suppressed: u32 = 0
let saysStream: bool = false

const suppressedLevel: u32 = 2
const suppressedTrace: u32 = 4
const suppressedSpan: u32 = 8
const suppressedShared: u32 = 64
/** Beyond it bits run out (`core/event.ts`). */
const suppressibleShared: u32 = 24

/** A line begins. */
export function forgetMeetings(): void {
  count = 0
  hasTakenName = false
}

export function noteTakenName(): void {
  hasTakenName = true
}

/** False for a name that comes twice, of which the general lane knows what counts, and for one too many. */
// oxlint-disable-next-line max-params -- where a member stands
export function noteMeeting(meaning: u32, keyAt: usize, keyEnd: usize, at: usize, end: usize): bool {
  const index = (meaning >> keyIndexShift) & keyIndexMask
  if (count == mostNotes) return false
  for (let other: u32 = 0; other < count; other++) if (load<u32>(noteOf(other)) == index) return false
  const note = noteOf(count++)
  store<u32>(note, index)
  store<u32>(note, <u32>keyAt, 4)
  store<u32>(note, <u32>keyEnd, 8)
  store<u32>(note, <u32>at, 12)
  store<u32>(note, <u32>end, 16)
  return true
}

/** What the object of the member that was noted last is to be looked at as, 0 for nothing. */
export function contextOfLast(state: usize): u32 {
  return load<u32>(entryOf(state, noteOf(count - 1)), meetingContext)
}

/** Decides about all of them, once level and ids are found. A `stop` code. */
export function settleMeetings(state: usize): u32 {
  renamed = suppressed = 0
  namesBytes = 0
  saysStream = false
  for (let index: u32 = 0; index < count; index++) {
    const stop = settle(state, noteOf(index))
    if (stop != stopEnd) return stop
  }
  return renamed != 0 && hasTakenName ? stopRefused : stopEnd
}

/** Of `Suppressed`. */
export function suppressedByLine(): u32 {
  return suppressed
}

/** The line says itself which stream it came from. */
export function lineSaysStream(): bool {
  return saysStream
}

/** An edit: u32 place in the line, u32 bytes that are cut, u32 length of what is put there, and its text. */
const editHeadBytes: usize = 12

export function editsBytes(): usize {
  return <usize>renamed * editHeadBytes + namesBytes
}

/** Writes the edits of the line that begins at `line`; returns where they end. */
export function writeEdits(state: usize, line: usize, out: usize): usize {
  for (let index: u32 = 0; index < count; index++) {
    const note = noteOf(index)
    const keyAt: usize = load<u32>(note, 4)
    // Settled: what keeps its name has none to be given.
    if (keyAt == 0) continue
    const entry = entryOf(state, note)
    const length: usize = load<u32>(entry, meetingNameLength)
    store<u32>(out, <u32>(keyAt - line))
    store<u32>(out, load<u32>(note, 8) - <u32>keyAt, 4)
    store<u32>(out, <u32>length, 8)
    memory.copy(out + editHeadBytes, load<u32>(entry, meetingName), length)
    out += editHeadBytes + length
  }
  return out
}

/** The name, quotes included, that a member gets that makes room. */
export function nameOfMeeting(state: usize, meaning: u32): usize {
  return load<u32>(entryOfMeaning(state, meaning), meetingName)
}

export function nameOfMeetingLength(state: usize, meaning: u32): usize {
  return load<u32>(entryOfMeaning(state, meaning), meetingNameLength)
}

/** The number of a name that steps look for. */
export function watchedNumber(state: usize, meaning: u32): u32 {
  return load<u32>(entryOfMeaning(state, meaning), meetingWatched)
}

function entryOfMeaning(state: usize, meaning: u32): usize {
  return (
    <usize>load<u32>(state, stateMeetings) + <usize>((meaning >> keyIndexShift) & keyIndexMask) * meetingBytes
  )
}

function noteOf(index: u32): usize {
  return notes + <usize>index * noteBytes
}

function entryOf(state: usize, note: usize): usize {
  return <usize>load<u32>(state, stateMeetings) + <usize>load<u32>(note) * meetingBytes
}

function settle(state: usize, note: usize): u32 {
  const entry = entryOf(state, note)
  const kind = load<u32>(entry, meetingKind)
  const at: usize = load<u32>(note, 12)
  if (kind == meetingNone || (kind == meetingOuter && load<u8>(at) == 0x7b)) return keep(note, 0)
  if (kind == meetingRenamed || kind == meetingOuter) return rename(entry)
  const end: usize = load<u32>(note, 16)
  if (kind == meetingLevel) {
    const stop = findLevel(state, load<u32>(state, stateLevels), stopLevel, at, end)
    if (stop != stopEnd) return stop
    return (levelAnswer() & levelIsName) != 0 ? keep(note, suppressedLevel) : rename(entry)
  }
  // Then there may be two ids of the same letters, of which one is the event's.
  if ((kind == meetingTrace || kind == meetingSpan) && hasParent()) return stopRefused
  if (kind == meetingTrace) return foundTraceAt() == at + 1 ? keep(note, suppressedTrace) : rename(entry)
  if (kind == meetingSpan) return foundSpanAt() == at + 1 ? keep(note, suppressedSpan) : rename(entry)
  if (kind == meetingSame) return settleShared(state, note, entry)
  return settleStream(note, entry)
}

function settleShared(state: usize, note: usize, entry: usize): u32 {
  const index = load<u32>(entry, meetingShared)
  const shared: usize = load<u32>(state, stateShared)
  if (index >= load<u32>(shared)) return stopRefused
  const member = shared + sharedHeadBytes + <usize>index * sharedEntryBytes
  const sharedAt: usize = load<u32>(member)
  const likeness = likenessOf(note, sharedAt, sharedAt + <usize>load<u32>(member, 4))
  if (likeness == unlike) return rename(entry)
  if (likeness == unsure || index >= suppressibleShared) return stopRefused
  return keep(note, suppressedShared << index)
}

function settleStream(note: usize, entry: usize): u32 {
  // Behind `"stream":`.
  const ours = streamMember() + 9
  const likeness = lineStream() == 0 ? unsure : likenessOf(note, ours, ours + 8)
  if (likeness == unsure) return stopRefused
  if (likeness == unlike) return rename(entry)
  saysStream = true
  return keep(note, 0)
}

const unlike: u32 = 0
const alike: u32 = 1
/** Equal values may be written in several ways. */
const unsure: u32 = 2

/** Whether the member's value is the JSON text `[at, end)`. */
function likenessOf(note: usize, at: usize, end: usize): u32 {
  const theirsAt: usize = load<u32>(note, 12)
  const theirsEnd: usize = load<u32>(note, 16)
  const isText = load<u8>(at) == 0x22
  const isTheirsText = load<u8>(theirsAt) == 0x22
  if (isText && isTheirsText) {
    if (theirsEnd - theirsAt == end - at && memory.compare(theirsAt, at, end - at) == 0) return alike
    return findByte(at, end, 0x5c) == end && findByte(theirsAt, theirsEnd, 0x5c) == theirsEnd
      ? unlike
      : unsure
  }
  return isText != isTheirsText ? unlike : unsure
}

/** It keeps its name; bits of what the agent need not write because of it. */
function keep(note: usize, bits: u32): u32 {
  store<u32>(note, 0, 4)
  suppressed |= bits
  return stopEnd
}

function rename(entry: usize): u32 {
  renamed++
  namesBytes += <usize>load<u32>(entry, meetingNameLength)
  return stopEnd
}
