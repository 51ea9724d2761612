import type { EventRun } from '../../buffer/buffer.ts'
import { limits } from '../../core/limits.ts'
import type { SendResult } from '../../core/outcome.ts'
import { documentText } from '../../render/document.ts'
import { releaseAnswer } from '../http/body.ts'
import { describeError } from '../http/describe-error.ts'
import { networkFailure } from '../http/network-error.ts'
import { retryAfterMs } from '../http/retry-after.ts'
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
} from '../sink.ts'
import { isAllWell, readAnswer } from './answer.ts'
import { ElasticsearchClient } from './client.ts'
import type { Answer } from './client.ts'
import { BulkEncoder } from './encode.ts'
import { compileIndexName } from './index-name.ts'
import type { IndexNames } from './index-name.ts'
import { IndexValues } from './index-values.ts'
import { indexedRuns } from './indexed-run.ts'
import { accepted } from './item-outcome.ts'
import type { ItemRules } from './item-outcome.ts'
import { keptBytes, keptDocument } from './kept-document.ts'
import { probeCluster } from './probe.ts'
import { badAnswer, requestOutcome } from './request-outcome.ts'
import type { ElasticsearchConfig } from './schema.ts'

/** Bulk requests: encodes events, sends a body once, and says of each event what became of it. */
export class ElasticsearchSink implements Sink {
  readonly limits: BatchLimits
  readonly ordered = false
  /** A second copy of the same `_id` is a 409, or the same document again; only without ids it is one more. */
  readonly resendIsSafe: boolean
  /** Not where names have to be saved before they are used. */
  readonly runs: RunEncoder | undefined
  readonly letters: LetterEncoder = {
    partition: (kept) => (keptDocument(kept) ? '' : undefined),
    sizeOf: keptBytes,
    encode: (letters, partition) => this.#encodeLetters(letters, partition),
  }
  readonly #config: ElasticsearchConfig
  readonly #context: SinkContext
  readonly #client: ElasticsearchClient
  readonly #values: IndexValues
  readonly #names: IndexNames
  readonly #encoder: BulkEncoder
  readonly #rules: ItemRules

  constructor(config: ElasticsearchConfig, context: SinkContext) {
    const { batch, id, op } = config
    this.limits = { maxBytes: batch.max_bytes, maxEvents: batch.max_events, maxWaitMs: batch.max_wait }
    this.resendIsSafe = id !== 'none'
    this.#config = config
    this.#context = context
    this.#client = new ElasticsearchClient(config, context.files)
    this.#values = new IndexValues(context.state, limits.indexValuesPerDay)
    this.#names = namesOf(config, this.#values)
    this.#encoder = new BulkEncoder(config, this.#names)
    if (this.#names.isByTimeOnly) {
      this.runs = {
        sizeOf: (run) => this.#encoder.sizeOfRun(run),
        encode: (runs) => this.#encodeRuns(runs),
      }
    }
    this.#rules = { op, id: id === 'auto' ? 'own' : id === 'none' ? 'none' : 'field' }
    if (!config.tls.verify && config.nodes.some((node) => node.startsWith('https:'))) {
      context.log.warn(
        { sink: context.name },
        'tls.verify is off: anybody on the way can read and change events',
      )
    }
  }

  partition(): string {
    return ''
  }

  sizeOf(item: BatchItem): number {
    return this.#encoder.sizeOf(item.event)
  }

  async encode(items: readonly BatchItem[], partition: string): Promise<EncodedRequest> {
    let names: string[] | undefined
    if (!this.#names.isByTimeOnly) {
      names = items.map((item) => this.#names.of(item.event))
      await this.#values.saved()
    }
    const { body, rawBytes } = await this.#encoder.encode(indexedRuns(items, names))
    return { items, partition, body, rawBytes }
  }

  async #encodeRuns(runs: readonly EventRun[]): Promise<EncodedRequest> {
    const { body, rawBytes } = await this.#encoder.encode(runs)
    return { items: [], runs, partition: '', body, rawBytes }
  }

