import { lineContent } from './current-line'
import { setTrace } from './event-entry'
import { isPlainHexId } from './hex-id'

/** Ids of the line at hand, where they stand in it; 0 for none. */
let traceAt: usize = 0
let traceEnd: usize = 0
let spanAt: usize = 0
/** Which kinds were met, empty ones too: of a key that comes twice the last one counts, which is the general lane's to see. */
let hasTrace: bool = false
let hasSpan: bool = false

/** A line begins. */
export function forgetIds(): void {
  traceAt = traceEnd = spanAt = 0
  hasTrace = hasSpan = false
}

/** The first digit of the trace id, 0 where the line has none. */
export function foundTraceAt(): usize {
  return traceAt
}

/** Of the span's id. */
export function foundSpanAt(): usize {
  return spanAt
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
  } else if (end - at == 16) {
    // A longer one is no span's: the general lane finds none in it either.
    spanAt = at
  }
  return true
}

/** Writes where they stand into the event's entry. */
export function setFoundIds(entry: usize): void {
  setTrace(entry, placeInLine(traceAt), <u8>(traceEnd - traceAt), placeInLine(spanAt), spanAt != 0)
}

function placeInLine(at: usize): u32 {
  return at == 0 ? 0 : <u32>(at - lineContent())
}
