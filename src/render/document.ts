import type { EventRun, StoredEvent, StoredRecord } from '../buffer/buffer.ts'
import type { SharedMember } from '../core/chunk.ts'
import {
  Body,
  nanosOfLastDigit,
  severityNames,
  suppressibleSharedMembers,
  Suppressed,
} from '../core/event.ts'
import { ByteWriter } from './byte-writer.ts'
import {
  flagsMember,
  levelMember,
  messageName,
  offsetName,
  spanName,
  timestampName,
  traceName,
} from './document-words.ts'
import { jsonString, writeJsonString } from './json-text.ts'
import { secondText } from './time-text.ts'

const newline = 0x0a
const space = 0x20
const comma = 0x2c
const openBrace = 0x7b
const closeBrace = 0x7d

/** All bits that stand for shared members. */
const sharedMask = ~(Suppressed.shared0 - 1)

/**
 * Writes the event's document, one JSON object on one line without its newline. The agent's members come first, then
 * the line's own, byte for byte apart from the event's edits. Same event, same bytes.
 */
export function writeDocument(event: StoredEvent, out: ByteWriter): void {
  const start = out.length
  const suppressed = event.suppressed
  if (suppressed & Suppressed.timestamp) out.byte(openBrace)
  else writeTimestamp(event, out)
  if ((suppressed & (sharedMask | Suppressed.offset)) === 0) {
    out.copy(partsOf(event.record).sharedAndOffset)
    out.decimal(event.from)
    out.byte(comma)
  } else {
    writeShared(event, suppressed, out)
  }
  writeFound(event, suppressed, out)
  if (event.flags !== 0 && !(suppressed & Suppressed.flags)) writeFlags(event.flags, out)
  const members = event.members
  if (members !== '') {
    out.utf8(members)
    out.byte(comma)
  }
  writeBody(event, out)
  keepOnOneLine(start, out)
}

/** The document as text, for `test`, dead letters and templates. */
export function documentText(event: StoredEvent): string {
  const out = new ByteWriter(event.lineLength + 1024)
  writeDocument(event, out)
  return out.text()
}

/** An upper estimate of the document's size, without writing it. */
export function documentBytes(event: StoredEvent): number {
  const body = event.body
  const lineBytes = body === Body.members ? 0 : event.lineLength
  // Text with many quotes grows; a quarter more is what logs need, and the batcher only wants an estimate.
  const bodyBytes = body === Body.message ? lineBytes + (lineBytes >> 2) + 16 : lineBytes
  let bytes = 160 + partsOf(event.record).sharedAndOffset.length + bodyBytes + event.members.length
  const edits = event.edits
  for (let index = 0; index < edits.length; index++) bytes += edits[index]!.insert.length
  return bytes
}

/**
 * The same for all documents of a run, from what their texts take together: the events of a record are made by one lane,
 * so that the first one tells whether text has to be escaped.
 */
export function documentsBytes({ record, first, end }: EventRun): number {
  const text = record.textBytes(first, end)
  const grown = record.event(first).body === Body.message ? text + (text >> 2) : text
  return (end - first) * (176 + partsOf(record).sharedAndOffset.length) + grown
}

/** `{"@timestamp":"2026-11-20T18:00:00`: events come in runs of the same second, so the last one is kept. */
let headSecond = NaN
let head: Buffer = Buffer.alloc(0)

function writeTimestamp(event: StoredEvent, out: ByteWriter): void {
  const { seconds, nanos } = event
  if (seconds !== headSecond) {
    head = Buffer.from(`${timestampName}${secondText(seconds)}`)
    headSecond = seconds
  }
  out.copy(head)
  const precision = event.precision
  if (precision > 0) writeFraction(nanos, precision, out)
  out.ascii('Z",')
}

function writeFraction(nanos: number, precision: number, out: ByteWriter): void {
  out.reserve(10)
  const bytes = out.bytes
  const at = out.length
  bytes[at] = 0x2e
  let rest = Math.floor(nanos / nanosOfLastDigit[precision]!)
  for (let digit = precision; digit > 0; digit--) {
    const quotient = (rest / 10) | 0
    bytes[at + digit] = 48 + (rest - quotient * 10)
    rest = quotient
  }
  out.length = at + precision + 1
}

/** What all documents of a record have, as bytes. */
export interface RecordParts {
  /** Shared members, each followed by a comma, and the name of the offset. */
  readonly sharedAndOffset: Buffer
  /** Where the end of each member stands in it, comma included. */
  readonly memberEnds: Uint32Array
}

/**
 * Made once for each list of shared members: of a record, or of a file whose records are still in memory. Delivery hands out the
 * events of a record one after the other, so the last one is looked at before the map.
 */
const parts = new WeakMap<readonly SharedMember[], RecordParts>()
let lastRecord: StoredRecord | undefined
let lastParts: RecordParts = { sharedAndOffset: Buffer.alloc(0), memberEnds: new Uint32Array(0) }