  /** To the index, and with the id, that it was refused with: should the server have it by now, it is no second one. */
  async #encodeLetters(letters: readonly KeptLetter[], partition: string): Promise<EncodedRequest> {
    const documents = letters.flatMap(({ kept }) => keptDocument(kept) ?? [])
    const { body, rawBytes } = await this.#encoder.encodeKept(documents)
    return { items: letters.map(({ item }) => item), partition, body, rawBytes }
  }

  async send(request: EncodedRequest, signal: AbortSignal): Promise<SendResult> {
    const { rawBytes } = request
    const events = eventsOf(request)
    const isGzip = this.#config.compression === 'gzip'
    // A refused item brings a "preview" of the field's value, whole (measured: 200 KB), so an answer can be as large as
    // what was sent; a batch whose answer is never read to its end would be sent for ever.
    const answerLimit = Math.max(limits.answerBytes, rawBytes + 1024 * events)
    let answer: Answer
    try {
      answer = await this.#client.bulk({ body: asBuffer(request.body), isGzip, answerLimit }, signal)
    } catch (error) {
      return networkFailure(error, signal)
    }
    const { status } = answer
    if (status < 200 || status >= 300) {
      return requestOutcome({
        status,
        body: answer.body,
        retryAfterMs: retryAfterMs(answer.retryAfter, this.#context.clock.now()),
      })
    }
    const result = this.#resultOf(answer, request, events)
    if (!result) return badAnswer(status, answer.body)
    this.#encoder.release(request.body)
    if (answer.body !== 'too_large') releaseAnswer(answer.body)
    return result
  }

  /** What an answer with a 2xx status says; undefined where it is not an answer to the request. */
  #resultOf({ status, body }: Answer, request: EncodedRequest, events: number): SendResult | undefined {
    if (body === 'too_large') return undefined
    const code = String(status)
    if (isAllWell(body, events)) return { kind: 'all', code, outcome: accepted }
    const items = request.runs ? Array.from({ length: events }, () => neverSent) : request.items
    const outcomes = readAnswer(body, items, this.#rules)
    return outcomes && { kind: 'items', code, outcomes }
  }

  async probe(signal: AbortSignal): Promise<string> {
    try {
      return await probeCluster(this.#client, this.#config, signal)
    } catch (error) {
      if (signal.aborted) throw new Error('no answer in time', { cause: error })
      throw new Error(describeError(error), { cause: error })
    }
  }

  async ask({ path, body }: Question, signal: AbortSignal): Promise<SinkAnswer> {
    try {
      const answer = await (body ? this.#client.post(path, body, signal) : this.#client.get(path, signal))
      const text = answer.body === 'too_large' ? '' : answer.body.toString('utf8')
      return { status: answer.status, text, date: answer.date }
    } catch (error) {
      throw new Error(describeError(error), { cause: error })
    }
  }

  describe({ event }: BatchItem): SinkPreview {
    const index = this.#names.preview(event)
    const id = this.#encoder.idOf(event)
    const { pipeline } = this.#config
    return {
      target: `${this.#config.op} ${index}${id === undefined ? '' : ` id=${id}`}`,
      body: documentText(event),
      details: {
        op: this.#config.op,
        index,
        ...(id !== undefined && { id }),
        ...(pipeline !== undefined && { pipeline }),
      },
    }
  }

  close(): Promise<void> {
    return this.#client.close()
  }
}

/** What is noted of an event that travels in a run. */
const neverSent = { unanswered: false } as const

function eventsOf({ items, runs }: EncodedRequest): number {
  return runs ? runs.reduce((events, { first, end }) => events + end - first, 0) : items.length
}

function namesOf({ index, data_stream: stream }: ElasticsearchConfig, values: IndexValues): IndexNames {
  if (stream === undefined) return compileIndexName(index ?? '', values)
  const name = `${stream.type}-${stream.dataset}-${stream.namespace}`
  return { isByTimeOnly: true, period: Infinity, of: () => name, preview: () => name }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
}
