import { lineContent, lineContentEnd } from './current-line'
import { hasRoom, setBody, setOwnTime, setTimeOfReading } from './event-entry'
import { bodyMembers } from './event-layout'
import { stateNowSeconds } from './lane-state'
import { beginMembers } from './member-writer'
import { isPlausible } from './read-time'
import { takeWrapperTime } from './text-event'
import { readTextTime } from './text-time'

/** What a preset says instead of a `stop` code: the line is none of its kind, for sure. */
export const presetMisfit: u32 = 100

/** A member's text grows to six times its length at worst, and the line itself is copied too. */
const mostGrown: usize = 7
/** What names, quotes and constants of all members take: syslog has most of them. */
const namesBytes: usize = 800

/**
 * Begins the event of a line that a preset takes apart; members follow. Its time is the one that was read last, where `hasTime`.
 * False where there is no room.
 */
export function beginPresetEvent(state: usize, hasTime: bool, severity: u8): bool {
  if (!hasRoom(state, (lineContentEnd() - lineContent()) * mostGrown + namesBytes)) return false
  beginEventOfMembers(state, hasTime, severity)
  return true
}

/**
 * The same where there is room: the entry of an event whose members follow. Without a time of its own it has its wrapper's, or
 * that of reading.
 */
export function beginEventOfMembers(state: usize, hasTime: bool, severity: u8): usize {
  const isTimed = hasTime || takeWrapperTime(state)
  const entry = beginMembers(state)
  setBody(entry, bodyMembers, severity, 0)
  if (isTimed) setOwnTime(state, entry)
  else setTimeOfReading(state, entry)
  return entry
}

/** Whether `[at, end)` is a time that the event may carry. One that is not stays a member in the general lane. */
export function readPresetTime(state: usize, at: usize, end: usize): bool {
  const nowSeconds = load<u32>(state, stateNowSeconds)
  return readTextTime(at, end, nowSeconds) && isPlausible(nowSeconds)
}
