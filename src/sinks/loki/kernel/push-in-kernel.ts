import type { Buffer } from 'node:buffer'
import type { StoredEvent, StoredRecord } from '../../../buffer/buffer.ts'
import { GrowingRegion } from '../../../kernel/growing-region.ts'
import type { Kernel } from '../../../kernel/kernel.ts'
import { Snappy } from '../../../kernel/snappy.ts'
import { ByteWriter } from '../../../render/byte-writer.ts'
import type { BatchItem } from '../../sink.ts'
import { isMemberName, sharedPart } from '../field.ts'
import { makeEntry, type EntryOptions } from '../push/entry.ts'
import { maxLineBytes } from '../push/line.ts'
import { flagsName, metadataLimits, type MetadataBuilder } from '../push/metadata.ts'
import { entryBound, headBytes, writeEntry, writeHead } from '../push/push-protobuf.ts'
import type { LabelSet } from '../push/push.ts'
import { mostFields, writeFields } from './field-list.ts'
import type { RecordInKernel } from './record-in-kernel.ts'

/** What entries take beside their lines, mostly, and once more than that: a push that needs more is made elsewhere. */
const usualEntryBytes = 512
const spareBytes = 256 * 1024
/** A record is brought in for a run of a sixteenth of its events or more: below, the copy costs more than it saves. */
const leastShare = 1 / 16

export interface CompressedPush {
  readonly body: Buffer
  readonly rawBytes: number
}

/**
 * Makes pushes in the kernel's memory: it writes the entries of a run of events from their record and compresses the whole.
 * Entries that it can't make are made here, in their place: the bytes are those of `PushProtobuf` in any case.
 */
export class PushInKernel {
  readonly #kernel: Kernel
  readonly #record: RecordInKernel
  readonly #metadata: MetadataBuilder
  readonly #snappy: Snappy
  readonly #push: GrowingRegion
  readonly #shared: GrowingRegion
  readonly #names: readonly string[]
  readonly #fields: number

  constructor(kernel: Kernel, record: RecordInKernel, metadata: MetadataBuilder) {
    this.#kernel = kernel
    this.#record = record
    this.#metadata = metadata
    this.#snappy = new Snappy(kernel)
    this.#push = new GrowingRegion(kernel)
    this.#shared = new GrowingRegion(kernel)
    const fields = [...metadata.names].map(([key, name]) => ({ key, name })).slice(0, mostFields)
    this.#names = fields.map(({ name }) => name)
    this.#fields = writeFields(kernel, fields)
  }

  /** Undefined if the push has to be made another way. The items must be in the order in which they are sent. */
  encode(items: readonly BatchItem[], labels: LabelSet, options: EntryOptions): CompressedPush | undefined {
    if (options.line !== 'raw' || options.demoted.length > 0) return undefined
    const start = headBytes(labels)
    let bytes = start + spareBytes
    for (const { event } of items) bytes += Math.min(event.lineLength, maxLineBytes) + usualEntryBytes
    const region = this.#push.of(bytes)
    const end = this.#writeEntries(items, options, region + start, region + bytes)
    if (end === 0) return undefined
    const first = writeHead(this.#kernel.bytes, labels, region + start, end)
    return { body: this.#snappy.compressAt(first, end), rawBytes: end - first }
  }

  /** For a push that was made elsewhere. */
  compress(raw: Uint8Array): CompressedPush {
    return { body: this.#snappy.compress(raw), rawBytes: raw.length }
  }

  /** Returns the end, or 0 where the room does not do. */
  #writeEntries(items: readonly BatchItem[], options: EntryOptions, start: number, limit: number): number {
    const { functions } = this.#kernel
    let record: StoredRecord | undefined
    let isReady = false
    let at = start
    for (let index = 0; index < items.length; index++) {
      const item = items[index]!
      const event = item.event
      if (event.record !== record) {
        record = event.record
        isReady = this.#prepare(event, runLength(items, index))
      }
      const end = isReady ? functions.lokiEntry(event.index, at, limit) : 0
      at = end === 0 ? this.#writeEntry(item, options, at, limit) : end
      if (at === 0) return 0
    }
    return at
  }

  #writeEntry(item: BatchItem, options: EntryOptions, at: number, limit: number): number {
    const entry = makeEntry(item, options, noLines)
    return at + entryBound(entry) > limit ? 0 : writeEntry(this.#kernel.bytes, at, entry)
  }

  /** Says whether the kernel can write entries of the event's record, of which `count` follow, and prepares it for that. */
  #prepare(event: StoredEvent, count: number): boolean {
    const { record } = event
    if (!this.#record.holds(record) && count < record.count * leastShare) return false
    const { metadata, varying } = this.#metadata.ofRecord(event)
    let wanted = 0
    for (const [, name] of varying) {
      const index = this.#names.indexOf(name)
      if (index < 0 || name === flagsName || !isMemberName(name) || sharedPart(record, name) !== '')
        return false
      wanted += 2 ** index
    }
    if (!this.#record.load(event)) return false
    const { protobuf, size } = metadata.shared
    const shared = this.#shared.of(protobuf.length)
    this.#kernel.bytes.set(protobuf, shared)
    this.#kernel.functions.lokiRecord(
      this.#record.at,
      this.#record.end,
      shared,
      shared + protobuf.length,
      this.#fields,
      wanted,
      Math.max(0, metadataLimits.bytes - size),
    )
    return true
  }
}

/** Raw lines are views on their records, nothing is made for them. */
const noLines = new ByteWriter(0)

/** How many items from `from` on are of one record. */
function runLength(items: readonly BatchItem[], from: number): number {
  const { record } = items[from]!.event
  let end = from + 1
  while (end < items.length && items[end]!.event.record === record) end++
  return end - from
}
