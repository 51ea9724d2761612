import { lineContent, lineContentEnd } from './current-line'
import { stopEnd, stopFull, stopRefused } from './lane-state'
import { findLevelText, findLevelWord, foundSeverity, isLevelWord } from './level-memo'
import { findByte } from './lines'
import { finishMembers, textMember } from './member-writer'
import { beginPresetEvent, presetMisfit, readPresetTime } from './preset-event'

/** Places in the table of members (`lanes/fast/preset-members.ts`). */
const loggerMember: u32 = 0
const levelMember: u32 = 1
const messageMember: u32 = 2

/** `2026-01-20T10:00:00.123456789+01:00`, and the separator behind it. */
const longestTime: usize = 38
const separatorBytes: usize = 3
/** Where the separator behind a name must be found, and the colon behind the level of the default form. */
const longestName: usize = 256
const longestDefaultLevel: usize = 32

/** Of the line at hand; a logger without bytes is none. */
let loggerAt: usize = 0
let loggerEnd: usize = 0

/**
 * Makes an event of `asctime - name - levelname - message`, the same without the name, or `LEVEL:name:message`
 * (`parsers/python.ts`).
 */
export function addPythonEvent(state: usize): u32 {
  const at = lineContent()
  const end = lineContentEnd()
  loggerAt = loggerEnd = 0
  if (<u32>load<u8>(at) - 0x30 > 9) return addDefault(state, at, end)
  const timeEnd = separatorAt(at, min(end, at + longestTime))
  if (timeEnd == 0 || !readPresetTime(state, at, timeEnd)) return stopRefused
  const first = timeEnd + separatorBytes
  const firstEnd = separatorAt(first, end)
  if (firstEnd == 0 || !isTrimmed(first, firstEnd)) return stopRefused
  const word = findLevelWord(state, first, firstEnd)
  if (word != stopEnd) return word
  if (isLevelWord()) return add(state, true, first, firstEnd, firstEnd + separatorBytes)
  const levelAt = firstEnd + separatorBytes
  const levelEnd = separatorAt(levelAt, end)
  if (levelEnd == 0 || !isLevelName(levelAt, levelEnd)) return stopRefused
  loggerAt = first
  loggerEnd = firstEnd
  const stop = findLevelText(state, levelAt, levelEnd)
  return stop == stopEnd ? add(state, true, levelAt, levelEnd, levelEnd + separatorBytes) : stop
}

/** Tracebacks come here too. */
function addDefault(state: usize, at: usize, end: usize): u32 {
  const limit = min(end, at + longestDefaultLevel)
  const levelEnd = findByte(at, limit, 0x3a)
  if (levelEnd == limit) return presetMisfit
  const stop = findLevelWord(state, at, levelEnd)
  if (stop != stopEnd) return stop
  if (!isLevelWord()) return presetMisfit
  loggerAt = levelEnd + 1
  const nameLimit = min(end, loggerAt + longestName)
  loggerEnd = findByte(loggerAt, nameLimit, 0x3a)
  // A colon that stands right at the limit is one too late.
  if (loggerAt == loggerEnd || loggerEnd == nameLimit) return stopRefused
  for (let place = loggerAt; place < loggerEnd; place++) if (!isVisible(place)) return stopRefused
  return add(state, false, at, levelEnd, loggerEnd + 1)
}

function add(state: usize, hasTime: bool, levelAt: usize, levelEnd: usize, messageAt: usize): u32 {
  if (!beginPresetEvent(state, hasTime, foundSeverity())) return stopFull
  if (loggerAt != loggerEnd) textMember(state, loggerMember, loggerAt, loggerEnd)
  textMember(state, levelMember, levelAt, levelEnd)
  textMember(state, messageMember, messageAt, lineContentEnd())
  finishMembers(state)
  return stopEnd
}

/** Where ` - ` begins at or behind `from`, 0 where it does not so soon. */
function separatorAt(from: usize, end: usize): usize {
  const limit = min(end, from + longestName)
  let at = from
  while (true) {
    at = findByte(at, limit, 0x2d)
    if (at + 1 >= limit) return 0
    if (at > from && load<u8>(at - 1) == 0x20 && load<u8>(at, 1) == 0x20) return at - 1
    at++
  }
}

/** Whether nothing would be trimmed, of all that counts as a blank beyond ASCII too. */
function isTrimmed(at: usize, end: usize): bool {
  return at < end && isVisible(at) && isVisible(end - 1)
}

function isVisible(at: usize): bool {
  return <u32>load<u8>(at) - 0x21 <= 0x7e - 0x21
}

/** A letter, then letters, digits, `_` and spaces, of which none stands last. */
function isLevelName(at: usize, end: usize): bool {
  if (end - at > longestDefaultLevel || !isTrimmed(at, end)) return false
  if ((<u32>load<u8>(at) | 0x20) - 0x61 > 25) return false
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at)
    const isName = (byte | 0x20) - 0x61 <= 25 || byte - 0x30 <= 9 || byte == 0x5f || byte == 0x20
    if (!isName) return false
  }
  return true
}
