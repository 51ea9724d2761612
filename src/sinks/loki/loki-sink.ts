import type { StoredEvent } from '../../buffer/buffer.ts'
import type { SendResult } from '../../core/outcome.ts'
import { Gzip } from '../../kernel/gzip.ts'
import { Kernel } from '../../kernel/kernel.ts'
import { ByteWriter } from '../../render/byte-writer.ts'
import { documentBytes } from '../../render/document.ts'
import { compileTemplate } from '../../render/template.ts'
import { rfc3339 } from '../../render/time-text.ts'
import type {
  BatchItem,
  BatchLimits,
  EncodedRequest,
  Question,
  KeptLetter,
  LetterEncoder,
  RunEncoder,
  Sink,
  SinkAnswer,
  SinkContext,
  SinkPreview,
  SinkRun,
} from '../sink.ts'
import { judge } from './answer/judge.ts'
import { isAnswer, LokiClient } from './client.ts'
import { Dealer } from './deal/dealer.ts'
import { dealOf, eventsOf } from './deal/deal.ts'
import { ascendingOrder, inRunOrder, RunOrder } from './deal/run-order.ts'
import { RunPush, type CompressedPush } from './deal/run-push.ts'
import type { LokiConfig } from './schema.ts'
import { ascending, makeEntries, makeEntry, type EntryOptions } from './push/entry.ts'
import { renderFields } from './field.ts'
import { KeptEntries, keptBytes, keptEntries, keptStream } from './push/kept-entry.ts'
import type { LabelSet, PushEntry } from './push/push.ts'
import { DealInKernel } from './kernel/deal-in-kernel.ts'
import { LabelLimits } from './labels/label-limits.ts'
import { parseLabels } from './labels/label-set.ts'
import { LateWatch, windowSeconds } from './labels/late.ts'
import { maxLineBytes } from './push/line.ts'
import { MetadataBuilder, metadataPairs } from './push/metadata.ts'
import { failureText, probeLoki } from './probe.ts'
import { encodeJson } from './push/push-json.ts'
import { PushProtobuf } from './push/push-protobuf.ts'
import { oldestAccepted } from './answer/refusals.ts'
import { partitionDemoted, partitionText, Streams } from './labels/streams.ts'
import { Throttled } from './throttled.ts'

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
  readonly #push: RunPush
  readonly #json = new ByteWriter()
  readonly #throttled = new Throttled()
  readonly runs: RunEncoder
  readonly letters: LetterEncoder = {
    partition: (kept, variant) => keptStream(kept, variant !== 0),
    sizeOf: keptBytes,
    encode: (letters, partition) => this.#encodeLetters(letters, partition),
  }

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
    this.#late = new LateWatch(context.clock)
    this.#metadata = new MetadataBuilder(config.structured_metadata)
    const kernel = new Kernel()
    this.#push = new RunPush(kernel)
    const inKernel = this.#dealInKernel(kernel)
    this.#streams = new Streams(
      [...this.#templates],
      this.#labelLimits,
      labelLimits.on_limit === 'demote',
      () => inKernel?.forget(),
    )
    const dealer = new Dealer({
      kernel: inKernel,
      late: config.late === 'relabel' ? this.#late : undefined,
      streamOf: (event) => this.#streams.of(event),
      sizeOf: (event) => this.#sizeOf(event),
    })
    this.runs = {
      deal: (read) => dealer.deal(read),
      sizeOf: (run) => dealOf(run).bytesOf(run.first, run.end),
      encode: (runs, partition) => this.#encodeRuns(runs, partition),
    }
  }

  #dealInKernel(kernel: Kernel): DealInKernel | undefined {
    const names = [...new Set([...this.#templates.values()].flatMap((template) => template.names))]
    if (!DealInKernel.canFind(names)) return undefined
    const isPlain = this.#config.line === 'raw' && this.#config.encoding === 'protobuf'
    const options: EntryOptions = { line: 'raw', metadata: this.#metadata, demoted: [] }
    return new DealInKernel(kernel, names, this.#metadata, {
      streamOf: (event) => this.#streams.of(event),
      writes: () => isPlain && !this.#streams.areDemotedKept,
      makeEntry: (event) => makeEntry(event, options, noLines),
      sizeOf: (event) => this.#sizeOf(event),
    })
  }

  partition(item: BatchItem): string {
    const stream = this.#streams.of(item.event)
    if (item.variant === 0 && this.#late.isLate(stream, item.event) && this.#config.late === 'relabel') {
      item.variant = 1
    }
    return item.variant === 0 ? stream.key : stream.backlogKey
  }

  sizeOf(item: BatchItem): number {
    return this.#sizeOf(item.event)
  }

  #sizeOf(event: StoredEvent): number {
    const isRaw = this.#config.line === 'raw' || this.#config.line === 'message'
    const length = Math.min(isRaw ? event.lineLength : documentBytes(event), maxLineBytes)
    // JSON escapes the quotes of JSON; a quarter more is what such lines need.
    return entryOverhead + (this.#config.encoding === 'json' ? length + (length >> 2) : length)
  }

  async encode(unsorted: readonly BatchItem[], partition: string): Promise<EncodedRequest> {
    const items = ascending(unsorted)
    const events = items.map(({ event }) => event)
    return { items, partition, ...(await this.#encodeEvents(events, partition)) }
  }

  async #encodeRuns(runs: readonly SinkRun[], partition: string): Promise<EncodedRequest> {
    const order = ascendingOrder(runs)
    const push =
      this.#push.encode(runs, order, partitionText(partition)) ??
      (await this.#encodeEvents(entriesOf({ runs, extra: order }), partition))
    return { items: [], runs, partition, ...push, extra: order }
  }

  async #encodeLetters(letters: readonly KeptLetter[], partition: string): Promise<EncodedRequest> {
    const kept = keptEntries(letters)
    const entries = kept.map(({ entry }) => entry)
    const items = kept.map(({ letter }) => letter.item)
    const push = await this.#compress(parseLabels(partition), entries)
    return { items, partition, ...push, extra: new KeptEntries(entries) }
  }

  async #encodeEvents(events: readonly StoredEvent[], partition: string): Promise<CompressedPush> {
    const labels = parseLabels(partitionText(partition))
    return this.#compress(labels, makeEntries(events, this.#entryOptions(partition)))
  }

  async #compress(labels: LabelSet, entries: readonly PushEntry[]): Promise<CompressedPush> {
    if (!this.#gzip) return this.#push.compress(this.#protobuf.encode({ labels, entries }))
    // The bytes are the writer's: a copy is compressed, as another push may be encoded meanwhile.
    const raw = Buffer.from(encodeJson({ labels, entries }, this.#json))
    return { body: await this.#gzip.compress(raw), rawBytes: raw.length }
  }

  async send(request: EncodedRequest, signal: AbortSignal): Promise<SendResult> {
    const unsaved = await this.#saveDemotions()
    if (unsaved) return unsaved
    const headers = this.#config.encoding === 'json' ? jsonHeaders : protobufHeaders
    const answer = await this.#client.push(request.body, headers, signal)
    if (!isAnswer(answer)) return answer
    const order = orderOf(request)
    const variant = request.runs ? (request.runs[0]?.deal?.variant ?? 0) : (request.items[0]?.variant ?? 0)
    const result = judge(answer, {
      entries: () => this.#entriesOf(request),
      mayReroute: variant === 0 && this.#config.late === 'relabel',
      rawBytes: request.rawBytes,
      throttledInARow: this.#throttled.note(() => firstEventOf(request), answer.status),
    })
    if (answer.status === 400) this.#learnWindow(request.partition, answer.text)
    return inRunOrder(result, order)
  }

  #entriesOf(request: EncodedRequest): readonly PushEntry[] {
    if (request.extra instanceof KeptEntries) return request.extra.entries
    return makeEntries(entriesOf(request), this.#entryOptions(request.partition))
  }

  labelOf(event: StoredEvent, name: string): string | undefined {
    const template = this.#templates.get(name)
    return template && renderFields(event, template)
  }

  probe(signal: AbortSignal): Promise<string> {
    return probeLoki(this.#client, signal)
  }

  async ask({ path }: Question, signal: AbortSignal): Promise<SinkAnswer> {
    const answer = await this.#client.get(path, signal)
    if (!isAnswer(answer)) throw new Error(failureText(answer))
    return { status: answer.status, text: answer.text, date: answer.date }
  }

  describe(item: BatchItem): SinkPreview {
    const target = this.#streams.preview(item.event, item.variant !== 0)
    const [entry] = makeEntries([item.event], this.#entryOptions(target))
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

  /** After a restart only the server knows how far the stream is: one refused push must do for all that follow. */
  #learnWindow(partition: string, serverText: string): void {
    const oldest = oldestAccepted(serverText)
    if (oldest !== undefined) this.#streams.raise(partition, oldest + windowSeconds)
  }
}

/** Raw lines are views on their records, nothing is made for them. */
const noLines = new ByteWriter(0)

/** The events of a request in the order of its entries. */
function entriesOf({ items, runs, extra }: Partial<EncodedRequest>): StoredEvent[] {
  if (!runs) return (items ?? []).map(({ event }) => event)
  return (orderOf({ extra })?.stretches ?? runs).flatMap((run) => eventsOf(run))
}

function firstEventOf({ items, runs, extra }: EncodedRequest): StoredEvent | undefined {
  if (!runs) return items[0]?.event
  const first = orderOf({ extra })?.stretches[0] ?? runs[0]
  return first && eventsOf({ ...first, end: first.first + 1 })[0]
}

/** What `#encodeRuns` hands to `send`. */
function orderOf({ extra }: Pick<EncodedRequest, 'extra'>): RunOrder | undefined {
  return extra instanceof RunOrder ? extra : undefined
}
