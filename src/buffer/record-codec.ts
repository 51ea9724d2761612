import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { eventCount } from '../core/chunk.ts'
import type { Chunk } from '../core/chunk.ts'
import { isBefore, spanIdLength } from '../core/event.ts'
import type { DraftEvent, Instant } from '../core/event.ts'
import { newSourceCounts } from '../core/ledger.ts'
import type { SourceCounts } from '../core/ledger.ts'
import { ByteWriter, setU64, viewOf } from './format/bytes.ts'
import { checkpointBound, putCheckpoint, putLostBytes } from './format/checkpoint-codec.ts'
import { generationBytes, putGeneration } from './format/generation-id.ts'
import * as layout from './format/record-layout.ts'
import { EventField, RecordField } from './format/record-layout.ts'
import { Slabs } from '../core/slabs.ts'
import type { Slab } from '../core/slabs.ts'
import { StoredRecordView } from './stored-record.ts'

/** What the log adds to a chunk when it gives it a place. */
export interface RecordPlace {
  readonly sequence: number
  readonly appendedAtMs: number
  /** The source's counters after this record. */
  readonly counts: SourceCounts
  readonly generationStart: number
  readonly previousEnd: number
  readonly sinkTable: number
}

/** Chunk to record, one behind the other into slabs. One pass, no object for any event. */
export class RecordEncoder {
  readonly #slabs: Slabs
  #current: Slab | undefined
  #slab: Buffer = Buffer.alloc(0)
  #view = viewOf(this.#slab)
  #used = 0

  constructor(slabs: Slabs) {
    this.#slabs = slabs
  }

