import { Buffer } from 'node:buffer'
import type { Checkpoint, GenerationId, SharedMember } from '../core/chunk.ts'
import { Body } from '../core/event.ts'
import type { Edit, Instant, Severity } from '../core/event.ts'
import type { SourceCounts } from '../core/ledger.ts'
import type { StoredEvent, StoredRecord } from './buffer.ts'
import { ByteReader, getU64, viewOf } from './format/bytes.ts'
import { getCheckpoint, getLostBytes } from './format/checkpoint-codec.ts'
import { getGeneration } from './format/generation-id.ts'
import { EventField, RecordField, RecordFlag, eventBytes, recordFixedBytes } from './format/record-layout.ts'
import type { Slab } from '../core/slabs.ts'

/** What a record says of its file, and of all its events. */
export interface Prologue {
  readonly source: string
  readonly host: string
  readonly counts: SourceCounts
  readonly checkpoint: Checkpoint
  readonly shared: readonly SharedMember[]
}

const noEdits: readonly Edit[] = []
const severities: readonly Severity[] = [0, 1, 2, 3, 4, 5, 6]
const bodies: readonly Body[] = [Body.json, Body.message, Body.members]

/** A record as it lies in memory: getters read its bytes, and only what is asked for is decoded. */
export class StoredRecordView implements StoredRecord {
  /** Exactly the record's bytes, checked by whoever made the view. */
  readonly raw: Buffer
  readonly view: DataView
  readonly eventsAt: number
  readonly sequence: number
  readonly count: number
  /** What `raw` lies in, where that is used again. */
  readonly #slab: Slab | undefined
  #prologue: Prologue | undefined
  #generation: GenerationId | undefined

  /** `prologue`: what stands in it, where that is known. */
  constructor(raw: Buffer, slab?: Slab, prologue?: Prologue) {
    this.raw = raw
    this.#slab = slab
    this.#prologue = prologue
    this.view = viewOf(raw)
    this.eventsAt = this.view.getUint32(RecordField.eventsAt, true)
    this.sequence = getU64(this.view, RecordField.sequence)
    this.count = this.view.getUint32(RecordField.count, true)
  }

  /** Whoever keeps the record beyond the call that gave it says so, and releases it when done: its memory is used again. */
  retain(): void {
    this.#slab?.retain()
  }

  release(): void {
    this.#slab?.release()
  }

  get bytes(): number {
    return this.raw.length
  }

  get generation(): GenerationId {
    this.#generation ??= getGeneration(this.raw, RecordField.generation)
    return this.#generation
  }

  get from(): number {
    return getU64(this.view, RecordField.from)
  }

  get to(): number {
    return getU64(this.view, RecordField.to)
  }

  get source(): string {
    return this.#decoded().source
  }

  get host(): string {
    return this.#decoded().host
  }

  get shared(): readonly SharedMember[] {
    return this.#decoded().shared
  }

  /** The state of the file generation after this record; counts only if `moves`. */
  get checkpoint(): Checkpoint {
    return this.#decoded().checkpoint
  }

  /** The source's read counters after this record. */
  get counts(): SourceCounts {
    return this.#decoded().counts
  }

  /** Events that steps filtered out of the stretch. */
  get filtered(): number {
    return this.view.getUint32(RecordField.filtered, true)
  }

  get moves(): boolean {
    return (this.view.getUint16(RecordField.flags, true) & RecordFlag.moves) !== 0
  }

  get appendedAtMs(): number {
    return getU64(this.view, RecordField.appendedAtMs)
  }

  /** Where the first record of this generation began. */
  get generationStart(): number {
    return getU64(this.view, RecordField.generationStart)
  }

  /** Where the moving record of this generation before this one ended: a damaged one in between shows here. */
  get previousEnd(): number {
    return getU64(this.view, RecordField.previousEnd)
  }

  /** The source's `readEvents` after this record, without decoding anything. */
  get readEvents(): number {
    return getU64(this.view, RecordField.readEvents)
  }

  /** Names which sinks the bits of `routes` stand for. */
  get sinkTable(): number {
    return this.view.getUint32(RecordField.sinkTable, true)
  }

  /** Whether the bit is set for every event, for some, or for none. */
  routed(bit: number): 'all' | 'some' | 'none' {
    if ((this.view.getUint32(RecordField.routesAll, true) >>> bit) & 1) return 'all'
    return (this.view.getUint32(RecordField.routesAny, true) >>> bit) & 1 ? 'some' : 'none'
  }

  eventRoutes(index: number): number {
    return this.view.getUint32(this.eventsAt + index * eventBytes + EventField.routes, true)
  }

  event(index: number, unused?: StoredEvent): StoredEventView {
    if (index < 0 || index >= this.count) throw new RangeError(`record has no event ${index}`)
    return unused instanceof StoredEventView ? unused.turnTo(this, index) : new StoredEventView(this, index)
  }

