import { forgetIds, noteId, noteParent } from './found-ids'
import {
  keyInner,
  keyLevel,
  keyLevelNumber,
  keyLevelRankShift,
  keyMeets,
  keyParent,
  keyRefused,
  keySpan,
  keyTaken,
  keyTime,
  keyTimeRankShift,
  keyTimestamp,
  keyTrace,
  mostRanks,
} from './lane-state'
import { forgetMeetings, noteMeeting, noteTakenName } from './meetings'

/** What the members of the JSON line at hand say that mean something to the agent. */

const spanOfRank: usize = 8
/** Where the values stand that may be the event's time or level, by the rank of their names: address, and where it ends. */
const times = memory.data(256)
const levels = memory.data(256)
/** A bit for each rank that the line has. */
let timesSeen: u32 = 0
let levelsSeen: u32 = 0
/** Of these ranks the level is a number of OpenTelemetry's. */
let levelNumbers: u32 = 0
let timestampAt: usize = 0
let timestampEnd: usize = 0

/** A line begins. */
export function forgetNotes(): void {
  timesSeen = levelsSeen = levelNumbers = 0
  timestampAt = 0
  forgetIds()
  forgetMeetings()
}

export function seenTimes(): u32 {
  return timesSeen
}

export function seenLevels(): u32 {
  return levelsSeen
}

export function isLevelNumber(rank: u32): bool {
  return ((levelNumbers >> rank) & 1) == 1
}

export function timeAt(rank: u32): usize {
  return load<u32>(times + <usize>rank * spanOfRank)
}

export function timeEnd(rank: u32): usize {
  return load<u32>(times + <usize>rank * spanOfRank, 4)
}

export function levelAt(rank: u32): usize {
  return load<u32>(levels + <usize>rank * spanOfRank)
}

export function levelEnd(rank: u32): usize {
  return load<u32>(levels + <usize>rank * spanOfRank, 4)
}

/** The value of the line's own `@timestamp`, 0 where it has none. */
export function ownTimestampAt(): usize {
  return timestampAt
}

export function ownTimestampEnd(): usize {
  return timestampEnd
}

/**
 * Notes the member with the value `[at, end)`, whose key begins with its quote at `keyAt`. False where the line is the general
 * lane's: for what the member means, or because it has it twice.
 */
// oxlint-disable-next-line max-params -- where a member stands
export function noteMember(meaning: u32, keyAt: usize, keyEnd: usize, at: usize, end: usize): bool {
  if ((meaning & keyRefused) != 0) return false
  if ((meaning & keyTaken) != 0) noteTakenName()
  if ((meaning & keyTimestamp) != 0) {
    if (timestampAt != 0) return false
    timestampAt = at
    timestampEnd = end
  }
  if ((meaning & keyTime) != 0) {
    const rank = (meaning >> keyTimeRankShift) & (mostRanks - 1)
    if (((timesSeen >> rank) & 1) == 1) return false
    timesSeen |= 1 << rank
    noteSpan(times, rank, at, end)
  }
  if ((meaning & keyLevel) != 0) {
    const rank = (meaning >> keyLevelRankShift) & (mostRanks - 1)
    if (((levelsSeen >> rank) & 1) == 1) return false
    levelsSeen |= 1 << rank
    if ((meaning & keyLevelNumber) != 0) levelNumbers |= 1 << rank
    noteSpan(levels, rank, at, end)
  }
  if ((meaning & keyParent) != 0 && !(load<u8>(at) == 0x22 && noteParent(at + 1, end - 1))) return false
  const ids = meaning & (keyTrace | keySpan)
  if (ids != 0 && !noteIdValue(ids == keyTrace, at, end)) return false
  return (meaning & (keyMeets | keyInner)) == 0 || noteMeeting(meaning, keyAt, keyEnd, at, end)
}

function noteSpan(spans: usize, rank: u32, at: usize, end: usize): void {
  store<u32>(spans + <usize>rank * spanOfRank, <u32>at)
  store<u32>(spans + <usize>rank * spanOfRank, <u32>end, 4)
}

/** A string, or `null`, which is as good as an empty one. */
function noteIdValue(isTrace: bool, at: usize, end: usize): bool {
  if (end - at == 4 && load<u32>(at) == 0x6c6c756e) return noteId(isTrace, at, at)
  return load<u8>(at) == 0x22 && noteId(isTrace, at + 1, end - 1)
}
