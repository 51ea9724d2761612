import {
  eventAt,
  eventLineLength,
  eventFrom,
  eventTo,
  eventMembersLength,
  eventEditsLength,
  eventPrecision,
  eventTraceLength,
  eventSpanLength,
  eventTraceAt,
  eventSpanAt,
} from '../event-layout'

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
