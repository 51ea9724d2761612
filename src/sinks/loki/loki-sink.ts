import type { SendResult } from '../../core/outcome.ts'
import { Gzip } from '../../kernel/gzip.ts'
import { Kernel } from '../../kernel/kernel.ts'
import { ByteWriter } from '../../render/byte-writer.ts'
import { documentBytes } from '../../render/document.ts'
import { compileTemplate } from '../../render/template.ts'
import { rfc3339 } from '../../render/time-text.ts'
import type { BatchItem, BatchLimits, EncodedRequest, Sink, SinkContext, SinkPreview } from '../sink.ts'
import { judge } from './answer/judge.ts'
import { isAnswer, LokiClient } from './client.ts'
import type { LokiConfig } from './schema.ts'
import { ascending, makeEntries, type EntryOptions } from './push/entry.ts'
import { renderFields } from './field.ts'
import { KnownStreams } from './kernel/known-streams.ts'
import { PushInKernel } from './kernel/push-in-kernel.ts'
import { RecordInKernel } from './kernel/record-in-kernel.ts'
import { LabelLimits } from './labels/label-limits.ts'
import { parseLabels } from './labels/label-set.ts'
import { LateWatch, windowSeconds } from './labels/late.ts'
import { maxLineBytes } from './push/line.ts'
import { MetadataBuilder, metadataPairs } from './push/metadata.ts'
import { probeLoki } from './probe.ts'
import { encodeJson } from './push/push-json.ts'
import { PushProtobuf } from './push/push-protobuf.ts'
import { oldestAccepted } from './answer/refusals.ts'
import { partitionDemoted, partitionText, Streams, type Stream } from './labels/streams.ts'

const protobufHeaders = { 'content-type': 'application/x-protobuf' }
const jsonHeaders = { 'content-type': 'application/json', 'content-encoding': 'gzip' }
/** Tags, lengths, time, and what `structured_metadata` usually takes. */
const entryOverhead = 256

export class LokiSink implements Sink {
  readonly ordered = true
  /** Equal labels, time, line and metadata are stored once (but for streams that Loki deals out into shards: docs/delivery.md). */
  readonly resendIsSafe = true
  readonly limits: BatchLimits
  readonly #config: LokiConfig
  readonly #client: LokiClient
  readonly #labelLimits: LabelLimits
  readonly #streams: Streams
  readonly #late: LateWatch
  readonly #metadata: MetadataBuilder
  readonly #templates: ReadonlyMap<string, ReturnType<typeof compileTemplate>>
  readonly #protobuf = new PushProtobuf()
  /** Of pushes as JSON. */
  readonly #gzip: Gzip | undefined
  readonly #inKernel: PushInKernel
  readonly #json = new ByteWriter()
  /** By first item of a request: how many 429 in a row it got. */
  readonly #throttled = new WeakMap<BatchItem, number>()

