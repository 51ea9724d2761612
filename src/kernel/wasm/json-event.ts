import { lineContent } from './current-line'
import { beginEntry, setBody, setOwnTime, setTimeOfReading, setTrace } from './event-entry'
import { bodyJson } from './event-layout'
import {
  foundSpanAt,
  foundTraceAt,
  foundTraceLength,
  isLevelNumber,
  levelAt,
  levelEnd,
  ownTimestampAt,
  ownTimestampEnd,
  seenLevels,
  seenTimes,
  timeAt,
  timeEnd,
} from './json-line'
import {
  stateAskedAt,
  stateAskedEnd,
  stateLevelNumbers,
  stateLevels,
  stateNowSeconds,
  stopEnd,
  stopLevel,
  stopLevelNumber,
  stopRefused,
} from './lane-state'
import { longestText, memoFind } from './memo'
import { readMemberTime, timeForeign, timeFound, timeNone } from './member-time'
import { readNanos, readPrecision, readSeconds, setReadTime } from './read-time'
import { addStream, takeWrapperTime } from './text-event'
import { readIsoTime } from './iso-time'

/** `Suppressed.timestamp` of `core/event.ts`. */
const suppressedTimestamp: u32 = 1

let severity: u8 = 0

/** What `findSeverity` has found. */
export function foundSeverity(): u8 {
  return severity
}

/** Makes an event of the line at hand, whose object `scanObject` has gone through. A `stop` code: `stopEnd` when it is made. */
export function addJsonEvent(state: usize): u32 {
  const stop = findSeverity(state)
  if (stop != stopEnd) return stop
  const time = findTime(load<u32>(state, stateNowSeconds))
  if (time == timeForeign) return stopRefused
  const hasTime = time == timeFound || takeWrapperTime(state)
  if (ownTimestampAt() != 0 && !(hasTime && saysOurTime())) return stopRefused
  const entry = beginEntry(state)
  setBody(entry, bodyJson, severity, ownTimestampAt() == 0 ? 0 : suppressedTimestamp)
  setTrace(
    entry,
    placeInLine(foundTraceAt()),
    <u8>foundTraceLength(),
    placeInLine(foundSpanAt()),
    foundSpanAt() != 0,
  )
  if (hasTime) setOwnTime(state, entry)
  else setTimeOfReading(state, entry)
  addStream(state, entry)
  return stopEnd
}

function placeInLine(at: usize): u32 {
  return at == 0 ? 0 : <u32>(at - lineContent())
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
    const at = levelAt(rank)
    const length = levelEnd(rank) - at
    if (length > longestText) return stopRefused
    const isNumber = isLevelNumber(rank)
    const memo: usize = isNumber ? load<u32>(state, stateLevelNumbers) : load<u32>(state, stateLevels)
    const known = memoFind(memo, at, length)
    if (known == 0) {
      store<u32>(state, <u32>at, stateAskedAt)
      store<u32>(state, <u32>levelEnd(rank), stateAskedEnd)
      return isNumber ? stopLevelNumber : stopLevel
    }
    severity = <u8>(known - 1)
    if (severity != 0) return stopEnd
    left &= left - 1
  }
  return stopEnd
}