  textBytes(first: number, end: number): number {
    // The bytes of the events lie behind each other in their order.
    return Math.max(0, this.#textAt(end) - this.#textAt(first))
  }

  #textAt(index: number): number {
    if (index >= this.count) return this.raw.length
    return this.view.getUint32(this.eventsAt + index * eventBytes + EventField.at, true)
  }

  #decoded(): Prologue {
    this.#prologue ??= this.#decode()
    return this.#prologue
  }

  #decode(): Prologue {
    const reader = new ByteReader(this.raw, recordFixedBytes)
    const source = reader.text16()
    return {
      source,
      host: reader.text16(),
      counts: {
        readBytes: getU64(this.view, RecordField.readBytes),
        readEvents: this.readEvents,
        parseErrors: getU64(this.view, RecordField.allParseErrors),
        lostBytes: getLostBytes(reader),
      },
      checkpoint: getCheckpoint(reader, source, this.generation),
      shared: Array.from({ length: reader.u16() }, () => ({ name: reader.text16(), json: reader.text32() })),
    }
  }
}

/** `toString` without what it asks about its arguments: ids are read for each event that is sent. */
function latin1Of(bytes: Buffer, from: number, to: number): string {
  return Buffer.prototype.latin1Slice.call(bytes, from, to)
}

/** A view on one event. Two numbers and a reference; everything else stays in the record's bytes. */
export class StoredEventView implements StoredEvent {
  record: StoredRecordView
  index: number
  #at: number

  constructor(record: StoredRecordView, index: number) {
    this.record = record
    this.index = index
    this.#at = record.eventsAt + index * eventBytes
  }

  turnTo(record: StoredRecordView, index: number): this {
    this.record = record
    this.index = index
    this.#at = record.eventsAt + index * eventBytes
    return this
  }

  get from(): number {
    return getU64(this.record.view, this.#at + EventField.from)
  }

  get to(): number {
    return getU64(this.record.view, this.#at + EventField.to)
  }

  get time(): Instant {
    return { seconds: this.seconds, nanos: this.nanos }
  }

  get seconds(): number {
    return this.record.view.getUint32(this.#at + EventField.seconds, true)
  }

  get nanos(): number {
    return this.record.view.getUint32(this.#at + EventField.nanos, true)
  }

  get precision(): number {
    return this.record.view.getUint8(this.#at + EventField.precision)
  }

  get bump(): number {
    return getU64(this.record.view, this.#at + EventField.bump)
  }

  get severity(): Severity {
    return severities[this.record.view.getUint8(this.#at + EventField.severity)] ?? 0
  }

  get flags(): number {
    return this.record.view.getUint16(this.#at + EventField.flags, true)
  }

  get body(): Body {
    return bodies[this.record.view.getUint8(this.#at + EventField.body)] ?? Body.message
  }

  get suppressed(): number {
    return this.record.view.getUint32(this.#at + EventField.suppressed, true)
  }

  get routes(): number {
    return this.record.view.getUint32(this.#at + EventField.routes, true)
  }

  get line(): Buffer {
    const { view, raw } = this.record
    const at = view.getUint32(this.#at + EventField.at, true)
    return raw.subarray(at, at + view.getUint32(this.#at + EventField.lineLength, true))
  }

  get lineLength(): number {
    return this.record.view.getUint32(this.#at + EventField.lineLength, true)
  }

  get members(): string {
    const length = this.record.view.getUint32(this.#at + EventField.membersLength, true)
    if (length === 0) return ''
    const at = this.#membersAt
    return this.record.raw.toString('utf8', at, at + length)
  }

  get bytes(): Buffer {
    return this.record.raw
  }

  get lineAt(): number {
    return this.record.view.getUint32(this.#at + EventField.at, true)
  }

  get traceAt(): number {
    return this.record.view.getUint32(this.#at + EventField.traceAt, true)
  }

  get traceLength(): number {
    return this.record.view.getUint8(this.#at + EventField.traceLength)
  }

  get spanAt(): number {
    return this.record.view.getUint32(this.#at + EventField.spanAt, true)
  }

  get spanLength(): number {
    return this.record.view.getUint8(this.#at + EventField.spanLength)
  }

  get traceId(): string {
    const length = this.traceLength
    return length === 0 ? '' : latin1Of(this.record.raw, this.traceAt, this.traceAt + length)
  }

  get spanId(): string {
    const length = this.spanLength
    return length === 0 ? '' : latin1Of(this.record.raw, this.spanAt, this.spanAt + length)
  }

  get edits(): readonly Edit[] {
    const length = this.record.view.getUint32(this.#at + EventField.editsLength, true)
    if (length === 0) return noEdits
    const at = this.#membersAt + this.record.view.getUint32(this.#at + EventField.membersLength, true)
    const reader = new ByteReader(this.record.raw, at)
    const edits: Edit[] = []
    while (reader.at < at + length)
      edits.push({ at: reader.u32(), cut: reader.u32(), insert: reader.text32() })
    return edits
  }

  /** Members stand behind the line, edits behind the members. */
  get #membersAt(): number {
    return this.lineAt + this.lineLength
  }
}
