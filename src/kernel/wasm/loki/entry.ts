import { copyBytes } from '../copy-bytes'
import { bumpOf, eventOf, lineAt, lineLength, nanosOf, secondsOf } from '../stored-event'
import { varintLength, writeVarint } from '../varint'
import {
  fieldAt,
  fieldCount,
  findFields,
  formEscaped,
  formJson,
  formMissing,
  formOf,
  formText,
  keyAt,
  keyLength,
  setValue,
  valueAt,
  valueLength,
} from './fields'

/** Loki 3.7.8 refuses longer lines: what is cut, JavaScript cuts. */
const mostLine: u32 = 262144
/** Of a timestamp and the heads around it. */
const entryOverhead: u64 = 64

const nanosPerSecond: u64 = 1_000_000_000
/** Bumps beyond (13 days of equal times) are left to JavaScript. */
const mostBump: u64 = 1 << 50

/** What the entries of a record have in common. */
let record: usize = 0
let recordEnd: usize = 0
/** Metadata as fields 3 of an entry. */
let shared: usize = 0
let sharedLength: u32 = 0
let fields: usize = 0
let wanted: u32 = 0
let room: u32 = 0

/**
 * The entries from now on are those of the record in `[from, end)`, have the metadata in `[sharedFrom, sharedEnd)`, and the
 * values of the fields of `list` whose bits are set. These may take `mostBytes`, names and values together.
 */
export function lokiRecord(
  from: usize,
  end: usize,
  sharedFrom: usize,
  sharedEnd: usize,
  list: usize,
  wantedFields: u32,
  mostBytes: u32,
): void {
  record = from
  recordEnd = end
  shared = sharedFrom
  sharedLength = <u32>(sharedEnd - sharedFrom)
  fields = list
  wanted = wantedFields
  room = mostBytes
}

/**
 * Writes the event `index` as field 2 of a StreamAdapter, in the bytes of src/sinks/loki/push/push-protobuf.ts, and returns
 * the end. 0 with nothing written where JavaScript has to make it: what has to be cut or unescaped, what lies outside of
 * its record, and where `outEnd` is too near.
 */
export function lokiEntry(index: u32, out: usize, outEnd: usize): usize {
  const event = eventOf(record, recordEnd, index)
  if (event == 0 || lineLength(event) > mostLine || bumpOf(event) > mostBump) return 0
  const nanos = <u64>nanosOf(event) + bumpOf(event)
  const seconds = <u64>secondsOf(event) + nanos / nanosPerSecond
  if (seconds > 0xffff_ffff) return 0
  if (wanted != 0 && !findFields(fields, wanted, record, event)) return 0
  const own = ownLength()
  if (own < 0) return 0
  const line = lineLength(event)
  if (<u64>out + <u64>line + <u64>sharedLength + <u64>own + entryOverhead > <u64>outEnd) return 0
  const time = <u32>(nanos % nanosPerSecond)
  const timeLength = 2 + varintLength(<u32>seconds) + varintLength(time)
  store<u8>(out, 0x12)
  out = writeVarint(out + 1, 2 + timeLength + 1 + varintLength(line) + line + sharedLength + <u32>own)
  store<u16>(out, <u16>(0x0a | (timeLength << 8)))
  store<u8>(out, 0x08, 2)
  out = writeVarint(out + 3, <u32>seconds)
  store<u8>(out, 0x10)
  out = writeVarint(out + 1, time)
  store<u8>(out, 0x12)
  out = copyBytes(lineAt(record, event), line, writeVarint(out + 1, line))
  out = copyBytes(shared, sharedLength, out)
  return own == 0 ? out : writeOwn(out)
}

/**
 * What the values take as fields 3, or -1 where one has to be unescaped, or the server's limits may be passed: that is asked
 * as src/sinks/loki/push/metadata.ts does, with three bytes for each character.
 */
function ownLength(): i32 {
  let length: u32 = 0
  let counted: u64 = 0
  const count: u32 = wanted == 0 ? 0 : fieldCount(fields)
  for (let index: u32 = 0; index < count; index++) {
    const field = fieldAt(fields, index)
    if (!isReady(field)) return -1
    if (formOf(field) == formMissing) continue
    counted += <u64>keyLength(field) + 3 * <u64>valueLength(field)
    if (counted > <u64>room) return -1
    const pair = pairLength(field)
    length += 1 + varintLength(pair) + pair
  }
  return <i32>length
}

/** Whether the value's bytes are its text. What has no text (null, the empty string) becomes missing. */
function isReady(field: usize): bool {
  const form = formOf(field)
  if (form == formEscaped) return false
  const at = valueAt(field)
  const length = valueLength(field)
  if (form == formText && length == 0) setValue(field, formMissing, 0, 0)
  if (form != formJson) return true
  if (length == 4 && load<u32>(at) == 0x6c6c_756e) setValue(field, formMissing, 0, 0)
  // Documents have a space for a newline between members.
  for (let offset: u32 = 0; offset < length; offset++) if (load<u8>(at + offset) == 0x0a) return false
  return true
}

function writeOwn(out: usize): usize {
  const count = fieldCount(fields)
  for (let index: u32 = 0; index < count; index++) {
    const field = fieldAt(fields, index)
    if (formOf(field) == formMissing) continue
    store<u8>(out, 0x1a)
    out = writeVarint(out + 1, pairLength(field))
    out = writeText(out, 0x0a, keyAt(field), keyLength(field))
    out = writeText(out, 0x12, valueAt(field), valueLength(field))
  }
  return out
}

function writeText(out: usize, tag: u8, at: usize, length: u32): usize {
  store<u8>(out, tag)
  return copyBytes(at, length, writeVarint(out + 1, length))
}

/** Of a LabelPair: both texts with their tags and lengths. */
function pairLength(field: usize): u32 {
  const key = keyLength(field)
  const value = valueLength(field)
  return 2 + varintLength(key) + key + varintLength(value) + value
}
