import { lineContent, lineContentEnd } from './current-line'
import { klogTimeBytes } from './klog-time'
import { stopEnd, stopFull, stopRefused } from './lane-state'
import { findByte } from './lines'
import { constantMember, digitsMember, finishMembers, memberSeverity, textMember } from './member-writer'
import { beginPresetEvent, presetMisfit, readPresetTime } from './preset-event'
import { endOfDigits, isDigit } from './time-parts'

/** Places in the table of members (`lanes/fast/preset-members.ts`): the levels first, in the order of `levelOf`. */
const threadMember: u32 = 4
const fileMember: u32 = 5
const lineMember: u32 = 6
const messageMember: u32 = 7
const noLevel: u32 = 4

/** Elasticsearch's `long` has 19 digits. */
const mostThreadDigits: usize = 18
const mostLineDigits: usize = 9
/** Where the bracket behind the file's name must be found. */
const longestOrigin: usize = 256

/** Makes an event of `I0120 10:00:00.123456   1234 file.go:56] MESSAGE` (`parsers/klog.ts`). */
export function addKlogEvent(state: usize): u32 {
  const at = lineContent()
  const end = lineContentEnd()
  const level = levelOf(load<u8>(at))
  if (level == noLevel) return presetMisfit
  const timeEnd = at + 1 + klogTimeBytes + (load<u8>(at, 5) == 0x20 ? 0 : 4)
  if (timeEnd >= end || load<u8>(timeEnd) != 0x20) return stopRefused
  if (!readPresetTime(state, at + 1, timeEnd)) return stopRefused
  let threadAt = timeEnd
  while (load<u8>(threadAt) == 0x20 || load<u8>(threadAt) == 0x09) threadAt++
  const threadEnd = endOfDigits(threadAt, end)
  if (threadEnd == threadAt || threadEnd - threadAt > mostThreadDigits || load<u8>(threadEnd) != 0x20)
    return stopRefused
  const limit = min(end, threadEnd + longestOrigin)
  const bracket = findByte(threadEnd, limit, 0x5d)
  if (bracket == limit) return stopRefused
  let lineAt = bracket
  while (isDigit(lineAt - 1)) lineAt--
  const fileAt = threadEnd + 1
  const isOrigin = lineAt > fileAt + 1 && lineAt < bracket && load<u8>(lineAt - 1) == 0x3a
  if (!isOrigin || bracket - lineAt > mostLineDigits) return stopRefused
  if (!beginPresetEvent(state, true, memberSeverity(state, level))) return stopFull
  constantMember(state, level)
  digitsMember(state, threadMember, threadAt, threadEnd)
  textMember(state, fileMember, fileAt, lineAt - 1)
  digitsMember(state, lineMember, lineAt, bracket)
  const hasSpace = bracket + 1 < end && load<u8>(bracket, 1) == 0x20
  textMember(state, messageMember, bracket + (hasSpace ? 2 : 1), end)
  finishMembers(state)
  return stopEnd
}

function levelOf(letter: u32): u32 {
  if (letter == 0x49) return 0 // I
  if (letter == 0x57) return 1 // W
  if (letter == 0x45) return 2 // E
  return letter == 0x46 ? 3 : noLevel // F
}