  constructor(config: LokiConfig, context: SinkContext) {
    const { batch, labels, label_limits: labelLimits } = config
    this.#config = config
    this.#gzip = config.encoding === 'json' ? new Gzip() : undefined
    this.limits = { maxBytes: batch.max_bytes, maxEvents: batch.max_events, maxWaitMs: batch.max_wait }
    this.#client = new LokiClient(config, context.clock, context.files)
    this.#templates = new Map(Object.entries(labels).map(([name, text]) => [name, compileTemplate(text)]))
    const varying = [...this.#templates].filter(([, template]) => !template.isConstant)
    this.#labelLimits = new LabelLimits({
      limits: labelLimits,
      templates: new Map(varying.map(([name]) => [name, labels[name]!])),
      state: context.state,
      onDemoted(name, reason) {
        context.labelDemoted()
        context.log.warn(
          { sink: context.name, label: name, reason },
          'a label outgrew label_limits and was demoted',
        )
      },
    })
    const kernel = new Kernel()
    const record = new RecordInKernel(kernel)
    const names = [...new Set([...this.#templates.values()].flatMap((template) => template.names))]
    this.#streams = new Streams(
      [...this.#templates],
      this.#labelLimits,
      labelLimits.on_limit === 'demote',
      KnownStreams.canFind(names) ? new KnownStreams<Stream>(kernel, record, names) : undefined,
    )
    this.#late = new LateWatch(context.clock)
    this.#metadata = new MetadataBuilder(config.structured_metadata)
    this.#inKernel = new PushInKernel(kernel, record, this.#metadata)
  }

  partition(item: BatchItem): string {
    const stream = this.#streams.of(item.event)
    if (item.variant === 0 && this.#late.isLate(stream, item.event) && this.#config.late === 'relabel') {
      item.variant = 1
    }
    return item.variant === 0 ? stream.key : stream.backlogKey
  }

  sizeOf(item: BatchItem): number {
    const event = item.event
    const isRaw = this.#config.line === 'raw' || this.#config.line === 'message'
    const length = Math.min(isRaw ? event.lineLength : documentBytes(event), maxLineBytes)
    // JSON escapes the quotes of JSON; a quarter more is what such lines need.
    return entryOverhead + (this.#config.encoding === 'json' ? length + (length >> 2) : length)
  }

  async encode(unsorted: readonly BatchItem[], partition: string): Promise<EncodedRequest> {
    const items = ascending(unsorted)
    const labels = parseLabels(partitionText(partition))
    const options = this.#entryOptions(partition)
    if (this.#gzip) {
      // The bytes are the writer's: a copy is compressed, as another push may be encoded meanwhile.
      const raw = Buffer.from(encodeJson({ labels, entries: makeEntries(items, options) }, this.#json))
      return { items, partition, body: await this.#gzip.compress(raw), rawBytes: raw.length }
    }
    const push =
      this.#inKernel.encode(items, labels, options) ??
      this.#inKernel.compress(this.#protobuf.encode({ labels, entries: makeEntries(items, options) }))
    return { items, partition, ...push }
  }

  async send(request: EncodedRequest, signal: AbortSignal): Promise<SendResult> {
    const unsaved = await this.#saveDemotions()
    if (unsaved) return unsaved
    const headers = this.#config.encoding === 'json' ? jsonHeaders : protobufHeaders
    const answer = await this.#client.push(request.body, headers, signal)
    if (!isAnswer(answer)) return answer
    const variant = request.items[0]?.variant ?? 0
    const result = judge(answer, {
      entries: () => makeEntries(request.items, this.#entryOptions(request.partition)),
      mayReroute: variant === 0 && this.#config.late === 'relabel',
      rawBytes: request.rawBytes,
      throttledInARow: this.#countThrottled(request, answer.status),
    })
    if (answer.status === 400) this.#learnWindow(request.partition, answer.text)
    return result
  }

  probe(signal: AbortSignal): Promise<string> {
    return probeLoki(this.#client, signal)
  }

  describe(item: BatchItem): SinkPreview {
    const target = this.#streams.preview(item.event, item.variant !== 0)
    const [entry] = makeEntries([item], this.#entryOptions(target))
    const { line, metadata, ...time } = entry!
    return {
      target: partitionText(target),
      body: Buffer.from(line).toString('utf8'),
      details: {
        time: rfc3339(time, 9),
        structured_metadata: Object.fromEntries(metadataPairs(metadata)),
        ...(this.#config.tenant !== null && { tenant: this.#config.tenant }),
      },
    }
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  #entryOptions(partition: string): EntryOptions {
    const demoted = partitionDemoted(partition).flatMap((name) => {
      const template = this.#templates.get(name)
      return template ? [{ name, valueOf: (event: BatchItem['event']) => renderFields(event, template) }] : []
    })
    return { line: this.#config.line, metadata: this.#metadata, demoted }
  }

  /** A demotion that only memory knows would be forgotten by a crash, and the events be stored in two streams. */
  async #saveDemotions(): Promise<SendResult | undefined> {
    try {
      await this.#labelLimits.save()
      return undefined
    } catch (error) {
      const text = `cannot save which labels are demoted: ${String(error)}`
      return { kind: 'all', code: 'unsaved', outcome: { kind: 'retry', reason: 'server_error', text } }
    }
  }

  #countThrottled(request: EncodedRequest, status: number): number {
    const first = request.items[0]
    if (!first) return 0
    if (status !== 429) {
      this.#throttled.delete(first)
      return 0
    }
    // Items are used again: what is noted of one that was never sent is about the event before.
    const before = first.attempts === 0 ? 0 : (this.#throttled.get(first) ?? 0)
    const count = before + 1
    this.#throttled.set(first, count)
    return count
  }

  /** After a restart only the server knows how far the stream is: one refused push must do for all that follow. */
  #learnWindow(partition: string, serverText: string): void {
    const oldest = oldestAccepted(serverText)
    if (oldest !== undefined) this.#streams.raise(partition, oldest + windowSeconds)
  }
}
