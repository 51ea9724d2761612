import {
  eventAt,
  eventBody,
  eventBump,
  eventBytes,
  eventEditsLength,
  eventFlags,
  eventFrom,
  eventLineLength,
  eventMembersLength,
  eventNanos,
  eventPrecision,
  eventRoutes,
  eventSeconds,
  eventSeverity,
  eventSpanAt,
  eventSpanLength,
  eventSuppressed,
  eventTo,
  eventTraceAt,
  eventTraceLength,
} from './event-layout'
import {
  stateEntryAt,
  stateEntriesEnd,
  stateFileBase,
  stateHeap,
  stateHeapAt,
  stateHeapEnd,
  stateHighNanos,
  stateHighSeconds,
  stateLowNanos,
  stateLowSeconds,
  stateNowNanos,
  stateNowSeconds,
  stateRoutes,
} from './lane-state'
import { nextBump, nextBumpOfReading } from './bump'
import { copyBytes } from './copy-bytes'
import { lineAt, lineContent, lineContentEnd, nextLineAt } from './current-line'
import { readNanos, readPrecision, readSeconds } from './read-time'

/** Of `EventFlag`. */
const timeOfReading: u16 = 16
/** Milliseconds. */
const readingPrecision: u8 = 3
/** A span's id is 64 bits in hex. */
const spanIdLength: u8 = 16

/** Whether there is room for one more event of so many bytes, line and members together. */
export function hasRoom(state: usize, bytes: usize): bool {
  const hasEntry = load<u32>(state, stateEntryAt) + <u32>eventBytes <= load<u32>(state, stateEntriesEnd)
  return hasEntry && <usize>load<u32>(state, stateHeapAt) + bytes <= <usize>load<u32>(state, stateHeapEnd)
}

/** Begins the event of the line at hand, whose bytes are copied. Returns its entry, to be filled by the others. There must be room. */
export function beginEntry(state: usize): usize {
  const entry: usize = load<u32>(state, stateEntryAt)
  const heapAt: usize = load<u32>(state, stateHeapAt)
  const base = load<u64>(state, stateFileBase)
  const length = lineContentEnd() - lineContent()
  clearEntry(entry)
  store<u32>(entry, <u32>heapAt - load<u32>(state, stateHeap), eventAt)
  store<u32>(entry, <u32>length, eventLineLength)
  store<u64>(entry, base + <u64>lineAt(), eventFrom)
  store<u64>(entry, base + <u64>nextLineAt(), eventTo)
  store<u32>(entry, load<u32>(state, stateRoutes), eventRoutes)
  copyBytes(lineContent(), length, heapAt)
  store<u32>(state, <u32>(entry + eventBytes), stateEntryAt)
  store<u32>(state, <u32>(heapAt + length), stateHeapAt)
  return entry
}

/** Five stores cost less than the call that fills so little. */
function clearEntry(entry: usize): void {
  const zeros = i64x2.splat(0)
  v128.store(entry, zeros)
  v128.store(entry, zeros, 16)
  v128.store(entry, zeros, 32)
  v128.store(entry, zeros, 48)
  store<u64>(entry, 0, 64)
}

/** `body` as `core/event.ts` numbers it, `suppressed` its bits. */
export function setBody(entry: usize, body: u32, severity: u8, suppressed: u32): void {
  store<u8>(entry, body, eventBody)
  store<u8>(entry, severity, eventSeverity)
  store<u32>(entry, suppressed, eventSuppressed)
}

/** The event's own time: the instant that was read last. */
export function setOwnTime(state: usize, entry: usize): void {
  const bump = nextBump(state, readSeconds(), readNanos())
  setTime(state, entry, readSeconds(), readNanos())
  store<u64>(entry, bump, eventBump)
  store<u8>(entry, <u8>readPrecision(), eventPrecision)
}

export function setTimeOfReading(state: usize, entry: usize): void {
  const seconds = load<u32>(state, stateNowSeconds)
  const nanos = load<u32>(state, stateNowNanos)
  const bump = nextBumpOfReading(state, seconds, nanos)
  setTime(state, entry, seconds, nanos)
  store<u64>(entry, bump, eventBump)
  store<u8>(entry, readingPrecision, eventPrecision)
  store<u16>(entry, timeOfReading, eventFlags)
}

/** Ids that stand in the line so many bytes behind its beginning; a length of 0 is none. */
export function setTrace(entry: usize, traceAt: u32, traceLength: u8, spanAt: u32, hasSpan: bool): void {
  const lineAt = load<u32>(entry, eventAt)
  store<u32>(entry, lineAt + traceAt, eventTraceAt)
  store<u8>(entry, traceLength, eventTraceLength)
  store<u32>(entry, lineAt + spanAt, eventSpanAt)
  store<u8>(entry, hasSpan ? spanIdLength : 0, eventSpanLength)
}

/** Members behind the line: the text of so many bytes at `at`. Only right behind `beginEntry`. */
export function addMembers(state: usize, entry: usize, at: usize, length: usize): void {
  endMembers(state, entry, copyBytes(at, length, load<u32>(state, stateHeapAt)))
}

/** The members were written behind the line, up to `end`. */
export function endMembers(state: usize, entry: usize, end: usize): void {
  store<u32>(entry, <u32>end - load<u32>(state, stateHeapAt), eventMembersLength)
  store<u32>(state, <u32>end, stateHeapAt)
}

/** Edits of the line were written behind its members, up to `end`. */
export function endEdits(state: usize, entry: usize, end: usize): void {
  store<u32>(entry, <u32>end - load<u32>(state, stateHeapAt), eventEditsLength)
  store<u32>(state, <u32>end, stateHeapAt)
}

/**
 * Moves the places of the entries in `[at, end)` by so many bytes: they count from the beginning of the heap until the
 * record is made, and from its beginning then.
 */
export function rebaseEntries(at: usize, end: usize, by: u32): void {
  for (; at < end; at += eventBytes) {
    store<u32>(at, load<u32>(at, eventAt) + by, eventAt)
    store<u32>(at, load<u32>(at, eventTraceAt) + by, eventTraceAt)
    store<u32>(at, load<u32>(at, eventSpanAt) + by, eventSpanAt)
  }
}

function setTime(state: usize, entry: usize, seconds: u32, nanos: u32): void {
  store<u32>(entry, seconds, eventSeconds)
  store<u32>(entry, nanos, eventNanos)
  const time = instant(seconds, nanos)
  const low = instant(load<u32>(state, stateLowSeconds), load<u32>(state, stateLowNanos))
  const high = instant(load<u32>(state, stateHighSeconds), load<u32>(state, stateHighNanos))
  if (time < low) {
    store<u32>(state, seconds, stateLowSeconds)
    store<u32>(state, nanos, stateLowNanos)
  }
  if (time > high) {
    store<u32>(state, seconds, stateHighSeconds)
    store<u32>(state, nanos, stateHighNanos)
  }
}

/** To be compared only. */
function instant(seconds: u32, nanos: u32): u64 {
  return ((<u64>seconds) << 32) | <u64>nanos
}