  /** The record, checksummed. Its memory stays as it is until the next call, or as long as somebody retains it. */
  encode(chunk: Chunk, place: RecordPlace): StoredRecordView {
    const bound = recordBound(chunk)
    if (bound > layout.maxRecordBytes) throw new RangeError(`a chunk of ${bound} bytes fits no record`)
    this.reserve(bound)
    const start = this.#used
    const eventsAt = this.#prologue(chunk, place, start)
    const end = this.#events(chunk, start, eventsAt)
    this.#fixed(chunk, place, start)
    this.#view.setUint32(start + RecordField.eventsAt, eventsAt - start, true)
    this.#view.setUint32(start + RecordField.length, end - start, true)
    this.#used = end
    const record = this.#slab.subarray(start, end)
    this.#view.setUint32(start + RecordField.checksum, recordChecksum(record), true)
    // Decoded again from its bytes, it was half of what each record left to the garbage collector.
    const { source, host, checkpoint, shared } = chunk
    return new StoredRecordView(record, this.#current, {
      source,
      host,
      counts: place.counts,
      checkpoint,
      shared,
    })
  }

  /** What is encoded next, up to so many bytes, lies in one piece. */
  reserve(bytes: number): void {
    if (!this.#current || this.#used + bytes > this.#slab.length) this.#renew(bytes)
  }

  #renew(bound: number): void {
    this.#current?.release()
    this.#current = this.#slabs.take(bound)
    this.#slab = this.#current.bytes
    this.#view = this.#current.view
    this.#used = 0
  }

  #fixed(chunk: Chunk, place: RecordPlace, start: number): void {
    const view = this.#view
    view.setUint32(start + RecordField.magic, layout.recordMagicNumber, true)
    view.setUint8(start + RecordField.version, layout.recordVersion)
    view.setUint8(start + RecordField.algorithm, layout.checksumCrc32)
    view.setUint16(start + RecordField.flags, chunk.moves ? layout.RecordFlag.moves : 0, true)
    setU64(view, start + RecordField.sequence, place.sequence)
    setU64(view, start + RecordField.appendedAtMs, place.appendedAtMs)
    setU64(view, start + RecordField.from, chunk.from)
    setU64(view, start + RecordField.to, chunk.to)
    setU64(view, start + RecordField.generationStart, place.generationStart)
    setU64(view, start + RecordField.previousEnd, place.previousEnd)
    putGeneration(this.#slab, start + RecordField.generation, chunk.generation)
    view.setUint32(start + RecordField.sinkTable, place.sinkTable, true)
    view.setUint32(start + RecordField.count, eventCount(chunk), true)
    view.setUint32(start + RecordField.filtered, chunk.filtered, true)
    view.setUint32(start + RecordField.parseErrors, chunk.parseErrors, true)
    setU64(view, start + RecordField.readBytes, place.counts.readBytes)
    setU64(view, start + RecordField.readEvents, place.counts.readEvents)
    setU64(view, start + RecordField.allParseErrors, place.counts.parseErrors)
  }

  /** The parts of varying length before the events; returns where the events begin. */
  #prologue(chunk: Chunk, place: RecordPlace, start: number): number {
    const writer = new ByteWriter(this.#slab, start + layout.recordFixedBytes)
    writer.text16(chunk.source)
    writer.text16(chunk.host)
    putLostBytes(writer, place.counts.lostBytes)
    putCheckpoint(writer, chunk.checkpoint)
    writer.u16(chunk.shared.length)
    for (const { name, json } of chunk.shared) {
      writer.text16(name)
      writer.text32(json)
    }
    // Eight bytes on, aligned from the record's start: what a kernel writes with aligned stores.
    while ((writer.at - start) % 8 !== 0) writer.u8(0)
    return writer.at
  }

  /** Drafts are written, runs that were encoded before are copied, all in their order. Returns where the record ends. */
  #events(chunk: Chunk, start: number, eventsAt: number): number {
    const { events, encoded = [] } = chunk
    const place = { entryAt: eventsAt, heapAt: eventsAt + eventCount(chunk) * layout.eventBytes }
    const summary = new EventSummary()
    let next = 0
    for (const run of encoded) {
      this.#drafts(events, next, run.after, { start, place, summary })
      next = run.after
      run.copyEntries(this.#slab, place.entryAt, place.heapAt - start)
      run.copyHeap(this.#slab, place.heapAt)
      place.entryAt += run.entriesBytes
      place.heapAt += run.heapBytes
      summary.add(run.routes, run.earliest, run.latest)
    }
    this.#drafts(events, next, events.length, { start, place, summary })
    summary.write(this.#view, start)
    return place.heapAt
  }

  // oxlint-disable-next-line max-params -- where they stand, and where they go
  #drafts(
    events: readonly DraftEvent[],
    from: number,
    to: number,
    into: { start: number; place: { entryAt: number; heapAt: number }; summary: EventSummary },
  ): void {
    const { start, place, summary } = into
    for (let index = from; index < to; index += 1) {
      const event = events[index]!
      summary.add(event.routes, event.time, event.time)
      this.#view.setUint32(place.entryAt + EventField.at, place.heapAt - start, true)
      place.heapAt = this.#event(event, start, place.entryAt, place.heapAt)
      place.entryAt += layout.eventBytes
    }
  }

  /** One event: its fixed fields at `entryAt`, its bytes at `heapAt`; returns where those end. */
  // oxlint-disable-next-line max-params -- an object for each event would be garbage
  #event(event: DraftEvent, start: number, entryAt: number, heapAt: number): number {
    const view = this.#view
    const slab = this.#slab
    const { members, edits } = event
    const lineLength = lengthOf(event)
    view.setUint32(entryAt + EventField.lineLength, lineLength, true)
    view.setUint32(entryAt + EventField.seconds, event.time.seconds, true)
    view.setUint32(entryAt + EventField.nanos, event.time.nanos, true)
    setU64(view, entryAt + EventField.from, event.from)
    setU64(view, entryAt + EventField.to, event.to)
    setU64(view, entryAt + EventField.bump, event.bump)
    view.setUint32(entryAt + EventField.suppressed, event.suppressed, true)
    view.setUint32(entryAt + EventField.routes, event.routes, true)
    view.setUint16(entryAt + EventField.flags, event.flags, true)
    slab[entryAt + EventField.precision] = event.precision
    slab[entryAt + EventField.severity] = event.severity
    slab[entryAt + EventField.body] = event.body
    if (event.bytes === undefined) slab.set(event.line, heapAt)
    else event.bytes.copy(slab, heapAt, event.lineAt, event.lineAt! + lineLength)
    let at = heapAt + lineLength
    const membersLength = members === '' ? 0 : slab.write(members, at)
    view.setUint32(entryAt + EventField.membersLength, membersLength, true)
    at += membersLength
    const editsEnd = edits.length === 0 ? at : this.#edits(event, at)
    view.setUint32(entryAt + EventField.editsLength, editsEnd - at, true)
    return this.#ids(event, start, entryAt, editsEnd)
  }

  /** Ids that the line has are not stored twice. `at` is where there is room; returns where the event's bytes end. */
  // oxlint-disable-next-line max-params -- an object for each event would be garbage
  #ids(event: DraftEvent, start: number, entryAt: number, at: number): number {
    const view = this.#view
    const { traceId, spanId, traceAt, traceLength, spanAt } = event
    const lineAt = view.getUint32(entryAt + EventField.at, true)
    let end = at
    let length = traceAt === undefined ? this.#text(traceId, end) : traceLength!
    view.setUint32(entryAt + EventField.traceAt, traceAt === undefined ? end - start : lineAt + traceAt, true)
    view.setUint8(entryAt + EventField.traceLength, length)
    if (traceAt === undefined) end += length
    length = spanAt === undefined ? this.#text(spanId, end) : spanIdLength
    view.setUint32(entryAt + EventField.spanAt, spanAt === undefined ? end - start : lineAt + spanAt, true)
    view.setUint8(entryAt + EventField.spanLength, length)
    view.setUint8(entryAt + EventField.spanLength + 1, 0)
    return spanAt === undefined ? end + length : end
  }

  /** Hex digits at `at`; returns how many. */
  #text(text: string, at: number): number {
    return text === '' ? 0 : this.#slab.write(text, at, 'latin1')
  }

  #edits(event: DraftEvent, at: number): number {
    const writer = new ByteWriter(this.#slab, at)
    for (const edit of event.edits) {
      writer.u32(edit.at)
      writer.u32(edit.cut)
      writer.text32(edit.insert)
    }
    return writer.at
  }
}

