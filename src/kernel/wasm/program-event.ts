import { forgetFacts, noteFact, severityOfFacts, takeFactsTime } from './captured-facts'
import { lineContent, lineContentEnd } from './current-line'
import { hasRoom } from './event-entry'
import { setFoundIds } from './found-ids'
import { stateMembers, stateProgram, stateSlots, stopEnd, stopFull, stopRefused } from './lane-state'
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
import { finishMembers, numberMember, textMember } from './member-writer'
import { beginEventOfMembers } from './preset-event'
import { answerMatch, unmatched } from '../span-layout'
import { runSpanProgram } from './span-program'

const mostGrown: usize = 6

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
  setFoundIds(beginEventOfMembers(state, takeFactsTime(), severityOfFacts()))
  writeCaptures(state)
  finishMembers(state)
  return stopEnd
}

function readCaptures(state: usize): u32 {
  const table: usize = load<u32>(state, stateMembers)
  const count = load<u32>(table)
  forgetFacts()
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
    const stop = noteFact(state, meaning, at, end, isText)
    if (stop != stopEnd) return stop
  }
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
