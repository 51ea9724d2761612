import type { StoredEvent, StoredRecord } from '../../buffer/buffer.ts'
import { Gzip } from '../../kernel/gzip.ts'
import { ByteWriter } from '../../render/byte-writer.ts'
import { documentBytes, partsOf, writeDocument } from '../../render/document.ts'
import { jsonString } from '../../render/json-text.ts'
import type { BatchItem } from '../sink.ts'
import { bulkKernel } from './bulk-kernel.ts'
import type { BulkKernel } from './bulk-kernel.ts'
import { automaticId, originPart, ownId, writePlace } from './document-id.ts'
import type { IndexNames } from './index-name.ts'
import type { ElasticsearchConfig } from './schema.ts'

const newline = 0x0a

/** Beyond this an index name's bytes are not kept: only hostile templates bring so many at once. */
const keptPrefixes = 1000

/** Bodies are written into a few buffers that are used again; one that grew beyond this is let go. */
const keptWriterBytes = 16 * 1024 ** 2

/** As many as requests are in flight by default; without reuse, bodies of megabytes wait for the garbage collector. */
const keptWriters = 4

/** Of the times that the buffer can store. */
const lastSecond = 2 ** 32 - 1

export interface EncodedBody {
  readonly body: Buffer
  readonly rawBytes: number
}

/**
 * Makes bulk bodies: for each event a line that says where it goes, and a line that is its document. The kernel writes
 * them run by run; what it leaves is written here, event by event, in its place.
 */
export class BulkEncoder {
  readonly #op: 'create' | 'index'
  readonly #id: ElasticsearchConfig['id']
  readonly #gzip: Gzip | undefined
  readonly #names: IndexNames
  readonly #kernel: Pick<BulkKernel, 'frame'>
  /** A new body's room: grown by doubling it would leave twice its size to the garbage collector. Untouched pages cost nothing. */
  readonly #bodyBytes: number
  readonly #prefixes = new Map<string, Buffer>()
  readonly #writers: ByteWriter[] = []
  /** Writers whose bytes are a body that was handed out. */
  readonly #lent = new WeakMap<ArrayBufferLike, ByteWriter>()
  #lastRecord: StoredRecord | undefined
  #lastIndex = ''
  #lastPrefix: Buffer = Buffer.alloc(0)

  /** `kernel` is another one where a test wants to know what is written without it. */
  constructor(
    config: Pick<ElasticsearchConfig, 'op' | 'id' | 'compression' | 'batch'>,
    names: IndexNames,
    kernel: Pick<BulkKernel, 'frame'> = bulkKernel(),
  ) {
    this.#op = config.op
    this.#id = config.id
    this.#gzip = config.compression === 'gzip' ? new Gzip() : undefined
    this.#names = names
    this.#kernel = kernel
    this.#bodyBytes = config.batch.max_bytes
  }

  /** An upper estimate of what the event adds to a body. */
  sizeOf(event: StoredEvent): number {
    return documentBytes(event) + 160
  }

  /** `names` are the indices of the items, asked for and saved before: see `ElasticsearchSink.encode`. */
  async encode(items: readonly BatchItem[], names: readonly string[] | undefined): Promise<EncodedBody> {
    const writer = this.#writers.pop() ?? new ByteWriter(this.#bodyBytes)
    this.#write(items, names, writer)
    const raw = writer.view()
    const rawBytes = raw.length
    if (!this.#gzip) {
      this.#lent.set(raw.buffer, writer)
      return { body: raw, rawBytes }
    }
    const body = await this.#gzip.compress(raw)
    this.#keep(writer)
    return { body, rawBytes }
  }

  /**
   * The body's bytes may be used for another one. Only for a body that the server has answered item by item: after a
   * reset or a timeout the socket may still be reading it.
   */
  release(body: Uint8Array): void {
    const writer = this.#lent.get(body.buffer)
    if (!writer) return
    this.#lent.delete(body.buffer)
    this.#keep(writer)
  }

  #keep(writer: ByteWriter): void {
    writer.clear()
    if (this.#writers.length < keptWriters && writer.bytes.length <= keptWriterBytes)
      this.#writers.push(writer)
  }

