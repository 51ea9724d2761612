import { lineContent } from './current-line'
import { setTrace } from './event-entry'
import { isPlainHexId } from './hex-id'

/** Ids of the line at hand that have a member each, where they stand in it; 0 for none. */
let traceAt: usize = 0
let traceEnd: usize = 0
let spanAt: usize = 0
/** Which kinds were met, empty ones too: of a key that comes twice the last one counts, which is the general lane's to see. */
let hasTrace: bool = false
let hasSpan: bool = false
/** The same of the pair in a traceparent. */
let pairTraceAt: usize = 0
let pairSpanAt: usize = 0

/** `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`. */
const parentBytes: usize = 55
const parentTrace: usize = 3
const parentSpan: usize = 36
const traceBytes: usize = 32
const spanBytes: usize = 16

/** A line begins. */
export function forgetIds(): void {
  traceAt = traceEnd = spanAt = pairTraceAt = pairSpanAt = 0
  hasTrace = hasSpan = false
}

/** The first digit of the trace id, 0 where the line has none. */
export function foundTraceAt(): usize {
  return traceAt != 0 ? traceAt : pairTraceAt
}

/** Of the span's id: ids of a pair stay together, and a trace id without a span of its own may have the other's. */
export function foundSpanAt(): usize {
  if (traceAt == 0 && pairTraceAt != 0) return pairSpanAt
  return spanAt != 0 ? spanAt : pairSpanAt
}

export function hasParent(): bool {
  return pairTraceAt != 0
}

/** An id in the very letters in which it is kept, or an empty one, which is none. False for all others, and for a second one. */
export function noteId(isTrace: bool, at: usize, end: usize): bool {
  if (isTrace ? hasTrace : hasSpan) return false
  if (isTrace) hasTrace = true
  else hasSpan = true
  if (at == end) return true
  if (!isPlainHexId(at, end)) return false
  if (isTrace) {
    traceAt = at
    traceEnd = end
  } else if (end - at == spanBytes) {
    // A longer one is no span's: the general lane finds none in it either.
    spanAt = at
  }
  return true
}

/** A traceparent of the one version that there is, in small letters. False for all others, and for a second one. */
export function noteParent(at: usize, end: usize): bool {
  if (pairTraceAt != 0 || end - at != parentBytes) return false
  // "00-", and a dash behind each id.
  if ((load<u32>(at) & 0xffffff) != 0x2d3030 || load<u8>(at, 35) != 0x2d || load<u8>(at, 52) != 0x2d)
    return false
  if (!isPlainHexId(at + parentTrace, at + parentTrace + traceBytes)) return false
  if (!isPlainHexId(at + parentSpan, at + parentSpan + spanBytes)) return false
  if (!isHexDigit(at + 53) || !isHexDigit(at + 54)) return false
  pairTraceAt = at + parentTrace
  pairSpanAt = at + parentSpan
  return true
}

function isHexDigit(at: usize): bool {
  const byte: u32 = load<u8>(at)
  return byte - 0x30 <= 9 || byte - 0x61 <= 5
}

/** Writes where they stand into the event's entry. */
export function setFoundIds(entry: usize): void {
  const length = traceAt != 0 ? traceEnd - traceAt : pairTraceAt != 0 ? traceBytes : 0
  const span = foundSpanAt()
  setTrace(entry, placeInLine(foundTraceAt()), <u8>length, placeInLine(span), span != 0)
}

function placeInLine(at: usize): u32 {
  return at == 0 ? 0 : <u32>(at - lineContent())
}
