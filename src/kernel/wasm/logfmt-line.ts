import { noteFact, forgetFacts, severityOfFacts, takeFactsTime } from './captured-facts'
import { lineContent, lineContentEnd } from './current-line'
import { hasRoom } from './event-entry'
import { foundTraceAt, setFoundIds } from './found-ids'
import {
  keyMeets,
  keyRefused,
  keyTaken,
  modeTrace,
  stateAskedAt,
  stateAskedEnd,
  stateMode,
  stateNestedKeys,
  stopEnd,
  stopFull,
  stopNestedKey,
  stopRefused,
} from './lane-state'
import { logfmtContext } from './meeting-table'
import { nameOfMeeting, nameOfMeetingLength } from './meetings'
import { finishMembers, spelledMember, trueMember } from './member-writer'
import { longestText, slotAnswer, slotIsBehind } from './memo'
import { contextBytes, slotInside, askedNestedAt, askedNestedEnd } from './nested-object'
import { beginEventOfMembers, presetMisfit } from './preset-event'
import { mayHoldIds } from './text-line'

/** The pairs of the line at hand: key and its end, value and its end (0 for a word), u32 how the value is written, meaning of the key. */
const pairBytes: usize = 24
const mostPairs: u32 = 64
const pairs = memory.data(1536)
/** The slots in the memo at which the keys of this line, or one before it, were found, by their places in it. */
const slots = memory.data(256)
let slotsIn: usize = 0
let count: u32 = 0
let words: u32 = 0
let namesBytes: usize = 0

const valuePlain: u32 = 0
/** Quoted, with escapes that JSON has too. */
const valueEscaped: u32 = 1

/** A key and a value grow to six times their length at worst, and the line itself is copied. */
const mostGrown: usize = 7
const pairGrown: usize = 16

/** Makes an event of `key=value key="quoted value" word` (`parsers/logfmt.ts`). */
export function addLogfmtEvent(state: usize): u32 {
  const at = lineContent()
  const end = lineContentEnd()
  const found = takeApart(at, end)
  if (found != stopEnd) return found
  if (words * 2 > count || count == 0) return presetMisfit
  const stop = readPairs(state)
  if (stop != stopEnd) return stop
  // Ids are looked for in the text only where no member has one.
  const findsIds = (load<u32>(state, stateMode) & modeTrace) != 0 && foundTraceAt() == 0
  if (findsIds && mayHoldIds(at, end)) return stopRefused
  if (!hasRoom(state, (end - at) * mostGrown + <usize>(count + 1) * pairGrown + namesBytes)) return stopFull
  setFoundIds(beginEventOfMembers(state, takeFactsTime(), severityOfFacts()))
  writePairs(state)
  finishMembers(state)
  return stopEnd
}

/** Fills `pairs`. `presetMisfit` where a quote stands where none can, or a value has no key. */
function takeApart(at: usize, end: usize): u32 {
  count = words = 0
  while (true) {
    while (at < end && load<u8>(at) <= 0x20) at++
    if (at >= end) return stopEnd
    const keyEnd = endOfKey(at, end)
    const mark: u32 = keyEnd < end ? load<u8>(keyEnd) : 0
    if (keyEnd == at || mark == 0x22) return presetMisfit
    if (count == mostPairs) return stopRefused
    const pair = pairs + <usize>count * pairBytes
    count++
    store<u32>(pair, <u32>at)
    store<u32>(pair, <u32>keyEnd, 4)
    if (mark != 0x3d) {
      store<u32>(pair, 0, 8)
      words++
      at = keyEnd
      continue
    }
    at =
      keyEnd + 1 < end && load<u8>(keyEnd, 1) == 0x22
        ? takeQuoted(pair, keyEnd + 1, end)
        : takePlain(pair, keyEnd + 1, end)
    if (at == 0) return presetMisfit
    if (at == refusedValue) return stopRefused
  }
}

const refusedValue: usize = 1

function endOfKey(at: usize, end: usize): usize {
  while (at < end) {
    const byte: u32 = load<u8>(at)
    if (byte <= 0x20 || byte == 0x3d || byte == 0x22) break
    at++
  }
  return at
}

function takePlain(pair: usize, at: usize, end: usize): usize {
  const valueAt = at
  while (at < end && load<u8>(at) > 0x20) at++
  return setValue(pair, valueAt, at, valuePlain)
}

