/** Where an event's parts stand in a record of the buffer: src/buffer/format/record-layout.ts, docs/buffer-format.md. */

/** `recordMagic`: no line of a log has these bytes. */
const recordMagic: u32 = 0xfe52_4cf5
const recordFixedBytes: usize = 144
const recordEventsAt: usize = 116
const eventBytes: u64 = 72

export const bodyJson: u32 = 0

/**
 * The event `index` of the record that lies in `[record, recordEnd)`: its address, or 0 if that is no record, or the event,
 * its line, members, edits or ids are not inside. Once it was given, the functions below need not look again.
 */
export function eventOf(record: usize, recordEnd: usize, index: u32): usize {
  const length = <u64>(recordEnd - record)
  if (length < recordFixedBytes || load<u32>(record) != recordMagic) return 0
  const place = <u64>load<u32>(record, recordEventsAt) + <u64>index * eventBytes
  if (place + eventBytes > length) return 0
  const event = record + <usize>place
  const ownBytes = <u64>load<u32>(event, 4) + <u64>membersLength(event) + <u64>editsLength(event)
  if (<u64>load<u32>(event) + ownBytes > length) return 0
  if (<u64>load<u32>(event, 64) + <u64>traceLength(event) > length) return 0
  if (<u64>load<u32>(event, 68) + <u64>spanLength(event) > length) return 0
  return event
}

export function lineAt(record: usize, event: usize): usize {
  return record + <usize>load<u32>(event)
}

export function lineLength(event: usize): u32 {
  return load<u32>(event, 4)
}

export function secondsOf(event: usize): u32 {
  return load<u32>(event, 8)
}

export function nanosOf(event: usize): u32 {
  return load<u32>(event, 12)
}

export function bumpOf(event: usize): u64 {
  return load<u64>(event, 32)
}

/** Members stand right behind the line. */
export function membersAt(record: usize, event: usize): usize {
  return lineAt(record, event) + lineLength(event)
}

export function membersLength(event: usize): u32 {
  return load<u32>(event, 40)
}

export function editsLength(event: usize): u32 {
  return load<u32>(event, 44)
}

export function severityOf(event: usize): u32 {
  return load<u8>(event, 59)
}

export function bodyOf(event: usize): u32 {
  return load<u8>(event, 60)
}

export function traceLength(event: usize): u32 {
  return load<u8>(event, 61)
}

export function spanLength(event: usize): u32 {
  return load<u8>(event, 62)
}

export function traceAt(record: usize, event: usize): usize {
  return record + <usize>load<u32>(event, 64)
}

export function spanAt(record: usize, event: usize): usize {
  return record + <usize>load<u32>(event, 68)
}
