import {
  eventBody,
  eventBump,
  eventBytes,
  eventEditsLength,
  eventLineLength,
  eventMembersLength,
  eventNanos,
  eventSeconds,
  eventSeverity,
  eventSpanAt,
  eventSpanLength,
  eventTraceAt,
  eventTraceLength,
  recordEventsAt,
  recordFixedBytes,
  recordMagic,
} from './event-layout'

/**
 * The event `index` of the record that lies in `[record, recordEnd)`: its address, or 0 if that is no record, or the event,
 * its line, members, edits or ids are not inside. Once it was given, the functions below need not look again.
 */
export function eventOf(record: usize, recordEnd: usize, index: u32): usize {
  const length = <u64>(recordEnd - record)
  if (length < <u64>recordFixedBytes || load<u32>(record) != recordMagic) return 0
  const place = <u64>load<u32>(record, recordEventsAt) + <u64>index * <u64>eventBytes
  if (place + <u64>eventBytes > length) return 0
  const event = record + <usize>place
  const ownBytes =
    <u64>load<u32>(event, eventLineLength) + <u64>membersLength(event) + <u64>editsLength(event)
  if (<u64>load<u32>(event) + ownBytes > length) return 0
  if (<u64>load<u32>(event, eventTraceAt) + <u64>traceLength(event) > length) return 0
  if (<u64>load<u32>(event, eventSpanAt) + <u64>spanLength(event) > length) return 0
  return event
}

export function lineAt(record: usize, event: usize): usize {
  return record + <usize>load<u32>(event)
}

export function lineLength(event: usize): u32 {
  return load<u32>(event, eventLineLength)
}

export function secondsOf(event: usize): u32 {
  return load<u32>(event, eventSeconds)
}

export function nanosOf(event: usize): u32 {
  return load<u32>(event, eventNanos)
}

export function bumpOf(event: usize): u64 {
  return load<u64>(event, eventBump)
}

/** Members stand right behind the line. */
export function membersAt(record: usize, event: usize): usize {
  return lineAt(record, event) + lineLength(event)
}

export function membersLength(event: usize): u32 {
  return load<u32>(event, eventMembersLength)
}

export function editsLength(event: usize): u32 {
  return load<u32>(event, eventEditsLength)
}

export function severityOf(event: usize): u32 {
  return load<u8>(event, eventSeverity)
}

export function bodyOf(event: usize): u32 {
  return load<u8>(event, eventBody)
}

export function traceLength(event: usize): u32 {
  return load<u8>(event, eventTraceLength)
}

export function spanLength(event: usize): u32 {
  return load<u8>(event, eventSpanLength)
}

export function traceAt(record: usize, event: usize): usize {
  return record + <usize>load<u32>(event, eventTraceAt)
}

export function spanAt(record: usize, event: usize): usize {
  return record + <usize>load<u32>(event, eventSpanAt)
}
