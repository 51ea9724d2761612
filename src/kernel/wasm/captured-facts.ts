import { readEpoch } from './epoch-time'
import { forgetIds, noteId, noteParent } from './found-ids'
import {
  keyLevel,
  keyLevelRankShift,
  keyParent,
  keySpan,
  keyTime,
  keyTimeRankShift,
  keyTrace,
  mostRanks,
  stateNowSeconds,
  stopEnd,
  stopRefused,
} from './lane-state'
import { findLevelText, foundSeverity } from './level-memo'
import { isPlausible, readNanos, readPrecision, readSeconds, setReadTime } from './read-time'
import { readTextTime } from './text-time'

/** What the members say about the event that the line at hand is taken apart into: its time, its level; ids are `found-ids.ts`'s. */
let timeRank: u32 = mostRanks
let timeSeconds: u32 = 0
let timeNanos: u32 = 0
let timePrecision: u32 = 0
let levelRank: u32 = mostRanks
let severity: u8 = 0

/** A line begins. */
export function forgetFacts(): void {
  timeRank = levelRank = mostRanks
  severity = 0
  forgetIds()
}

export function severityOfFacts(): u8 {
  return severity
}

/** Makes the time that was found the one that was read last; false where there is none. */
export function takeFactsTime(): bool {
  if (timeRank >= <u32>mostRanks) return false
  setReadTime(timeSeconds, timeNanos, timePrecision)
  return true
}

/** Notes what a member with that meaning and the text, or number, `[at, end)` says. A `stop` code. */
export function noteFact(state: usize, meaning: u32, at: usize, end: usize, isText: bool): u32 {
  if (
    (meaning & keyTime) != 0 &&
    !readTime(state, (meaning >> keyTimeRankShift) & (mostRanks - 1), at, end, isText)
  )
    return stopRefused
  if ((meaning & keyParent) != 0 && !noteParent(at, end)) return stopRefused
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
