import type { EventRun, StoredEvent, StoredRecord } from '../../buffer/buffer.ts'
import { Gzip } from '../../kernel/gzip.ts'
import { ByteWriter } from '../../render/byte-writer.ts'
import { documentBytes, documentsBytes, partsOf, writeDocument } from '../../render/document.ts'
import { jsonString } from '../../render/json-text.ts'
import { WriterPool } from '../../render/writer-pool.ts'
import { bulkKernel } from './bulk-kernel.ts'
import type { BulkKernel } from './bulk-kernel.ts'
import type { KeptDocument } from './kept-document.ts'
import { automaticId, originPart, ownId, writePlace } from './document-id.ts'
import type { IndexNames } from './index-name.ts'
import type { IndexedRun } from './indexed-run.ts'
import type { ElasticsearchConfig } from './schema.ts'

const newline = 0x0a

/** Beyond this an index name's bytes are not kept: only hostile templates bring so many at once. */
const keptPrefixes = 1000

/** Bodies are written into a few buffers that are used again; one that grew beyond this is let go. */
const keptWriterBytes = 16 * 1024 ** 2

/** As many as requests are in flight by default; without reuse, bodies of megabytes wait for the garbage collector. */
const keptWriters = 4

/** A compressed body of 5 MiB has 0.7. */
const packedBytes = 1024 ** 2

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
  readonly #prefixes = new Map<string, Buffer>()
  readonly #writers: WriterPool
  /** For compressed bodies: those of requests that were answered were 20 MB of garbage before V8 looked. */
  readonly #packed = new WriterPool({
    newBytes: packedBytes,
    mostFree: keptWriters,
    mostBytes: 4 * packedBytes,
  })
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
    // A body that grew by doubling would leave twice its size to the garbage collector.
    this.#writers = new WriterPool({
      newBytes: config.batch.max_bytes,
      mostFree: keptWriters,
      mostBytes: keptWriterBytes,
    })
  }

  /** An upper estimate of what the event adds to a body. */
  sizeOf(event: StoredEvent): number {
    return documentBytes(event) + 160
  }

  /** The same of all events of a run together. */
  sizeOfRun(run: EventRun): number {
    return documentsBytes(run) + (run.end - run.first) * 160
  }

  async encode(runs: readonly IndexedRun[]): Promise<EncodedBody> {
    const writer = this.#writers.take()
    for (const run of runs) this.#write(run, writer)
    return this.#finish(writer)
  }

  async #finish(writer: ByteWriter): Promise<EncodedBody> {
    const rawBytes = writer.length
    if (!this.#gzip) return { body: this.#writers.lend(writer), rawBytes }
    const packed = this.#packed.take()
    await this.#gzip.compressTo(writer.view(), (part) => packed.copy(part))
    this.#writers.keep(writer)
    return { body: this.#packed.lend(packed), rawBytes }
  }

  /** A body of documents that were kept as text, each with the index and the id that it had. */
  async encodeKept(documents: readonly KeptDocument[]): Promise<EncodedBody> {
    const writer = this.#writers.take()
    for (const { index, id, body } of documents) {
      const start = `{"${this.#op}":{"_index":${jsonString(index)}`
      writer.utf8(id === undefined ? `${start}}}` : `${start},"_id":${jsonString(id)}}}`)
      writer.byte(newline)
      writer.utf8(body)
      writer.byte(newline)
    }
    return this.#finish(writer)
  }

  /**
   * The body's bytes may be used for another one. Only for a body that the server has answered item by item: after a
   * reset or a timeout the socket may still be reading it.
   */
  release(body: Uint8Array): void {
    this.#writers.release(body)
    this.#packed.release(body)
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

  #write(run: IndexedRun, writer: ByteWriter): void {
    let event: StoredEvent | undefined
    for (let at = run.first; at < run.end;) {
      event = run.record.event(at, event)
      const index = run.index ?? this.#names.of(event)
      const framed = this.#frame(event, { index, end: run.end }, writer)
      if (framed === 0) this.#writeEvent(event, index, writer)
      at += framed || 1
    }
  }

  /** Hands the run from this event on to the kernel, which may end it with the day; returns how many events it wrote. */
  #frame(event: StoredEvent, run: { index: string; end: number }, writer: ByteWriter): number {
    // An id of a member has to be found in the line: not the kernel's work.
    if (typeof this.#id === 'object') return 0
    const { record, index: first, seconds } = event
    const { isByTimeOnly, period } = this.#names
    const isForever = !isByTimeOnly || period === Infinity
    const fromSecond = isForever ? 0 : seconds - (seconds % period)
    return this.#kernel.frame(
      {
        record: event.bytes,
        parts: partsOf(record),
        first,
        end: run.end,
        action: this.#id === 'auto' ? this.#originPrefix(record, run.index) : this.#prefix(run.index),
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
