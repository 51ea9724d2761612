import { copyBytes } from '../copy-bytes'
import { fieldAt, formMissing, formOf, valueAt, valueLength } from './fields'
import { areSame } from './same-bytes'

/**
 * Which stream an event belongs to, from the values of the fields that labels are made of. Values that were seen before
 * have the number of their stream; for new ones TypeScript makes the labels, and says the number. So labels from members
 * cost no string.
 *
 * There is one table, the kernel's.
 */

/** The values of one event: u32 the kind of record, then for each field u8 form, u16 length, bytes. */
const values: usize = memory.data(1024 + 64, 16)
const mostValues: usize = 1024
let valuesLength: u32 = 0
let valuesHash: u32 = 0

/** 16 bytes each: u32 hash, number of the stream, address and length of its values. Several values may have one number. */
const slots: usize = memory.data(131072, 16)
const slotsBytes: usize = 131072
const slotMask: u32 = 8191
export const noStream: u32 = 0xffff_ffff

/** Half of the slots, so that searches stay short. `label_limits` allows 5,000 streams, and most have a few hundred. */
const mostStreams: u32 = 4096

const kept: usize = memory.data(524288 + 64, 16)
const keptBytes: usize = 524288
let keptLength: usize = 0
let keptCount: u32 = 0

/**
 * The number of the stream for the values of the first `count` fields of the list, 0 if it is not known (`learnStream` may be
 * called then), or `noStream` if it never will be. `recordKind` stands for all that labels take from the record.
 */
export function streamOf(list: usize, count: u32, recordKind: u32): u32 {
  valuesLength = 0
  if (!gather(list, count, recordKind)) return noStream
  valuesHash = hashOf(values, valuesLength)
  return load<u32>(findSlot(), 4)
}

/**
 * Gives the values that `streamOf` did not know a number, 1 or more; 0 where they can't be remembered. With no more room all
 * that was known is forgotten.
 */
export function learnStream(number: u32): u32 {
  if (valuesLength == 0) return 0
  if (keptCount == mostStreams || keptLength + valuesLength > keptBytes) forgetKept()
  const slot = findSlot()
  if (load<u32>(slot, 4) != 0) return 0
  keptCount++
  store<u32>(slot, valuesHash)
  store<u32>(slot, number, 4)
  store<u32>(slot, <u32>(kept + keptLength), 8)
  store<u32>(slot, valuesLength, 12)
  copyBytes(values, valuesLength, kept + keptLength)
  keptLength += valuesLength
  return number
}

/** Also the values of the event that was asked about last: they may come to another stream now. */
export function forgetStreams(): void {
  forgetKept()
  valuesLength = 0
}

function forgetKept(): void {
  memory.fill(slots, 0, slotsBytes)
  keptLength = 0
  keptCount = 0
}

/** False if they are too long to be those of a label that is of any use. */
function gather(list: usize, count: u32, recordKind: u32): bool {
  store<u32>(values, recordKind)
  let out = values + 4
  for (let index: u32 = 0; index < count; index++) {
    const field = fieldAt(list, index)
    const form = formOf(field)
    const length = form == formMissing ? 0 : valueLength(field)
    if (<u64>(out - values) + 3 + <u64>length > <u64>mostValues) return false
    store<u8>(out, <u8>form)
    store<u16>(out, <u16>length, 1)
    out = copyBytes(valueAt(field), length, out + 3)
  }
  valuesLength = <u32>(out - values)
  // The hash reads whole words.
  store<u64>(out, 0)
  return true
}

/** Where the values are, or the free slot where they would be. */
function findSlot(): usize {
  let index = valuesHash & slotMask
  while (true) {
    const slot = slots + ((<usize>index) << 4)
    if (load<u32>(slot, 4) == 0 || isHere(slot)) return slot
    index = (index + 1) & slotMask
  }
}

function isHere(slot: usize): bool {
  if (load<u32>(slot) != valuesHash || load<u32>(slot, 12) != valuesLength) return false
  return areSame(<usize>load<u32>(slot, 8), values, valuesLength)
}

/** Few and friendly keys: one multiplication for eight bytes is enough. */
function hashOf(at: usize, length: u32): u32 {
  let hash: u64 = length
  for (let offset: usize = 0; offset < length; offset += 8) {
    hash = (hash ^ load<u64>(at + offset)) * 0x9e3779b185ebca87
    hash ^= hash >> 32
  }
  return <u32>hash
}
