import { copyBytes } from '../copy-bytes'
import { lineAt, lineLength } from '../stored-event'
import { varintLength, writeVarint } from '../varint'
import {
  fieldAt,
  fieldCount,
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

/** Loki 3.7.8 refuses longer lines: what is cut, TypeScript cuts. */
export const mostLine: u32 = 262144

/**
 * An entry is a field 2 of a StreamAdapter, in the bytes of src/sinks/loki/push/push-protobuf.ts. It is measured first, while
 * the values of its fields are at hand, and written once it is known where its stream's entries stand; in between its
 * metadata is kept as address and length of each value (u32, in the order of the fields; a length of 0 is none).
 */
export const keptValueBytes: usize = 8

/**
 * Keeps the values of the fields from `first` on at `kept`, and returns what they take as fields 3: -1 where only TypeScript
 * can make them. They may take `mostBytes`, names and values together.
 */
export function keepMetadata(list: usize, first: u32, mostBytes: u32, kept: usize): i32 {
  let length: u32 = 0
  let counted: u64 = 0
  const count = fieldCount(list)
  for (let index = first; index < count; index++, kept += keptValueBytes) {
    const field = fieldAt(list, index)
    if (!isReady(field)) return -1
    const bytes = formOf(field) == formMissing ? 0 : valueLength(field)
    store<u32>(kept, <u32>valueAt(field))
    store<u32>(kept, bytes, 4)
    if (bytes == 0) continue
    // The server's limits are asked for as src/sinks/loki/push/metadata.ts does, with three bytes for each character.
    counted += <u64>keyLength(field) + 3 * <u64>bytes
    if (counted > <u64>mostBytes) return -1
    const pair = pairLength(keyLength(field), bytes)
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

/** Bytes of a whole entry with a line and metadata of so many bytes. */
export function entryLength(line: u32, metadata: u32, seconds: u32, nanos: u32): u32 {
  const body = bodyLength(line, metadata, seconds, nanos)
  return 1 + varintLength(body) + body
}

function bodyLength(line: u32, metadata: u32, seconds: u32, nanos: u32): u32 {
  return 2 + timeLength(seconds, nanos) + 1 + varintLength(line) + line + metadata
}

function timeLength(seconds: u32, nanos: u32): u32 {
  return 2 + varintLength(seconds) + varintLength(nanos)
}

/** Writes the event's head, time and line; `metadata` is what will be written behind it. Returns the end. */
export function writeLine(
  record: usize,
  event: usize,
  metadata: u32,
  seconds: u32,
  nanos: u32,
  out: usize,
): usize {
  const line = lineLength(event)
  store<u8>(out, 0x12)
  out = writeVarint(out + 1, bodyLength(line, metadata, seconds, nanos))
  store<u16>(out, <u16>(0x0a | (timeLength(seconds, nanos) << 8)))
  store<u8>(out, 0x08, 2)
  out = writeVarint(out + 3, seconds)
  store<u8>(out, 0x10)
  out = writeVarint(out + 1, nanos)
  store<u8>(out, 0x12)
  return copyBytes(lineAt(record, event), line, writeVarint(out + 1, line))
}

/** Writes what `keepMetadata` kept. */
export function writeMetadata(list: usize, first: u32, kept: usize, out: usize): usize {
  const count = fieldCount(list)
  for (let index = first; index < count; index++, kept += keptValueBytes) {
    const length = load<u32>(kept, 4)
    if (length == 0) continue
    const field = fieldAt(list, index)
    store<u8>(out, 0x1a)
    out = writeVarint(out + 1, pairLength(keyLength(field), length))
    out = writeText(out, 0x0a, keyAt(field), keyLength(field))
    out = writeText(out, 0x12, load<u32>(kept), length)
  }
  return out
}

function writeText(out: usize, tag: u8, at: usize, length: u32): usize {
  store<u8>(out, tag)
  return copyBytes(at, length, writeVarint(out + 1, length))
}

/** Of a LabelPair: both texts with their tags and lengths. */
function pairLength(key: u32, value: u32): u32 {
  return 2 + varintLength(key) + key + varintLength(value) + value
}
