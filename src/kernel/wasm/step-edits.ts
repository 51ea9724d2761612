import { copyBytes } from './copy-bytes'
import { endOfSpace } from './json-value'
import {
  editField,
  editKeyLength,
  editName,
  editNameLength,
  editOther,
  editText,
  editTextLength,
  fieldWatched,
  mostEdits,
  programOtherScratch,
  programScratch,
  programScratchBytes,
} from './step-layout'
import { atPath, endAtPath, findAtPath, keyAtPath } from './step-tests'
import {
  countInside,
  insideNothing,
  insideUnsure,
  isThere,
  watchedAt,
  watchedEnd,
  watchedKeyAt,
} from './watched-members'

/**
 * Edits of one object, which stays as it is until they are applied: splices in the order of their places, and members that go
 * behind the last one. What is not as simple as that is refused, and is done by `steps/step-event.ts`.
 */
let first: usize = 0
let end: usize = 0
let brace: usize = 0
let lastValueEnd: usize = 0

/** Splice: where, how many bytes go, address and length of what comes. */
const spliceBytes: usize = 16
const splices = memory.data(64 * 16)
let spliceCount: u32 = 0
/** Appended member: address and length of its name, and of its value. */
const appended = memory.data(64 * 16)
let appendedCount: u32 = 0
/** Bytes that come. */
let grown: usize = 0

let edited: usize = 0

/** Begins with the object in `[at, objectEnd)`; `lastEnd` is where its last value ends, 0 where it has none. */
export function beginEdits(at: usize, objectEnd: usize, lastEnd: usize): void {
  first = at
  end = objectEnd
  brace = endOfSpace(at)
  lastValueEnd = lastEnd
  spliceCount = appendedCount = 0
  grown = 0
}

export function hasEdits(): bool {
  return spliceCount + appendedCount != 0
}

/** Where the object begins that `applyEdits` has made. */
export function editedAt(): usize {
  return edited
}

/** Sets a member: its value where it is, or all of it behind the others. False where the general lane has to do it. */
export function addMember(edit: usize): bool {
  const field: usize = load<u32>(edit, editField)
  const path = findAtPath(field)
  const isSpelled = isThere(load<u32>(field, fieldWatched))
  if (path == insideUnsure || countInside() + u32(isSpelled) > 1) return false
  const text: usize = load<u32>(edit, editText)
  const length: usize = load<u32>(edit, editTextLength)
  if (path == insideNothing && !isSpelled)
    return append(load<u32>(edit, editName), load<u32>(edit, editNameLength), text, length)
  const at = isSpelled ? watchedAt(load<u32>(field, fieldWatched)) : atPath()
  const valueEnd = isSpelled ? watchedEnd(load<u32>(field, fieldWatched)) : endAtPath()
  return splice(at, valueEnd - at, text, length)
}

/** Gives a member another name; one that leaves its object goes behind the others. */
export function renameMember(edit: usize): bool {
  const field: usize = load<u32>(edit, editField)
  const watched = load<u32>(field, fieldWatched)
  const path = findAtPath(field)
  const isSpelled = isThere(watched)
  if (path == insideUnsure || countInside() + u32(isSpelled) > 1) return false
  if (path == insideNothing && !isSpelled) return true
  const keyAt = keyAtPath()
  const at = atPath()
  const valueEnd = endAtPath()
  // What was called so before would have to go.
  const other: usize = load<u32>(edit, editOther)
  if (findAtPath(other) != insideNothing || isThere(load<u32>(other, fieldWatched))) return false
  if (isSpelled)
    return splice(
      watchedKeyAt(watched),
      <usize>load<u32>(edit, editKeyLength) + 2,
      load<u32>(edit, editText),
      load<u32>(edit, editTextLength),
    )
  // A name for a place in the same object is another key there: rare.
  if (load<u32>(edit, editNameLength) == 0) return false
  return (
    cut(keyAt, valueEnd) &&
    append(load<u32>(edit, editName), load<u32>(edit, editNameLength), at, valueEnd - at)
  )
}