export function partsOf(record: StoredRecord): RecordParts {
  if (record === lastRecord) return lastParts
  const { shared } = record
  let known = parts.get(shared)
  if (known === undefined) {
    known = makeParts(shared)
    parts.set(shared, known)
  }
  lastRecord = record
  lastParts = known
  return known
}

function makeParts(shared: readonly SharedMember[]): RecordParts {
  const memberEnds = new Uint32Array(shared.length)
  let text = ''
  let end = 0
  for (const [index, member] of shared.entries()) {
    const own = memberText(member)
    text += own
    memberEnds[index] = end += Buffer.byteLength(own)
  }
  return { sharedAndOffset: Buffer.from(`${text}${offsetName}`), memberEnds }
}

const memberText = (member: SharedMember): string => `${jsonString(member.name)}:${member.json},`

/** The same one by one, where the line says some of it itself. */
function writeShared(event: StoredEvent, suppressed: number, out: ByteWriter): void {
  event.record.shared.forEach((member, index) => {
    // Bits run out: beyond the last one `<<` would wrap round and hide another member.
    const isSuppressed =
      index < suppressibleSharedMembers && (suppressed & (Suppressed.shared0 << index)) !== 0
    if (!isSuppressed) out.utf8(memberText(member))
  })
  if (suppressed & Suppressed.offset) return
  out.ascii(offsetName)
  out.decimal(event.from)
  out.byte(comma)
}

const levelMembers = severityNames.map((_, severity) => Buffer.from(levelMember(severity)))

function writeFound(event: StoredEvent, suppressed: number, out: ByteWriter): void {
  const severity = event.severity
  if (severity !== 0 && !(suppressed & Suppressed.level)) {
    out.copy(levelMembers[severity]!)
  }
  const traceLength = event.traceLength
  if (traceLength !== 0 && !(suppressed & Suppressed.traceId)) {
    out.ascii(traceName)
    out.copyShort(event.bytes, event.traceAt, traceLength)
    out.ascii('",')
  }
  const spanLength = event.spanLength
  if (spanLength !== 0 && !(suppressed & Suppressed.spanId)) {
    out.ascii(spanName)
    out.copyShort(event.bytes, event.spanAt, spanLength)
    out.ascii('",')
  }
}

function writeFlags(flags: number, out: ByteWriter): void {
  out.ascii(flagsMember(flags))
}

function writeBody(event: StoredEvent, out: ByteWriter): void {
  switch (event.body) {
    case Body.json:
      writeOwnMembers(event, out)
      return
    case Body.message:
      out.ascii(messageName)
      writeJsonString(event.line, out)
      break
    case Body.members:
      dropLastComma(out)
      break
  }
  out.byte(closeBrace)
}

/** The line without its opening brace. What stands before is the agent's and ends in a comma, or is the brace. */
function writeOwnMembers(event: StoredEvent, out: ByteWriter): void {
  const edits = event.edits
  const at = out.length
  if (edits.length === 0 && event.bytes[event.lineAt] === openBrace) {
    out.copyOver(event.bytes, event.lineAt, event.lineLength)
    closeIfEmpty(at, out)
    return
  }
  const line = event.line
  let from = 0
  while (line[from] !== openBrace && from < line.length) from++
  from++
  for (const edit of edits) {
    out.copyPart(line, from, edit.at)
    out.utf8(edit.insert)
    from = edit.at + edit.cut
  }
  out.copyPart(line, from, line.length)
  closeIfEmpty(at, out)
}

/** The line, from `start` on, was `{}`, or its edits left nothing of it: then there is nothing for the last comma to part. */
function closeIfEmpty(start: number, out: ByteWriter): void {
  const bytes = out.bytes
  let at = start
  while (at < out.length && isSpace(bytes[at]!)) at++
  // Behind the end stands what an earlier body left.
  if (at === out.length || bytes[at] !== closeBrace) return
  out.length = at
  dropLastComma(out)
  out.byte(closeBrace)
}

/** Takes back the comma after the last member; spaces may stand behind it. */
function dropLastComma(out: ByteWriter): void {
  let last = out.length - 1
  while (isSpace(out.bytes[last]!)) last--
  if (out.bytes[last] === comma) out.length = last
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || (byte <= 0x0d && byte >= 0x09)
}

/**
 * A newline in valid JSON can only be space between members (inside strings it is escaped), but in a bulk body it would
 * end the document and make the rest an action of its own: it becomes a space. One native search for each document.
 */
function keepOnOneLine(start: number, out: ByteWriter): void {
  out.reserve(1)
  const end = out.length
  out.bytes[end] = newline
  let at = out.bytes.indexOf(newline, start)
  while (at < end) {
    out.bytes[at] = space
    at = out.bytes.indexOf(newline, at + 1)
  }
}
