import { lineContent, lineContentEnd } from './current-line'
import { stopEnd, stopFull } from './lane-state'
import { endOfLetters, findLevelWord, foundSeverity, isLevelWord } from './level-memo'
import { finishMembers, textMember } from './member-writer'
import { beginPresetEvent, presetMisfit } from './preset-event'

/** Places in the table of members (`lanes/fast/preset-members.ts`). */
const levelMember: u32 = 0
const messageMember: u32 = 1

/** Makes an event of `LEVEL message`, `LEVEL: message` or `[LEVEL] message` (`parsers/level-message.ts`). */
export function addLevelMessageEvent(state: usize): u32 {
  const at = lineContent()
  const end = lineContentEnd()
  const isBracketed = load<u8>(at) == 0x5b
  const levelAt = isBracketed ? at + 1 : at
  const levelEnd = endOfLetters(levelAt, end)
  const stop = findLevelWord(state, levelAt, levelEnd)
  if (stop != stopEnd) return stop
  if (!isLevelWord() || (isBracketed && load<u8>(levelEnd) != 0x5d)) return presetMisfit
  let behind = isBracketed ? levelEnd + 1 : levelEnd
  if (load<u8>(behind) == 0x3a) behind++
  let messageAt = behind
  while (load<u8>(messageAt) == 0x20 || load<u8>(messageAt) == 0x09) messageAt++
  if (messageAt == behind || messageAt >= end) return presetMisfit
  const severity = foundSeverity()
  if (!beginPresetEvent(state, false, severity)) return stopFull
  textMember(state, levelMember, levelAt, levelEnd)
  textMember(state, messageMember, messageAt, end)
  finishMembers(state)
  return stopEnd
}
