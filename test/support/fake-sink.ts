import type { Outcome, SendResult } from '../../src/core/outcome.ts'
import type { EventRun, RecordForSink } from '../../src/buffer/buffer.ts'
import type {
  BatchItem,
  BatchLimits,
  DealtRun,
  EncodedRequest,
  RunEncoder,
  Sink,
  SinkPreview,
} from '../../src/sinks/sink.ts'
import { batchItem } from './stored-event.ts'

export interface SentRequest {
  readonly lines: readonly string[]
  readonly partition: string
  readonly rawBytes: number
  readonly signal: AbortSignal
  readonly items: readonly BatchItem[]
  /** Attempts and answers as they were when it was sent. */
  readonly attempts: readonly number[]
  readonly unanswered: readonly boolean[]
}

/** Decides what becomes of a request. A pending promise is a server that hangs. */
export type Answer = (request: SentRequest, index: number) => SendResult | Promise<SendResult>

export interface FakeSinkOptions {
  readonly answer?: Answer
  readonly limits?: Partial<BatchLimits>
  readonly partition?: (item: BatchItem) => string
  readonly ordered?: boolean
  readonly sizeOf?: (item: BatchItem) => number
  readonly resendIsSafe?: boolean
  readonly encode?: (items: readonly BatchItem[]) => readonly BatchItem[]
  /** Events that were never sent come in runs; where there are partitions these are dealt. */
  readonly takesRuns?: boolean
}

export const lineOf = (item: BatchItem): string => Buffer.from(item.event.line).toString()

/** A sink that does as it is told and remembers what it was sent. */
export class FakeSink implements Sink {
  readonly limits: BatchLimits
  readonly ordered: boolean
  readonly resendIsSafe: boolean
  readonly requests: SentRequest[] = []
  answer: Answer
  inFlight = 0
  mostInFlight = 0
  readonly #options: FakeSinkOptions

  constructor(options: FakeSinkOptions = {}) {
    this.#options = options
    this.limits = { maxBytes: 1024 ** 2, maxEvents: 1000, maxWaitMs: 1000, ...options.limits }
    this.ordered = options.ordered ?? false
    this.resendIsSafe = options.resendIsSafe ?? false
    this.answer = options.answer ?? (() => accepted)
  }

  get runs(): RunEncoder | undefined {
    if (this.#options.takesRuns !== true) return undefined
    return {
      ...(this.#options.partition && { deal: (read) => this.#deal(read) }),
      sizeOf: (run) => eventsOf(run).reduce((bytes, item) => bytes + this.sizeOf(item), 0),
      encode: async (runs, partition) => ({
        ...(await this.encode(runs.flatMap(eventsOf), partition)),
        items: [],
        runs,
      }),
    }
  }

  #deal({ record, events }: RecordForSink): DealtRun[] {
    const indexes = new Map<string, number[]>()
    for (const index of events) {
      const partition = this.partition(batchItem(record.event(index)))
      indexes.set(partition, [...(indexes.get(partition) ?? []), index])
    }
    return [...indexes].map(([partition, own]) => ({
      record,
      first: 0,
      end: own.length,
      order: Uint32Array.from(own),
      deal: { partition, variant: 0 },
    }))
  }

  partition(item: BatchItem): string {
    return this.#options.partition?.(item) ?? ''
  }

  sizeOf(item: BatchItem): number {
    return this.#options.sizeOf?.(item) ?? item.event.line.length
  }

  async encode(items: readonly BatchItem[], partition: string): Promise<EncodedRequest> {
    const encoded = this.#options.encode?.(items) ?? items
    const body = Buffer.from(encoded.map(lineOf).join('\n'))
    const rawBytes = encoded.reduce((total, item) => total + this.sizeOf(item), 0)
    return { items: encoded, partition, body, rawBytes }
  }

  async send(request: EncodedRequest, signal: AbortSignal): Promise<SendResult> {
    const { runs, partition, rawBytes } = request
    const items = runs?.flatMap(eventsOf) ?? request.items
    const sent: SentRequest = {
      lines: items.map(lineOf),
      partition,
      rawBytes,
      signal,
      items,
      attempts: items.map(({ attempts }) => attempts),
      unanswered: items.map(({ unanswered }) => unanswered),
    }
    this.requests.push(sent)
    this.inFlight += 1
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    try {
      return await this.answer(sent, this.requests.length - 1)
    } finally {
      this.inFlight -= 1
    }
  }

  async probe(): Promise<string> {
    return 'fine'
  }

  describe(item: BatchItem): SinkPreview {
    return { target: `fake ${this.partition(item)}`, body: lineOf(item) }
  }

  async close(): Promise<void> {}
}

const eventsOf = ({ record, first, end, order }: EventRun): BatchItem[] =>
  Array.from({ length: end - first }, (_, index) =>
    batchItem(record.event(order?.[first + index] ?? first + index)),
  )

export const accepted = { kind: 'all', code: '200', outcome: { kind: 'accepted' } } satisfies SendResult
export const hang = (): Promise<SendResult> => new Promise(() => {})

export const unavailable = {
  kind: 'all',
  code: '503',
  outcome: { kind: 'retry', reason: 'server_error', text: 'unavailable' },
} satisfies SendResult
export const reset = {
  kind: 'all',
  code: 'reset',
  outcome: { kind: 'retry', reason: 'network', text: 'connection reset' },
  unanswered: true,
} satisfies SendResult
export const forbidden = {
  kind: 'all',
  code: '403',
  outcome: { kind: 'hold', reason: 'forbidden', text: 'no such permission' },
} satisfies SendResult
export const tooLarge = {
  kind: 'split',
  code: '413',
  why: 'too_large',
  single: { kind: 'rejected', reason: 'too_large', status: 413, type: 'too_large', text: 'too large' },
} satisfies SendResult
export const refusedItem = {
  kind: 'rejected',
  reason: 'mapping',
  status: 400,
  type: 'document_parsing_exception',
  text: 'no number',
} satisfies Outcome
export const poison = { kind: 'split', code: '400', why: 'poison', single: refusedItem } satisfies SendResult
export const retryItem = { kind: 'retry', reason: 'item_throttled', text: 'busy' } satisfies Outcome
export const holdItem = { kind: 'hold', reason: 'blocked', text: 'read-only' } satisfies Outcome
export const acceptedItem = { kind: 'accepted' } satisfies Outcome

/** One outcome for each line. */
export function each(request: SentRequest, outcome: (line: string, index: number) => Outcome): SendResult {
  return { kind: 'items', code: '200', outcomes: request.lines.map(outcome) }
}
