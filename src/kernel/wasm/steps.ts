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
import { copyBytes } from './copy-bytes'
import { lineContent, lineContentEnd, lineStream, setEdited } from './current-line'
import { hasRoom } from './event-entry'
import { hasHint } from './hints'
import { addJsonEvent, findSeverity, severityOfLine } from './json-event'
import {
  askedKeyAt,
  askedKeyEnd,
  endOfLastValue,
  keyQuestion,
  objectAsks,
  objectFound,
  scanObject,
} from './json-line'
import {
  keyWatched,
  stateAskedAt,
  stateAskedEnd,
  stateEntryAt,
  stateFacts,
  stateFiltered,
  stateHeap,
  stateHeapAt,
  stateHeapEnd,
  stateHighNanos,
  stateKeys,
  stateLastSeconds,
  stateSteps,
  stopEnd,
  stopFull,
  stopKey,
  stopRefused,
  stopTest,
} from './lane-state'
import { endOfString, stringHasEscapes } from './json-string'
import { endOfValue } from './json-value'
import { watchedNumber } from './meetings'
import { longestText, memoFind } from './memo'
import {
  addMember,
  applyEdits,
  beginEdits,
  editedAt,
  hasEdits,
  removeMember,
  renameMember,
} from './step-edits'
import {
  editsMembers,
  fieldWatched,
  guardFields,
  guardFirstField,
  guardHints,
  guardText,
  guardWhole,
  programFirst,
  programRefuses,
  programScratch,
  programScratchBytes,
  programTextMembers,
  programTextMembersLength,
  refusesMembers,
  refusesTexts,
  stepAbout,
  stepAdd,
  stepFact,
  stepFilter,
  stepGuard,
  stepKeep,
  stepLookAgain,
  stepNo,
  stepOperation,
  stepRemove,
  stepRename,
  stepTest,
  stepYes,
  verdictUnsure,
  verdictYes,
} from './step-layout'
import { asksForLevel, findAtPath, verdictAsked, verdictOf } from './step-tests'
import { streamMemberBytes } from './text-event'
import { forgetWatched, insideNothing, isThere, watch } from './watched-members'

/** Beyond the `stop` codes: the event is filtered out. */
const isFiltered: u32 = 255

/** Times and bumps, as they were before the event: `stateLastSeconds` to `stateHighNanos`. */
const clockBytes: usize = stateHighNanos + 4 - stateLastSeconds
const clockBefore = memory.data(64)
let entryBefore: u32 = 0
let heapBefore: u32 = 0
/** Of the members that were looked at last. */
let lastMemberEnd: usize = 0

export function hasSteps(state: usize): bool {
  return load<u32>(state, stateSteps) != 0
}

/** Remembers how things stand, as some events can only be judged once they are made. */
export function beginSteps(state: usize): void {
  entryBefore = load<u32>(state, stateEntryAt)
  heapBefore = load<u32>(state, stateHeapAt)
  memory.copy(clockBefore, state + stateLastSeconds, clockBytes)
}

/** An event of what steps make of the object that was found last: that is decided before it is made. */
export function addJsonThroughSteps(state: usize): u32 {
  beginEdits(lineContent(), lineContentEnd(), endOfLastValue())
  const stop = runSteps(state, bodyJson, 0)
  if (stop == isFiltered) return countFiltered(state)
  if (stop != stopEnd) return stop
  return hasRoom(state, lineContentEnd() - lineContent() + streamMemberBytes) ? addJsonEvent(state) : stopFull
}