/** Takes a member out of its object, with one comma. */
export function removeMember(edit: usize): bool {
  const field: usize = load<u32>(edit, editField)
  const watched = load<u32>(field, fieldWatched)
  const path = findAtPath(field)
  const isSpelled = isThere(watched)
  if (path == insideUnsure || countInside() + u32(isSpelled) > 1) return false
  if (isSpelled) return cut(watchedKeyAt(watched), watchedEnd(watched))
  return path == insideNothing || cut(keyAtPath(), endAtPath())
}

/** Commas stay between those that are left (`parsers/json-spans.ts`, `cutMembers`). */
function cut(keyAt: usize, valueEnd: usize): bool {
  const behind = endOfSpace(valueEnd)
  if (load<u8>(behind) == 0x2c) return splice(keyAt, endOfSpace(behind + 1) - keyAt, 0, 0)
  const comma = startOfSpace(keyAt) - 1
  // The only one of its object, or the last one.
  const at = load<u8>(comma) == 0x2c ? startOfSpace(comma) : keyAt
  return splice(at, valueEnd - at, 0, 0)
}

/** Where the space before `at` begins. */
function startOfSpace(at: usize): usize {
  while (isSpace(load<u8>(at - 1))) at--
  return at
}

function isSpace(byte: u32): bool {
  return byte == 0x20 || byte == 0x09 || byte == 0x0d
}

function splice(at: usize, length: usize, text: usize, textLength: usize): bool {
  if (spliceCount == mostEdits) return false
  let place = splices + <usize>spliceCount * spliceBytes
  // In their order; they do not overlap, as all that is edited between two looks has different names.
  while (place > splices && <usize>load<u32>(place - spliceBytes) > at) {
    v128.store(place, v128.load(place - spliceBytes))
    place -= spliceBytes
  }
  store<u32>(place, <u32>at)
  store<u32>(place, <u32>length, 4)
  store<u32>(place, <u32>text, 8)
  store<u32>(place, <u32>textLength, 12)
  spliceCount++
  grown += textLength
  return true
}

function append(name: usize, nameLength: usize, value: usize, valueLength: usize): bool {
  if (appendedCount == mostEdits) return false
  const place = appended + <usize>appendedCount * spliceBytes
  store<u32>(place, <u32>name)
  store<u32>(place, <u32>nameLength, 4)
  store<u32>(place, <u32>value, 8)
  store<u32>(place, <u32>valueLength, 12)
  appendedCount++
  grown += nameLength + valueLength + 1
  return true
}

/** Writes the edited object, a newline behind it, where it was not. Returns its end; 0 where it is too long. */
export function applyEdits(program: usize): usize {
  if (end - first + grown + 1 > <usize>load<u32>(program, programScratchBytes)) return 0
  const scratch: usize = load<u32>(program, programScratch)
  edited = first == scratch ? <usize>load<u32>(program, programOtherScratch) : scratch
  let out = edited
  let at = first
  for (let index: u32 = 0; index < spliceCount; index++) {
    const place = splices + <usize>index * spliceBytes
    const spliceAt: usize = load<u32>(place)
    out = copyBytes(at, spliceAt - at, out)
    out = copyBytes(load<u32>(place, 8), load<u32>(place, 12), out)
    at = spliceAt + <usize>load<u32>(place, 4)
  }
  // Behind all splices, the last value's among them: what cuts the last member appends nothing.
  if (appendedCount != 0) {
    const appendAt = lastValueEnd == 0 ? brace + 1 : lastValueEnd
    out = copyBytes(at, appendAt - at, out)
    out = writeAppended(out)
    at = appendAt
  }
  out = copyBytes(at, end - at, out)
  store<u8>(out, 0x0a)
  return out
}

function writeAppended(out: usize): usize {
  let isFirst = lastValueEnd == 0
  for (let index: u32 = 0; index < appendedCount; index++) {
    const place = appended + <usize>index * spliceBytes
    if (!isFirst) store<u8>(out++, 0x2c)
    isFirst = false
    out = copyBytes(load<u32>(place), load<u32>(place, 4), out)
    out = copyBytes(load<u32>(place, 8), load<u32>(place, 12), out)
  }
  return out
}
