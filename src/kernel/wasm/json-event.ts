import { lineContent, lineContentEnd } from './current-line'
import { beginEntry, endEdits, hasRoom, setBody, setOwnTime, setTimeOfReading } from './event-entry'
import { bodyJson } from './event-layout'
import { setFoundIds } from './found-ids'
import { readIsoTime } from './iso-time'
import {
  isLevelNumber,
  levelAt,
  levelEnd,
  ownTimestampAt,
  ownTimestampEnd,
  seenLevels,
  seenTimes,
  timeAt,
  timeEnd,
} from './json-notes'
import {
  stateLevelNumbers,
  stateLevels,
  stateNowSeconds,
  stateHeapAt,
  stopEnd,
  stopFull,
  stopLevel,
  stopLevelNumber,
  stopRefused,
} from './lane-state'
import { findLevel, foundSeverity } from './level-memo'
import { editsBytes, lineSaysStream, settleMeetings, suppressedByLine, writeEdits } from './meetings'
import { readMemberTime, timeForeign, timeFound, timeNone } from './member-time'
import { readNanos, readPrecision, readSeconds, setReadTime } from './read-time'
import { addStream, streamMemberBytes, takeWrapperTime } from './text-event'

/** `Suppressed.timestamp` of `core/event.ts`. */
const suppressedTimestamp: u32 = 1

let severity: u8 = 0

/** What `findSeverity` has found. */
export function severityOfLine(): u8 {
  return severity
}

/** Makes an event of the line at hand, whose object `scanObject` has gone through. A `stop` code: `stopEnd` when it is made. */
export function addJsonEvent(state: usize): u32 {
  let stop = findSeverity(state)
  if (stop == stopEnd) stop = settleMeetings(state)
  if (stop != stopEnd) return stop
  const time = findTime(load<u32>(state, stateNowSeconds))
  if (time == timeForeign) return stopRefused
  const hasTime = time == timeFound || takeWrapperTime(state)
  if (ownTimestampAt() != 0 && !(hasTime && saysOurTime())) return stopRefused
  const edits = editsBytes()
  if (edits != 0 && !hasRoom(state, lineContentEnd() - lineContent() + streamMemberBytes + edits))
    return stopFull
  const entry = beginEntry(state)
  setBody(entry, bodyJson, severity, suppressedByLine() | (ownTimestampAt() == 0 ? 0 : suppressedTimestamp))
  setFoundIds(entry)
  if (hasTime) setOwnTime(state, entry)
  else setTimeOfReading(state, entry)
  if (!lineSaysStream()) addStream(state, entry)
  if (edits != 0) endEdits(state, entry, writeEdits(state, lineContent(), load<u32>(state, stateHeapAt)))
  return stopEnd
}

/** The first name of the list that is there and can be read; its time is then the one that was read last. */
function findTime(nowSeconds: u32): u32 {
  let left = seenTimes()
  while (left != 0) {
    const rank: u32 = ctz(left)
    const time = readMemberTime(timeAt(rank), timeEnd(rank), nowSeconds)
    if (time != timeNone) return time
    left &= left - 1
  }
  return timeNone
}

/** Whether the line's own `@timestamp` is the event's time as a document would write it. Leaves the time as it was. */
function saysOurTime(): bool {
  const seconds = readSeconds()
  const nanos = readNanos()
  const precision = readPrecision()
  const at = ownTimestampAt()
  const isRead = load<u8>(at) == 0x22 && readIsoTime(at + 1, ownTimestampEnd() - 1)
  const isSame = isRead && readSeconds() == seconds && readNanos() == nanos
  setReadTime(seconds, nanos, precision)
  return isSame
}

/** The first of the names that stands for a level; `severity` is 0 where none does. */
export function findSeverity(state: usize): u32 {
  severity = 0
  let left = seenLevels()
  while (left != 0) {
    const rank: u32 = ctz(left)
    const isNumber = isLevelNumber(rank)
    const memo: usize = isNumber ? load<u32>(state, stateLevelNumbers) : load<u32>(state, stateLevels)
    const question = isNumber ? stopLevelNumber : stopLevel
    const stop = findLevel(state, memo, question, levelAt(rank), levelEnd(rank))
    if (stop != stopEnd) return stop
    severity = foundSeverity()
    if (severity != 0) return stopEnd
    left &= left - 1
  }
  return stopEnd
}
