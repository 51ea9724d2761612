/**
 * An event of the buffer as it lies in its record: `src/buffer/format/record-layout.ts` says what the fields are. An
 * event is the address of its 72 bytes in the record's table, which point to its text.
 */
export const recordCount: usize = 80
export const recordEventsAt: usize = 116

export const eventBytes: usize = 72
export const eventAt: usize = 0
export const eventLineLength: usize = 4
export const eventSeconds: usize = 8
export const eventNanos: usize = 12
export const eventFrom: usize = 16
export const eventTo: usize = 24
export const eventMembersLength: usize = 40
export const eventEditsLength: usize = 44
export const eventSuppressed: usize = 48
export const eventFlags: usize = 56
export const eventPrecision: usize = 58
export const eventSeverity: usize = 59
export const eventBody: usize = 60
export const eventTraceLength: usize = 61
export const eventSpanLength: usize = 62
export const eventTraceAt: usize = 64
export const eventSpanAt: usize = 68

/** `core/event.ts`: Body. */
export const bodyJson: u32 = 0
export const bodyMembers: u32 = 2

/** Offsets above this are not exact in JavaScript, so its digits would be others. */
const mostExact: u64 = 1 << 53

/**
 * True where all that the event points to lies within its record of `recordBytes`, and its numbers are of the kind that
 * the agent writes. A record passed its checksum, but that says nothing about who wrote it.
 */
export function isSound(event: usize, recordBytes: u32): bool {
  const from = load<u64>(event, eventFrom)
  const to = load<u64>(event, eventTo)
  return (
    textEnd(event) <= <u64>recordBytes &&
    <u64>load<u32>(event, eventTraceAt) + <u64>load<u8>(event, eventTraceLength) <= <u64>recordBytes &&
    <u64>load<u32>(event, eventSpanAt) + <u64>load<u8>(event, eventSpanLength) <= <u64>recordBytes &&
    from <= to &&
    to < mostExact &&
    load<u8>(event, eventPrecision) <= 9
  )
}

/** Where line, members and edits, which stand behind each other, end in the record. */
function textEnd(event: usize): u64 {
  return (
    <u64>load<u32>(event, eventAt) +
    <u64>load<u32>(event, eventLineLength) +
    <u64>load<u32>(event, eventMembersLength) +
    <u64>load<u32>(event, eventEditsLength)
  )
}