/** What becomes of an event of another kind that was made since `beginSteps`; `stop` says whether one was. */
export function endSteps(state: usize, stop: u32): u32 {
  if (stop != stopEnd || load<u32>(state, stateEntryAt) == entryBefore) return stop
  const entry: usize = entryBefore
  const body: u32 = load<u8>(entry, eventBody)
  if (body == bodyJson) return stop
  const next = body == bodyMembers ? judgeMembers(state, entry) : judgeText(state, entry)
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

function refuses(state: usize, what: u32): bool {
  return (load<u32>(load<u32>(state, stateSteps), programRefuses) & what) != 0
}

/** A line of text gets the same members as all others, behind its stream. */
function judgeText(state: usize, entry: usize): u32 {
  if (refuses(state, refusesTexts)) return stopRefused
  const stop = runSteps(state, bodyMessage, 0)
  const program: usize = load<u32>(state, stateSteps)
  const length: usize = load<u32>(program, programTextMembersLength)
  if (stop != stopEnd || length == 0) return stop
  let out: usize = load<u32>(state, stateHeapAt)
  if (out + length + 1 > <usize>load<u32>(state, stateHeapEnd)) return stopFull
  const before = load<u32>(entry, eventMembersLength)
  if (before != 0) store<u8>(out++, 0x2c)
  out = copyBytes(load<u32>(program, programTextMembers), length, out)
  setMembersEnd(state, entry, out)
  return stopEnd
}

/** The members that a line was taken apart into: edited, they take the place of those that were written. */
function judgeMembers(state: usize, entry: usize): u32 {
  if (refuses(state, refusesMembers)) return stopRefused
  const membersAt = membersOf(state, entry)
  const end: usize = load<u32>(state, stateHeapAt)
  const severity: u32 = load<u8>(entry, eventSeverity)
  if (!refuses(state, editsMembers)) {
    objectAt = membersAt
    objectEnd = end
    const stop = watchMembers(state, membersAt, end)
    return stop == stopEnd ? runSteps(state, bodyMembers, severity) : stop
  }
  // The stream is written by the agent, and is none of them.
  const hasStream = lineStream() != 0
  const at = hasStream ? min(membersAt + streamMemberBytes + 1, end) : membersAt
  const scratch: usize = load<u32>(load<u32>(state, stateSteps), programScratch)
  if (end - at + 2 > <usize>load<u32>(load<u32>(state, stateSteps), programScratchBytes)) return stopRefused
  store<u8>(scratch, 0x7b)
  const objectEnd = copyBytes(at, end - at, scratch + 1)
  store<u8>(objectEnd, 0x7d)
  const stop = lookAtMembers(state, scratch, objectEnd + 1)
  const next = stop == stopEnd ? runSteps(state, bodyMembers, severity) : stop
  return next == stopEnd ? writeMembers(state, entry, hasStream) : next
}

/** What `runSteps` has left, without its braces. */
function writeMembers(state: usize, entry: usize, hasStream: bool): u32 {
  const at = objectAt + 1
  const length = objectEnd - 1 - at
  let out = membersOf(state, entry)
  if (out + streamMemberBytes + length + 1 > <usize>load<u32>(state, stateHeapEnd)) return stopFull
  if (hasStream) {
    out += streamMemberBytes
    if (length != 0) store<u8>(out++, 0x2c)
  }
  setMembersEnd(state, entry, copyBytes(at, length, out))
  return stopEnd
}

function membersOf(state: usize, entry: usize): usize {
  return <usize>load<u32>(state, stateHeap) + load<u32>(entry, eventAt) + load<u32>(entry, eventLineLength)
}

function setMembersEnd(state: usize, entry: usize, end: usize): void {
  store<u32>(entry, <u32>(end - membersOf(state, entry)), eventMembersLength)
  store<u32>(state, <u32>end, stateHeapAt)
}

/** A `stop` code, or `isFiltered`. `severity`: of an event that is made. */
function runSteps(state: usize, body: u32, severity: u32): u32 {
  const program: usize = load<u32>(state, stateSteps)
  let step: usize = load<u32>(program, programFirst)
  while (true) {
    const operation = load<u32>(step, stepOperation)
    if (operation == stepFilter) return isFiltered
    if (operation == stepKeep) return body == bodyMessage ? stopEnd : lookAgain(state, program, body)
    const about: usize = load<u32>(step, stepAbout)
    let isTrue = true
    if (operation == stepFact) isTrue = ((load<u32>(state, stateFacts) >> <u32>about) & 1) == 1
    else if (operation == stepTest) {
      if (body == bodyJson && asksForLevel(about)) {
        const stop = findSeverity(state)
        if (stop != stopEnd) return stop
        severity = severityOfLine()
      }
      const verdict = verdictOf(state, about, severity, body == bodyMessage)
      if (verdict == verdictAsked) return stopTest
      if (verdict == verdictUnsure) return stopRefused
      isTrue = verdict == verdictYes
    } else if (operation == stepGuard) {
      if (mayRedact(about, body)) return stopRefused
    } else if (body != bodyMessage) {
      const stop = operation == stepLookAgain ? lookAgain(state, program, body) : edit(operation, about)
      if (stop != stopEnd) return stop
    }
    step = isTrue ? load<u32>(step, stepYes) : load<u32>(step, stepNo)
  }
}

/** Whether the line has a hint of a secret where secrets are looked for, or a member that is one. */
function mayRedact(guard: usize, body: u32): bool {
  const isText = body == bodyMessage
  const isWhole = load<u32>(guard, guardWhole) != 0
  const hints: usize = load<u32>(guard, guardHints)
  if (hints != 0) {
    const isHinted =
      hasHint(hints, lineContent(), lineContentEnd()) ||
      (body == bodyMembers && hasHint(hints, objectAt, objectEnd))
    if (!isHinted) return false
  }
  if (isWhole || (body != bodyJson && load<u32>(guard, guardText) != 0)) return true
  if (isText) return false
  const count = load<u32>(guard, guardFields)
  for (let index: u32 = 0; index < count; index++) {
    const field: usize = load<u32>(guard + guardFirstField + ((<usize>index) << 2))
    if (isThere(load<u32>(field, fieldWatched)) || findAtPath(field) != insideNothing) return true
  }
  return false
}

function edit(operation: u32, about: usize): u32 {
  const isDone =
    operation == stepAdd
      ? addMember(about)
      : operation == stepRename
        ? renameMember(about)
        : operation == stepRemove && removeMember(about)
  return isDone ? stopEnd : stopRefused
}

/** Makes what was edited the line at hand, or its members. */
function lookAgain(state: usize, program: usize, body: u32): u32 {
  if (!hasEdits()) return stopEnd
  const end = applyEdits(program)
  if (end == 0) return stopRefused
  if (body == bodyMembers) return lookAtMembers(state, editedAt(), end)
  setEdited(editedAt(), end)
  const found = scanObject(state, editedAt())
  if (found == objectAsks) return asksForKey(state, keyQuestion(), askedKeyAt(), askedKeyEnd())
  if (found != objectFound) return stopRefused
  beginEdits(editedAt(), end, endOfLastValue())
  return stopEnd
}

/** The members as an object, while they are edited. */
let objectAt: usize = 0
let objectEnd: usize = 0

function lookAtMembers(state: usize, at: usize, end: usize): u32 {
  objectAt = at
  objectEnd = end
  const stop = watchMembers(state, at + 1, end - 1)
  beginEdits(at, end, lastMemberEnd)
  return stop
}

/** Looks at members without braces, as parsers write them: `"key":value`, with commas. */
function watchMembers(state: usize, at: usize, end: usize): u32 {
  forgetWatched()
  lastMemberEnd = 0
  while (at < end) {
    const keyEnd = endOfString(at + 1)
    if (keyEnd == 0 || stringHasEscapes() || keyEnd - at - 1 > longestText) return stopRefused
    const valueEnd = endOfValue(keyEnd + 2)
    if (valueEnd == 0) return stopRefused
    const meaning = memoFind(load<u32>(state, stateKeys), at + 1, keyEnd - at - 1)
    // What is made is given up, and made again once the key is known.
    if (meaning == 0) return asksForKey(state, stopKey, at + 1, keyEnd)
    const isWatched = ((meaning - 1) & keyWatched) != 0
    if (isWatched && !watch(watchedNumber(state, meaning - 1), at, keyEnd + 2, valueEnd)) return stopRefused
    lastMemberEnd = valueEnd
    at = valueEnd + 1
  }
  return stopEnd
}

function asksForKey(state: usize, question: u32, at: usize, end: usize): u32 {
  store<u32>(state, <u32>at, stateAskedAt)
  store<u32>(state, <u32>end, stateAskedEnd)
  return question
}
