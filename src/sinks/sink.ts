import type { EventRun, RecordForSink, StoredEvent } from '../buffer/buffer.ts'
import type { Clock } from '../core/clock.ts'
import type { FileSystem } from '../core/file-system.ts'
import type { Log } from '../core/log.ts'
import type { SendResult } from '../core/outcome.ts'
import type { TextOutput } from '../core/text-output.ts'

/**
 * A wire protocol and nothing else: no timers, no retries, no queues. Those live in delivery/.
 * `encode` is deterministic: the same items give the same bytes, so that a resend is the same request.
 */
export interface Sink {
  readonly limits: BatchLimits
  /**
   * Items with different keys never share a request, and with `ordered` at most one request of a key is in flight.
   * Called once for each item when it is batched; a sink may decide here how the item is encoded (its `variant`).
   */
  partition(item: BatchItem): string
  readonly ordered: boolean
  /**
   * A resend of the same item makes no second copy at the server (Elasticsearch by `_id`, Loki by equal entries).
   * Without it, what is accepted after an unanswered attempt counts as a possible duplicate, unless its outcome says
   * `duplicate: true` or `false`.
   */
  readonly resendIsSafe?: boolean
  /** An upper estimate of what the item adds to the request body, in bytes, before compression. Cheap. */
  sizeOf(item: BatchItem): number
  encode(items: readonly BatchItem[], partition: string): Promise<EncodedRequest>
  /**
   * Events that were never sent are encoded run by run, without an item for each of them. An answer that tells them
   * apart makes items of them, which go to `encode` from then on.
   */
  readonly runs?: RunEncoder | undefined
  /** Sends again what was kept as `describe` shows it; a sink whose server refuses no single events has none. */
  readonly letters?: LetterEncoder | undefined
  /** The value of a label as the sink gives it to the event; undefined where it has no label of that name. */
  labelOf?(event: StoredEvent, name: string): string | undefined
  /** Sends once. Expected trouble (network, any answer) is a value; only our own mistakes reject. */
  send(request: EncodedRequest, signal: AbortSignal): Promise<SendResult>
  /** Contacts the server for `validate --probe`; resolves to a sentence for people, rejects with one. Sends no event. */
  probe(signal: AbortSignal): Promise<string>
  /**
   * Asks the server something beside the events, by the same address, credentials and certificates: for `doctor`. Resolves to
   * an answer of any status, rejects with a sentence where there is none.
   */
  ask?(question: Question, signal: AbortSignal): Promise<SinkAnswer>
  /** What would be sent for one event, for `test`, `explain` and dead letters. */
  describe(item: BatchItem): SinkPreview
  close(): Promise<void>
}

export interface Question {
  /** Below the address of the config, with its query. */
  readonly path: string
  /** Sent as JSON by POST; without it the question is a GET. */
  readonly body?: object
}

export interface SinkAnswer {
  readonly status: number
  /** '' where it was too large to be read. */
  readonly text: string
  /** The header of that name: the server's clock. */
  readonly date: string | undefined
}

export interface BatchLimits {
  readonly maxBytes: number
  readonly maxEvents: number
  readonly maxWaitMs: number
}

export interface RunEncoder {
  /** Deals the events of a record to partitions, each event to one run. Without it there is one partition, ''. */
  deal?(read: RecordForSink): readonly DealtRun[]
  /** As `Sink.sizeOf`, of all its events together, and never less of a longer run. Does not look at every event. */
  sizeOf(run: SinkRun): number
  /** Runs of one partition. An answer's outcomes are those of their events, one run after the other. */
  encode(runs: readonly SinkRun[], partition: string): Promise<EncodedRequest>
}

/** Makes requests of what `Sink.describe` once gave for an event: the event itself is gone by then. */
export interface LetterEncoder {
  /** As `Sink.partition`; undefined for what is no preview of such a sink, and cannot be sent. */
  partition(kept: SinkPreview, variant: number): string | undefined
  /** As `Sink.sizeOf`. */
  sizeOf(kept: SinkPreview): number
  /** Letters of one partition, for `Sink.send`. `EncodedRequest.items` are their items, perhaps in another order. */
  encode(letters: readonly KeptLetter[], partition: string): Promise<EncodedRequest>
}

/** The item stands for the letter in what delivery does; its event has nothing but a name and a place. */
export interface KeptLetter {
  readonly kept: SinkPreview
  readonly item: BatchItem
}

/** A run, or a part of one that was dealt: then with what it was dealt with. */
export interface SinkRun extends EventRun {
  readonly deal?: Deal | undefined
}

/** Events of a record that go to one partition, in their order. */
export interface DealtRun extends SinkRun {
  readonly deal: Deal
}

/** What holds for all events of a dealt run. A sink may keep what it knows of them in an object of its own. */
export interface Deal {
  readonly partition: string
  /** `BatchItem.variant` of each of them. */
  readonly variant: number
}

/** One event on its way to one sink. */
export interface BatchItem {
  readonly event: StoredEvent
  /** Requests that carried it so far. */
  attempts: number
  /** An earlier request with it got no answer: the server may have it. */
  unanswered: boolean
  /** How the sink encodes it: 0 as configured; others are the sink's own (Loki: 1 = into the stream with `backlog`). */
  variant: number
  /** Monotonic ms of its first refusal as retryable, for the `stuck` rule. */
  firstRefusedMs: number
}

export interface EncodedRequest {
  /** None where it was made of runs. */
  readonly items: readonly BatchItem[]
  readonly runs?: readonly SinkRun[]
  readonly partition: string
  readonly body: Uint8Array
  /** Bytes before compression. */
  readonly rawBytes: number
  /** Whatever else the sink's `send` needs; opaque to delivery. */
  readonly extra?: unknown
}

export interface SinkPreview {
  /** `create app-logs-2026.11.20 id=…`, or the Loki stream `{job="app"}`. */
  readonly target: string
  /** The document, or the Loki line. */
  readonly body: string
  /** Loki's structured metadata and time, and so on. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** What a sink may use of the agent. */
export interface SinkContext {
  readonly name: string
  readonly clock: Clock
  readonly log: Log
  /** Kept with the cursor over restarts (learned sizes, demoted labels, seen index values). */
  readonly state: SinkState
  /** The disk, for sinks that write files. */
  readonly fileSystem?: FileSystem
  /** Files that its config names (certificates), by path, as they were when the config was checked. */
  readonly files?: ReadonlyMap<string, Buffer>
  /** Standard output, for sinks that write there. */
  readonly output?: TextOutput
  /** Counts a label that was demoted for its cardinality. */
  labelDemoted(): void
}

export interface SinkState {
  get(key: string): unknown
  /** Resolves once the value is on disk, for what must be saved before its first use. */
  set(key: string, value: unknown): Promise<void>
}
