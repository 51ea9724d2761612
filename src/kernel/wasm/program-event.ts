import { lineContent, lineContentEnd } from './current-line'
import { readEpoch } from './epoch-time'
import { hasRoom, setBody, setOwnTime, setTimeOfReading } from './event-entry'
import { bodyMembers } from './event-layout'
import { forgetIds, noteId, setFoundIds } from './found-ids'
import {
  keyLevel,
  keyLevelRankShift,
  keySpan,
  keyTime,
  keyTimeRankShift,
  keyTrace,
  mostRanks,
  stateMembers,
  stateNowSeconds,
  stateProgram,
  stateSlots,
  stopEnd,
  stopFull,
  stopRefused,
} from './lane-state'
import {
  memberBytes,
  memberHeadBytes,
  memberMeaning,
  memberNameLength,
  memberSlot,
  memberType,
  typeInteger,
  typeText,
} from './member-table'
import { beginMembers, finishMembers, numberMember, textMember } from './member-writer'
import { findLevelText, foundSeverity } from './level-memo'
import { isPlausible, readNanos, readPrecision, readSeconds, setReadTime } from './read-time'
import { answerMatch, unmatched } from '../span-layout'
import { runSpanProgram } from './span-program'
import { takeWrapperTime } from './text-event'
import { readTextTime } from './text-time'

const mostGrown: usize = 6

/** What the captures of the line at hand say about the event. */
let timeRank: u32 = mostRanks
let timeSeconds: u32 = 0
let timeNanos: u32 = 0
let timePrecision: u32 = 0
let levelRank: u32 = mostRanks
let severity: u8 = 0
/** Of all captures: nested groups have the same bytes more than once. */
let capturedBytes: usize = 0
let namesBytes: usize = 0

/** Makes an event of a line that the program matches, with a member for each group that took part. */
export function addProgramEvent(state: usize): u32 {
  const at = lineContent()
  const end = lineContentEnd()
  const answer = runSpanProgram(load<u32>(state, stateProgram), at, end, load<u32>(state, stateSlots))
  if (answer != answerMatch) return stopRefused
  const stop = readCaptures(state)
  if (stop != stopEnd) return stop
  if (!hasRoom(state, end - at + capturedBytes * mostGrown + namesBytes)) return stopFull
  const hasTime = timeRank < <u32>mostRanks
  if (hasTime) setReadTime(timeSeconds, timeNanos, timePrecision)
  const isTimed = hasTime || takeWrapperTime(state)
  const entry = beginMembers(state)
  setBody(entry, bodyMembers, severity, 0)
  setFoundIds(entry)
  if (isTimed) setOwnTime(state, entry)
  else setTimeOfReading(state, entry)
  writeCaptures(state)
  finishMembers(state)
  return stopEnd
}

function readCaptures(state: usize): u32 {
  const table: usize = load<u32>(state, stateMembers)
  const count = load<u32>(table)
  timeRank = levelRank = mostRanks
  severity = 0
  forgetIds()
  namesBytes = 64
  capturedBytes = 0
  for (let index: u32 = 0; index < count; index++) {
    const member = table + memberHeadBytes + <usize>index * memberBytes
    // Its name, its quotes and its comma.
    namesBytes += <usize>load<u32>(member, memberNameLength) + 8
    const slot = load<u32>(state, stateSlots) + load<u32>(member, memberSlot) * 4
    if (load<u32>(slot) == unmatched) continue
    const at = lineContent() + <usize>load<u32>(slot)
    const end = lineContent() + <usize>load<u32>(slot, 4)
    capturedBytes += end - at
    const isText = load<u32>(member, memberType) == typeText
    if (!isText && !isLeftOut(at, end) && !isNumber(at, end, load<u32>(member, memberType) == typeInteger))
      return stopRefused
    const meaning = load<u32>(member, memberMeaning)
    if (meaning == 0) continue
    const stop = readCapture(state, meaning, at, end, isText)
    if (stop != stopEnd) return stop
  }
  return stopEnd
}

function readCapture(state: usize, meaning: u32, at: usize, end: usize, isText: bool): u32 {
  if (
    (meaning & keyTime) != 0 &&
    !readTime(state, (meaning >> keyTimeRankShift) & (mostRanks - 1), at, end, isText)
  )
    return stopRefused
  if ((meaning & (keyTrace | keySpan)) != 0 && !noteId((meaning & keyTrace) != 0, at, end)) return stopRefused
  return (meaning & keyLevel) == 0
    ? stopEnd
    : readLevel(state, (meaning >> keyLevelRankShift) & (mostRanks - 1), at, end)
}

/** False for a time in a form that only the general lane reads. */
function readTime(state: usize, rank: u32, at: usize, end: usize, isText: bool): bool {
  const nowSeconds = load<u32>(state, stateNowSeconds)
  const isRead = isText
    ? readTextTime(at, end, nowSeconds)
    : at < end && <u32>load<u8>(at) - 0x31 <= 8 && readEpoch(at, end)
  if (!isRead) return false
  if (rank >= timeRank || !isPlausible(nowSeconds)) return true
  timeRank = rank
  timeSeconds = readSeconds()
  timeNanos = readNanos()
  timePrecision = readPrecision()
  return true
}

function readLevel(state: usize, rank: u32, at: usize, end: usize): u32 {
  const stop = findLevelText(state, at, end)
  if (stop != stopEnd || foundSeverity() == 0 || rank >= levelRank) return stop
  levelRank = rank
  severity = foundSeverity()
  return stopEnd
}

function writeCaptures(state: usize): void {
  const table: usize = load<u32>(state, stateMembers)
  const count = load<u32>(table)
  for (let index: u32 = 0; index < count; index++) {
    const member = table + memberHeadBytes + <usize>index * memberBytes
    const slot = load<u32>(state, stateSlots) + load<u32>(member, memberSlot) * 4
    if (load<u32>(slot) == unmatched) continue
    const at = lineContent() + <usize>load<u32>(slot)
    const end = lineContent() + <usize>load<u32>(slot, 4)
    if (load<u32>(member, memberType) == typeText) textMember(state, index, at, end)
    else if (!isLeftOut(at, end)) numberMember(state, index, at, end)
  }
}

/** Of a number: nothing, and the `-` of access logs. */
function isLeftOut(at: usize, end: usize): bool {
  return at == end || (end - at == 1 && load<u8>(at) == 0x2d)
}

/** Digits as JSON writes them: other spellings are made into such by the general lane. */
function isNumber(at: usize, end: usize, isInteger: bool): bool {
  const first: u32 = load<u8>(at)
  let rest = at
  while (rest < end && <u32>load<u8>(rest) - 0x30 <= 9) rest++
  if (rest == at || (first == 0x30 && rest - at > 1)) return false
  if (rest == end) return true
  if (isInteger || load<u8>(rest) != 0x2e || rest + 1 == end) return false
  for (rest++; rest < end; rest++) if (<u32>load<u8>(rest) - 0x30 > 9) return false
  return true
}
