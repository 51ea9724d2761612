import * as event from '../event-layout'
import { writeJsonString, mostEscaped } from './json-string'
import { writeDecimal } from './numbers'
import { beforeLastComma, writeOwnMembers } from './own-members'
import { copyOnOneLine } from './text'
import { writeFraction, writeSecond } from './time-text'
import * as words from './words'

/** `core/event.ts`: Suppressed, what the line says itself. */
const suppressedTimestamp: u32 = 1
const suppressedLevel: u32 = 2
const suppressedTrace: u32 = 4
const suppressedSpan: u32 = 8
const suppressedOffset: u32 = 16
const suppressedFlags: u32 = 32
const suppressedShared: u32 = 64
/** From here on bits run out, and shared members are always written. */
const suppressibleSharedMembers: u32 = 24

/** The flags that a document shows are the lowest four. */
const shownFlags: u32 = 15

/** What all documents of a record have. Its layout is `SharedField` of src/sinks/elasticsearch/bulk-job.ts. */
const sharedAt: usize = 0
const sharedBytes: usize = 4
/** How many members, and where the end of each in the text stands, as u32. */
const sharedCount: usize = 8
const sharedEndsAt: usize = 12

/** So many bytes the document has at most. */
export function documentBound(at: usize, shared: usize): u64 {
  const line = <u64>load<u32>(at, event.eventLineLength)
  const isPlain = load<u8>(at, event.eventBody) == event.bodyJson
  const others = <u64>load<u32>(at, event.eventMembersLength) + <u64>load<u32>(at, event.eventEditsLength)
  return (
    words.fixedBound + <u64>load<u32>(shared, sharedBytes) + (isPlain ? line : line * mostEscaped) + others
  )
}

/**
 * Writes the document of a sound event (`isSound`), one JSON object on one line without its newline, byte for byte what
 * `src/render/document.ts` writes. Returns where it ends, or 0 for an event whose edits are none.
 */
export function writeDocument(at: usize, record: usize, shared: usize, wordsAt: usize, start: usize): usize {
  const suppressed = load<u32>(at, event.eventSuppressed)
  let out = writeTimestamp(at, suppressed, wordsAt, start)
  out = writeShared(suppressed, shared, out)
  if (!(suppressed & suppressedOffset)) {
    out = words.writeWord(wordsAt, words.offsetWord, out)
    out = writeDecimal(load<u64>(at, event.eventFrom), out)
    store<u8>(out++, 0x2c)
  }
  out = writeFound(at, record, wordsAt, out)
  const membersLength = load<u32>(at, event.eventMembersLength)
  if (membersLength) {
    out = copyOnOneLine(membersAt(at, record), membersLength, out)
    store<u8>(out++, 0x2c)
  }
  return writeBody(at, record, wordsAt, out)
}

/** Members stand behind the line. */
function membersAt(at: usize, record: usize): usize {
  return record + load<u32>(at, event.eventAt) + load<u32>(at, event.eventLineLength)
}

function writeTimestamp(at: usize, suppressed: u32, wordsAt: usize, start: usize): usize {
  if (suppressed & suppressedTimestamp) {
    store<u8>(start, 0x7b)
    return start + 1
  }
  let out = words.writeWord(wordsAt, words.timestampWord, start)
  out = writeSecond(load<u32>(at, event.eventSeconds), out)
  out = writeFraction(load<u32>(at, event.eventNanos), load<u8>(at, event.eventPrecision), out)
  // `Z",` and one byte that is written over.
  store<u32>(out, 0x2c_22_5a)
  return out + 3
}

/** The shared members in one piece, or one by one where the line says some of them itself. */
function writeShared(suppressed: u32, shared: usize, out: usize): usize {
  const text = load<u32>(shared, sharedAt)
  if (suppressed < suppressedShared) return copyOnOneLine(text, load<u32>(shared, sharedBytes), out)
  const ends = load<u32>(shared, sharedEndsAt)
  const count = load<u32>(shared, sharedCount)
  let from: u32 = 0
  for (let index: u32 = 0; index < count; index++) {
    const end = load<u32>(<usize>ends + ((<usize>index) << 2))
    const isSuppressed = index < suppressibleSharedMembers && (suppressed >> (6 + index)) & 1
    if (!isSuppressed) out = copyOnOneLine(text + from, end - from, out)
    from = end
  }
  return out
}

/** What the agent found in the line: level, ids of traces, flags. */
function writeFound(at: usize, record: usize, wordsAt: usize, out: usize): usize {
  const suppressed = load<u32>(at, event.eventSuppressed)
  const severity = load<u8>(at, event.eventSeverity)
  if (severity && severity <= 6 && !(suppressed & suppressedLevel)) {
    out = words.writeWord(wordsAt, words.levelWords + severity, out)
  }
  const traceLength = load<u8>(at, event.eventTraceLength)
  if (traceLength && !(suppressed & suppressedTrace)) {
    out = words.writeWord(wordsAt, words.traceWord, out)
    out = writeId(record + load<u32>(at, event.eventTraceAt), traceLength, out)
  }
  const spanLength = load<u8>(at, event.eventSpanLength)
  if (spanLength && !(suppressed & suppressedSpan)) {
    out = words.writeWord(wordsAt, words.spanWord, out)
    out = writeId(record + load<u32>(at, event.eventSpanAt), spanLength, out)
  }
  const flags = load<u16>(at, event.eventFlags) & shownFlags
  if (flags && !(suppressed & suppressedFlags)) out = words.writeWord(wordsAt, words.flagsWords + flags, out)
  return out
}

/** The id and what ends it, `",`. */
function writeId(from: usize, length: u32, out: usize): usize {
  out = copyOnOneLine(from, length, out)
  store<u16>(out, 0x2c_22)
  return out + 2
}

function writeBody(at: usize, record: usize, wordsAt: usize, out: usize): usize {
  const body = load<u8>(at, event.eventBody)
  const line = record + load<u32>(at, event.eventAt)
  const lineLength = load<u32>(at, event.eventLineLength)
  if (body == event.bodyJson) {
    const edits = membersAt(at, record) + load<u32>(at, event.eventMembersLength)
    return writeOwnMembers(line, lineLength, edits, load<u32>(at, event.eventEditsLength), out)
  }
  if (body == event.bodyMembers) {
    out = beforeLastComma(out)
  } else {
    out = words.writeWord(wordsAt, words.messageWord, out)
    out = writeJsonString(line, lineLength, out)
  }
  store<u8>(out, 0x7d)
  return out + 1
}
