import { promisify } from 'node:util'
import { gzip as gzipCallback } from 'node:zlib'
import type { StoredEvent } from '../../buffer/buffer.ts'
import { ByteWriter } from '../../render/byte-writer.ts'
import { documentBytes, writeDocument } from '../../render/document.ts'
import { jsonString } from '../../render/json-text.ts'
import type { BatchItem } from '../sink.ts'
import { automaticId, ownId } from './document-id.ts'
import type { IndexNames } from './index-name.ts'
import type { ElasticsearchConfig } from './schema.ts'

const gzip = promisify(gzipCallback)
const newline = 0x0a

/** Beyond this an index name's bytes are not kept: only hostile templates bring so many at once. */
const keptPrefixes = 1000

/** Bodies are written into a few buffers that are used again; one that grew beyond this is let go. */
const keptWriterBytes = 16 * 1024 ** 2

export interface EncodedBody {
  readonly body: Buffer
  readonly rawBytes: number
}

/** Makes bulk bodies: for each event a line that says where it goes, and a line that is its document. */
export class BulkEncoder {
  readonly #op: 'create' | 'index'
  readonly #id: ElasticsearchConfig['id']
  readonly #isGzip: boolean
  readonly #names: IndexNames
  readonly #prefixes = new Map<string, Buffer>()
  readonly #writers: ByteWriter[] = []

  constructor(config: Pick<ElasticsearchConfig, 'op' | 'id' | 'compression'>, names: IndexNames) {
    this.#op = config.op
    this.#id = config.id
    this.#isGzip = config.compression === 'gzip'
    this.#names = names
  }

  /** An upper estimate of what the event adds to a body. */
  sizeOf(event: StoredEvent): number {
    return documentBytes(event) + 160
  }

  /** `names` are the indices of the items, asked for and saved before: see `ElasticsearchSink.encode`. */
  async encode(items: readonly BatchItem[], names: readonly string[] | undefined): Promise<EncodedBody> {
    const writer = this.#isGzip
      ? (this.#writers.pop() ?? new ByteWriter())
      : new ByteWriter(this.#estimate(items))
    this.#write(items, names, writer)
    const raw = writer.view()
    if (!this.#isGzip) return { body: raw, rawBytes: raw.length }
    // Level 1: the usual 6 costs three times the CPU for a tenth fewer bytes (performance.md 6). Large pieces, as each one is a
    // trip to the thread pool and back.
    const body = await gzip(raw, {
      level: 1,
      chunkSize: Math.max(64 * 1024, Math.min(raw.length >> 2, 1024 ** 2)),
    })
    writer.clear()
    if (writer.bytes.length <= keptWriterBytes) this.#writers.push(writer)
    return { body, rawBytes: raw.length }
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

  #estimate(items: readonly BatchItem[]): number {
    let bytes = 64
    for (const item of items) bytes += this.sizeOf(item.event)
    return bytes
  }

  #write(items: readonly BatchItem[], names: readonly string[] | undefined, writer: ByteWriter): void {
    for (let index = 0; index < items.length; index++) {
      const event = items[index]!.event
      this.#writeAction(event, names?.[index] ?? this.#names.of(event), writer)
      writer.byte(newline)
      writeDocument(event, writer)
      writer.byte(newline)
    }
  }

  #writeAction(event: StoredEvent, index: string, writer: ByteWriter): void {
    writer.copy(this.#prefix(index))
    if (this.#id === 'none') return
    if (this.#id === 'auto') {
      writer.ascii(automaticId(event))
      writer.ascii('"}}')
      return
    }
    writer.utf8(jsonString(this.idOf(event)!).slice(1))
    writer.ascii('}}')
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