/** CRC-32 of all but the checksum itself: a flip in the header is damage too. */
export function recordChecksum(record: Buffer): number {
  const head = crc32(record.subarray(0, RecordField.checksum))
  return crc32(record.subarray(RecordField.sequence), head)
}

/** A record that was never on disk, for `logferry test`, previews and tests of sinks. */
export function recordFromChunk(chunk: Chunk, sequence = 1): StoredRecordView {
  const place: RecordPlace = {
    sequence,
    appendedAtMs: 0,
    counts: newSourceCounts(),
    generationStart: chunk.from,
    previousEnd: chunk.from,
    sinkTable: 0,
  }
  return new RecordEncoder(new Slabs()).encode(chunk, place)
}

/** At least as many bytes as the chunk's record takes; close to it, as texts are seldom much beyond ASCII. */
export function recordBound(chunk: Chunk): number {
  let bytes = layout.recordFixedBytes + 128 + generationBytes + checkpointBound(chunk.checkpoint)
  bytes += 3 * (chunk.source.length + chunk.host.length)
  for (const { name, json } of chunk.shared) bytes += 6 + 3 * (name.length + json.length)
  const { events, encoded = [] } = chunk
  for (const run of encoded) bytes += run.entriesBytes + run.heapBytes
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index]!
    const { members, traceId, spanId, edits } = event
    bytes += layout.eventBytes + lengthOf(event) + 3 * members.length + traceId.length + spanId.length
    for (let edit = 0; edit < edits.length; edit += 1) bytes += 12 + 3 * edits[edit]!.insert.length
  }
  return bytes
}

const lengthOf = (event: DraftEvent): number => event.lineLength ?? event.line.length

/** What a record says of all its events. */
class EventSummary {
  #routesAny = 0
  #routesAll = 0
  #low: Instant | undefined
  #high: Instant | undefined

  add(routes: number, earliest: Instant, latest: Instant): void {
    this.#routesAny |= routes
    this.#routesAll = this.#low ? this.#routesAll & routes : routes
    if (!this.#low || isBefore(earliest, this.#low)) this.#low = earliest
    if (!this.#high || isBefore(this.#high, latest)) this.#high = latest
  }

  write(view: DataView, start: number): void {
    const { seconds: lowSeconds, nanos: lowNanos } = this.#low ?? never
    const { seconds: highSeconds, nanos: highNanos } = this.#high ?? never
    view.setUint32(start + RecordField.routesAny, this.#routesAny, true)
    view.setUint32(start + RecordField.routesAll, this.#routesAll, true)
    view.setUint32(start + RecordField.lowSeconds, lowSeconds, true)
    view.setUint32(start + RecordField.lowNanos, lowNanos, true)
    view.setUint32(start + RecordField.highSeconds, highSeconds, true)
    view.setUint32(start + RecordField.highNanos, highNanos, true)
  }
}

/** Of a record without events. */
const never: Instant = { seconds: 0, nanos: 0 }