  /** The line before the document, without its newline. */
  actionText(event: StoredEvent, index: string): string {
    const writer = new ByteWriter(512)
    this.#writeAction(event, index, writer)
    return writer.text()
  }

  idOf(event: StoredEvent): string | undefined {
    if (this.#id === 'none') return undefined
    if (this.#id === 'auto') return automaticId(event)
    return ownId(event, this.#id.field) ?? automaticId(event)
  }

  #write(items: readonly BatchItem[], names: readonly string[] | undefined, writer: ByteWriter): void {
    for (let at = 0; at < items.length;) {
      const end = endOfRun(items, at, names)
      while (at < end) {
        const event = items[at]!.event
        const index = names?.[at] ?? this.#names.of(event)
        const framed = this.#frame(event, { index, count: end - at, isByTime: names === undefined }, writer)
        if (framed === 0) this.#writeEvent(event, index, writer)
        at += framed || 1
      }
    }
  }

  /** Hands a run to the kernel, which may end it at the end of the day; returns how many events it wrote. */
  #frame(
    event: StoredEvent,
    { index, count, isByTime }: { index: string; count: number; isByTime: boolean },
    writer: ByteWriter,
  ): number {
    // An id of a member has to be found in the line: not the kernel's work.
    if (typeof this.#id === 'object') return 0
    const { record, index: first, seconds } = event
    const { period } = this.#names
    const isForever = !isByTime || period === Infinity
    const fromSecond = isForever ? 0 : seconds - (seconds % period)
    return this.#kernel.frame(
      {
        record: event.bytes,
        parts: partsOf(record),
        first,
        end: first + count,
        action: this.#id === 'auto' ? this.#originPrefix(record, index) : this.#prefix(index),
        hasId: this.#id === 'auto',
        fromSecond,
        lastSecond: isForever ? lastSecond : fromSecond + period - 1,
      },
      writer,
    )
  }

  #writeEvent(event: StoredEvent, index: string, writer: ByteWriter): void {
    this.#writeAction(event, index, writer)
    writer.byte(newline)
    writeDocument(event, writer)
    writer.byte(newline)
  }

  #writeAction(event: StoredEvent, index: string, writer: ByteWriter): void {
    if (this.#id === 'auto') {
      writer.copy(this.#originPrefix(event.record, index))
      writePlace(event, writer)
      writer.ascii('"}}')
      return
    }
    writer.copy(this.#prefix(index))
    if (this.#id === 'none') return
    writer.utf8(jsonString(this.idOf(event)!).slice(1))
    writer.ascii('}}')
  }

  /** The prefix with the part of the id that the events of a record share; the last one is kept. */
  #originPrefix(record: StoredRecord, index: string): Buffer {
    if (record !== this.#lastRecord || index !== this.#lastIndex) {
      this.#lastPrefix = Buffer.concat([this.#prefix(index), Buffer.from(originPart(record))])
      this.#lastRecord = record
      this.#lastIndex = index
    }
    return this.#lastPrefix
  }

  /** `{"create":{"_index":"app-2026.11.20","_id":"`, or the whole line without ids. */
  #prefix(index: string): Buffer {
    const known = this.#prefixes.get(index)
    if (known) return known
    const start = `{"${this.#op}":{"_index":${jsonString(index)}`
    const prefix = Buffer.from(this.#id === 'none' ? `${start}}}` : `${start},"_id":"`)
    if (this.#prefixes.size >= keptPrefixes) this.#prefixes.clear()
    this.#prefixes.set(index, prefix)
    return prefix
  }
}

/** Where the events end that follow `at` in its record without a gap, and go to the same of `names`. */
function endOfRun(items: readonly BatchItem[], at: number, names: readonly string[] | undefined): number {
  const { record, index } = items[at]!.event
  let end = at + 1
  while (end < items.length) {
    const { event } = items[end]!
    if (event.record !== record || event.index !== index + end - at || names?.[end] !== names?.[at]) break
    end++
  }
  return end
}
