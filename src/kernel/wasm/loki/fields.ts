import { bodyJson } from '../event-layout'
import {
  bodyOf,
  editsLength,
  lineAt,
  lineLength,
  membersAt,
  membersLength,
  severityOf,
  spanAt,
  spanLength,
  traceAt,
  traceLength,
} from '../stored-event'
import { mayBringIn } from './edits'
import { findEditedMembers, findMembers } from './members'

/**
 * The fields that labels and structured metadata are made of, and where one event has their values. JavaScript writes a
 * list of them (src/sinks/loki/kernel/field-list.ts):
 *
 *   u32 count, 1 if some name has a character that JSON may write in another way than `\u`, 8 bytes of nothing
 *   then for each, 32 bytes: u32 kind, name (address, length), key (address, length); form, begin, end of the value
 */
export const firstField: usize = 16
export const fieldBytes: usize = 32

const kindLevel: u32 = 1
const kindTrace: u32 = 2
const kindSpan: u32 = 3

/** What a value's bytes are. */
export const formMissing: u32 = 0
/** Text as it is. */
export const formText: u32 = 1
/** What stands between the quotes of a JSON string with escapes. */
export const formEscaped: u32 = 2
/** A number, true, false, null, an object or an array, as JSON. */
export const formJson: u32 = 3

/** The names of the severities 1 to 6, 5 bytes each. */
const severities: usize = memory.data<u8>([
  116, 114, 97, 99, 101, 100, 101, 98, 117, 103, 105, 110, 102, 111, 0, 119, 97, 114, 110, 0, 101, 114, 114,
  111, 114, 102, 97, 116, 97, 108,
])

export function fieldCount(list: usize): u32 {
  return load<u32>(list)
}

export function isAnyEscaped(list: usize): bool {
  return load<u32>(list, 4) != 0
}

export function fieldAt(list: usize, index: u32): usize {
  return list + firstField + <usize>index * fieldBytes
}

export function nameAt(field: usize): usize {
  return load<u32>(field, 4)
}

export function nameLength(field: usize): usize {
  return load<u32>(field, 8)
}

export function keyAt(field: usize): usize {
  return load<u32>(field, 12)
}

export function keyLength(field: usize): u32 {
  return load<u32>(field, 16)
}

export function formOf(field: usize): u32 {
  return load<u32>(field, 20)
}

export function valueAt(field: usize): usize {
  return load<u32>(field, 24)
}

export function valueLength(field: usize): u32 {
  return load<u32>(field, 28) - load<u32>(field, 24)
}

/**
 * Finds the values of the fields whose bits are set in `wanted`. False where only JavaScript can say: a key with escapes,
 * or edits that make another thing of such a member.
 */
export function findFields(list: usize, wanted: u32, record: usize, event: usize): bool {
  const count = fieldCount(list)
  let missing: u32 = 0
  for (let index: u32 = 0; index < count; index++) {
    const field = fieldAt(list, index)
    setValue(field, formMissing, 0, 0)
    if ((wanted >> index) & 1 && !findOwn(field, record, event)) missing |= 1 << index
  }
  return missing == 0 || findInMembers(list, missing, record, event)
}

export function setValue(field: usize, form: u32, at: usize, end: usize): void {
  store<u32>(field, form, 20)
  store<u32>(field, <u32>at, 24)
  store<u32>(field, <u32>end, 28)
}

/** What the agent found itself comes before a member of that name. */
function findOwn(field: usize, record: usize, event: usize): bool {
  const kind = load<u32>(field)
  if (kind == kindLevel) {
    const severity = severityOf(event)
    if (severity == 0 || severity > 6) return false
    const name = severities + <usize>((severity - 1) * 5)
    setValue(field, formText, name, name + (severity == 3 || severity == 4 ? 4 : 5))
    return true
  }
  const length = kind == kindTrace ? traceLength(event) : kind == kindSpan ? spanLength(event) : 0
  if (length == 0) return false
  const at = kind == kindTrace ? traceAt(record, event) : spanAt(record, event)
  setValue(field, formText, at, at + length)
  return true
}

/** The parsers' members come first in a document, so of equal names the line's own counts. */
function findInMembers(list: usize, missing: u32, record: usize, event: usize): bool {
  const ownMembers = membersLength(event)
  if (ownMembers != 0) {
    const at = membersAt(record, event)
    if (!findMembers(list, missing, at, at + ownMembers)) return false
  }
  if (bodyOf(event) != bodyJson) return true
  const line = lineAt(record, event)
  const end = line + lineLength(event)
  let at = line
  while (at < end && load<u8>(at) <= 0x20) at += 1
  if (at == end || load<u8>(at) != 0x7b) return true
  if (editsLength(event) == 0) return findMembers(list, missing, at + 1, end)
  const edits = end + ownMembers
  const editsEnd = edits + editsLength(event)
  if (mayBringIn(list, missing, edits, editsEnd)) return false
  return findEditedMembers(list, missing, at + 1, end, line, edits, editsEnd)
}