/** Where the line goes on, 0 for a quote that is not closed, or closed within a word; `refusedValue` for rare escapes. */
function takeQuoted(pair: usize, quoteAt: usize, end: usize): usize {
  let form = valuePlain
  let hasControl = false
  let isRare = false
  let at = quoteAt + 1
  while (true) {
    if (at >= end) return 0
    const byte: u32 = load<u8>(at)
    if (byte == 0x22) break
    if (byte < 0x20) hasControl = true
    if (byte != 0x5c) {
      at++
      continue
    }
    form = valueEscaped
    if (at + 1 >= end) return 0
    const letter: u32 = load<u8>(at, 1)
    if (letter < 0x20 || !isUsualEscape(letter)) isRare = true
    at += 2
  }
  if (at + 1 < end && load<u8>(at, 1) > 0x20) return 0
  if (isRare || (form == valueEscaped && hasControl)) return refusedValue
  setValue(pair, quoteAt + 1, at, form)
  return at + 1
}

/** Those that JSON writes in the same letters: `"`, backslash, `n`, `t`, `r`, `b`, `f`. */
function isUsualEscape(letter: u32): bool {
  switch (letter) {
    case 0x22:
    case 0x5c:
    case 0x6e:
    case 0x74:
    case 0x72:
    case 0x62:
    case 0x66:
      return true
    default:
      return false
  }
}

function setValue(pair: usize, at: usize, end: usize, form: u32): usize {
  store<u32>(pair, <u32>at, 8)
  store<u32>(pair, <u32>end, 12)
  store<u32>(pair, form, 16)
  return end
}

/** What the keys mean, and what the values say about the event. A key that comes twice is the general lane's. */
function readPairs(state: usize): u32 {
  forgetFacts()
  namesBytes = 0
  let isTaken = false
  for (let index: u32 = 0; index < count; index++) {
    const pair = pairs + <usize>index * pairBytes
    const at: usize = load<u32>(pair)
    const end: usize = load<u32>(pair, 4)
    if (end - at + contextBytes > longestText) return stopRefused
    const slot = slotOf(state, index, at, end)
    if (slot == 0) {
      store<u32>(state, <u32>askedNestedAt(), stateAskedAt)
      store<u32>(state, <u32>askedNestedEnd(), stateAskedEnd)
      return stopNestedKey
    }
    if (isTwice(index)) return stopRefused
    const meaning = slotAnswer(slot) - 1
    store<u32>(pair, meaning, 20)
    if (meaning == 0) continue
    if ((meaning & keyTaken) != 0) isTaken = true
    if (meaning == keyTaken) continue
    const valueAt: usize = load<u32>(pair, 8)
    if ((meaning & keyRefused) != 0 || valueAt == 0 || load<u32>(pair, 16) != valuePlain) return stopRefused
    if ((meaning & keyMeets) != 0) namesBytes += nameOfMeetingLength(state, meaning)
    const stop = noteFact(state, meaning, valueAt, load<u32>(pair, 12), true)
    if (stop != stopEnd) return stop
  }
  return isTaken && namesBytes != 0 ? stopRefused : stopEnd
}

/** Where the key stands in the memo: lines have the same keys at the same places, as a rule. 0 where it is to be asked for. */
function slotOf(state: usize, index: u32, at: usize, end: usize): usize {
  const keys: usize = load<u32>(state, stateNestedKeys)
  if (keys != slotsIn) {
    memory.fill(slots, 0, (<usize>mostPairs) << 2)
    slotsIn = keys
  }
  const place = slots + ((<usize>index) << 2)
  const last: usize = load<u32>(place)
  if (last != 0 && slotIsBehind(last, logfmtContext, at, end - at)) return last
  const slot = slotInside(state, logfmtContext, at, end)
  store<u32>(place, <u32>slot)
  return slot
}

/** Whether a pair before it has the same key: of one line all keys are in the same memo, each once. */
function isTwice(index: u32): bool {
  const slot = load<u32>(slots + ((<usize>index) << 2))
  for (let other: u32 = 0; other < index; other++)
    if (load<u32>(slots + ((<usize>other) << 2)) == slot) return true
  return false
}

function writePairs(state: usize): void {
  for (let index: u32 = 0; index < count; index++) {
    const pair = pairs + <usize>index * pairBytes
    const meaning = load<u32>(pair, 20)
    const isRenamed = (meaning & keyMeets) != 0
    const nameAt: usize = isRenamed ? nameOfMeeting(state, meaning) : load<u32>(pair)
    const nameEnd: usize = isRenamed ? nameAt + nameOfMeetingLength(state, meaning) : load<u32>(pair, 4)
    const valueAt: usize = load<u32>(pair, 8)
    const valueEnd: usize = load<u32>(pair, 12)
    if (valueAt == 0) trueMember(nameAt, nameEnd, isRenamed)
    else spelledMember(nameAt, nameEnd, isRenamed, valueAt, valueEnd, load<u32>(pair, 16) == valueEscaped)
  }
}
