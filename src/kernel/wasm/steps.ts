import {
  bodyJson,
  bodyMembers,
  bodyMessage,
  eventAt,
  eventBody,
  eventLineLength,
  eventMembersLength,
  eventSeverity,
} from './event-layout'
import { addJsonEvent, findSeverity, foundSeverity } from './json-event'
import {
  keyWatchedShift,
  stateAskedAt,
  stateAskedEnd,
  stateEntryAt,
  stateFacts,
  stateFiltered,
  stateHeap,
  stateHeapAt,
  stateHighNanos,
  stateKeys,
  stateLastSeconds,
  stateSteps,
  stopEnd,
  stopKey,
  stopRefused,
  stopTest,
} from './lane-state'
import { endOfString, stringHasEscapes } from './json-string'
import { endOfValue } from './json-value'
import { longestText, memoFind } from './memo'
import {
  stepAbout,
  stepFact,
  stepFilter,
  stepKeep,
  stepNo,
  stepOperation,
  stepYes,
  verdictUnsure,
  verdictYes,
} from './step-layout'
import { asksForLevel, verdictAsked, verdictOf } from './step-tests'
import { forgetWatched, watch } from './watched-members'

/** Beyond the `stop` codes: the event is filtered out. */
const isFiltered: u32 = 255

/** Times and bumps, as they were before the event: `stateLastSeconds` to `stateHighNanos`. */
const clockBytes: usize = stateHighNanos + 4 - stateLastSeconds
const clockBefore = memory.data(64)
let entryBefore: u32 = 0
let heapBefore: u32 = 0

export function hasSteps(state: usize): bool {
  return load<u32>(state, stateSteps) != 0
}

/** Remembers how things stand, as some events can only be judged once they are made. */
export function beginSteps(state: usize): void {
  entryBefore = load<u32>(state, stateEntryAt)
  heapBefore = load<u32>(state, stateHeapAt)
  memory.copy(clockBefore, state + stateLastSeconds, clockBytes)
}

/** An event of the object that was found last, unless steps filter it out: that is decided before it is made. */
export function addJsonThroughSteps(state: usize): u32 {
  const stop = runSteps(state, bodyJson, 0)
  if (stop == isFiltered) return countFiltered(state)
  return stop == stopEnd ? addJsonEvent(state) : stop
}

/** What becomes of an event of another kind that was made since `beginSteps`; `stop` says whether one was. */
export function endSteps(state: usize, stop: u32): u32 {
  if (stop != stopEnd || load<u32>(state, stateEntryAt) == entryBefore) return stop
  const entry: usize = entryBefore
  const body: u32 = load<u8>(entry, eventBody)
  if (body == bodyJson) return stop
  let next: u32 = body == bodyMembers ? watchMembers(state, entry) : stopEnd
  if (next == stopEnd) next = runSteps(state, body, load<u8>(entry, eventSeverity))
  if (next == stopEnd) return stopEnd
  store<u32>(state, entryBefore, stateEntryAt)
  store<u32>(state, heapBefore, stateHeapAt)
  memory.copy(state + stateLastSeconds, clockBefore, clockBytes)
  return next == isFiltered ? countFiltered(state) : next
}

function countFiltered(state: usize): u32 {
  store<u32>(state, load<u32>(state, stateFiltered) + 1, stateFiltered)
  return stopEnd
}

/** A `stop` code, or `isFiltered`. `severity`: of an event that is made. */
function runSteps(state: usize, body: u32, severity: u32): u32 {
  let step: usize = load<u32>(state, stateSteps)
  while (true) {
    const operation = load<u32>(step, stepOperation)
    if (operation == stepKeep) return stopEnd
    if (operation == stepFilter) return isFiltered
    let isTrue: bool
    const about = load<u32>(step, stepAbout)
    if (operation == stepFact) isTrue = ((load<u32>(state, stateFacts) >> about) & 1) == 1
    else {
      if (body == bodyJson && asksForLevel(about)) {
        const stop = findSeverity(state)
        if (stop != stopEnd) return stop
        severity = foundSeverity()
      }
      const verdict = verdictOf(state, about, severity, body == bodyMessage)
      if (verdict == verdictAsked) return stopTest
      if (verdict == verdictUnsure) return stopRefused
      isTrue = verdict == verdictYes
    }
    step = isTrue ? load<u32>(step, stepYes) : load<u32>(step, stepNo)
  }
}

/** Looks at the members that a line was taken apart into, as they stand behind it: `"key":value`, with commas. */
function watchMembers(state: usize, entry: usize): u32 {
  let at: usize =
    <usize>load<u32>(state, stateHeap) + load<u32>(entry, eventAt) + load<u32>(entry, eventLineLength)
  const end = at + load<u32>(entry, eventMembersLength)
  forgetWatched()
  while (at < end) {
    const keyEnd = endOfString(at + 1)
    if (keyEnd == 0 || stringHasEscapes() || keyEnd - at - 1 > longestText) return stopRefused
    const valueEnd = endOfValue(keyEnd + 2)
    if (valueEnd == 0) return stopRefused
    const meaning = memoFind(load<u32>(state, stateKeys), at + 1, keyEnd - at - 1)
    if (meaning == 0) {
      store<u32>(state, <u32>at + 1, stateAskedAt)
      store<u32>(state, <u32>keyEnd, stateAskedEnd)
      // What is made is given up, and made again once the key is known.
      return stopKey
    }
    const number = (meaning - 1) >> keyWatchedShift
    if (number != 0 && !watch(number, at, keyEnd + 2, valueEnd)) return stopRefused
    at = valueEnd + 1
  }
  return stopEnd
}
