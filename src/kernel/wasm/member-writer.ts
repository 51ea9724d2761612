import { copyBytes } from './copy-bytes'
import { lineStream } from './current-line'
import { writeJsonString } from './document/json-string'
import { beginEntry, endMembers } from './event-entry'
import { stateHeapAt, stateMembers } from './lane-state'
import { memberBytes, memberHeadBytes, memberMeaning, memberName, memberNameLength } from './member-table'
import { streamMember, streamMemberBytes } from './text-event'

/** Where the next byte of the members goes. */
let out: usize = 0
let first: usize = 0
let entry: usize = 0

/** Begins the event of the line at hand, whose members follow one by one. There must be room. Returns its entry. */
export function beginMembers(state: usize): usize {
  entry = beginEntry(state)
  first = out = load<u32>(state, stateHeapAt)
  if (lineStream() != 0) {
    out = copyBytes(streamMember(), streamMemberBytes, out)
  }
  return entry
}

/** The member of that place in the table, with the text `[at, end)`. */
export function textMember(state: usize, index: u32, at: usize, end: usize): void {
  writeName(state, index)
  out = writeJsonString(at, end - at, out)
}

/** The same with the digits of a number. */
export function numberMember(state: usize, index: u32, at: usize, end: usize): void {
  writeName(state, index)
  out = copyBytes(at, end - at, out)
}

/** The same with digits as a preset finds them: JSON has no zeros in front (`parsers/added-members.ts`). */
export function digitsMember(state: usize, index: u32, at: usize, end: usize): void {
  while (at < end - 1 && load<u8>(at) == 0x30) at++
  numberMember(state, index, at, end)
}

/** The same with nanoseconds of the seconds `12.345` (`parsers/access-log-extras.ts`). */
export function durationMember(state: usize, index: u32, at: usize, end: usize): void {
  writeName(state, index)
  const start = out
  for (; at < end; at++) {
    const byte: u32 = load<u8>(at)
    // No point, and no zeros in front.
    if (byte != 0x2e && (byte != 0x30 || out != start)) store<u8>(out++, byte)
  }
  const zeros: usize = out == start ? 1 : 6
  store<u64>(out, 0x3030_3030_3030_3030)
  out += zeros
}

/** One that the table has with its value. */
export function constantMember(state: usize, index: u32): void {
  writeName(state, index)
}

/** Of a level that the table has with its value. */
export function memberSeverity(state: usize, index: u32): u8 {
  return <u8>load<u32>(memberAt(state, index), memberMeaning)
}

/** One whose name is in the line, with its text; `isQuoted` and `isSpelled` for what is JSON already. */
// oxlint-disable-next-line max-params -- where a member stands
export function spelledMember(
  nameAt: usize,
  nameEnd: usize,
  isQuoted: bool,
  at: usize,
  end: usize,
  isSpelled: bool,
): void {
  writeOwnName(nameAt, nameEnd, isQuoted)
  if (!isSpelled) {
    out = writeJsonString(at, end - at, out)
    return
  }
  // With the quotes around it.
  out = copyBytes(at - 1, end - at + 2, out)
}

/** The same without a value. */
export function trueMember(nameAt: usize, nameEnd: usize, isQuoted: bool): void {
  writeOwnName(nameAt, nameEnd, isQuoted)
  store<u32>(out, 0x65757274)
  out += 4
}

function writeOwnName(at: usize, end: usize, isQuoted: bool): void {
  if (out != first) store<u8>(out++, 0x2c)
  out = isQuoted ? copyBytes(at, end - at, out) : writeJsonString(at, end - at, out)
  store<u8>(out++, 0x3a)
}

export function finishMembers(state: usize): void {
  endMembers(state, entry, out)
}

function writeName(state: usize, index: u32): void {
  if (out != first) store<u8>(out++, 0x2c)
  const member = memberAt(state, index)
  const length: usize = load<u32>(member, memberNameLength)
  out = copyBytes(load<u32>(member, memberName), length, out)
}

function memberAt(state: usize, index: u32): usize {
  return <usize>load<u32>(state, stateMembers) + memberHeadBytes + <usize>index * memberBytes
}
