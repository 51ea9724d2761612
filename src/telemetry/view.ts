import type { BufferStats } from '../buffer/buffer.ts'
import type { SinkCounts, SourceCounts } from '../core/ledger.ts'
import type { FileStatus, UnreadablePath } from '../sources/source.ts'

/** What the agent shows of itself. Admin, metrics, `status` and the `--once` report read it; nothing else reaches inside. */
export interface AgentView {
  readonly version: string
  /** True once sources are open and the buffer is writable. */
  readonly isReady: boolean
  /** True while `data_dir` could be written at the last try. */
  readonly dataDirWritable: boolean
  readonly readerFailure: string | undefined
  sources(): readonly SourceStatus[]
  files(): readonly FileStatus[]
  /** Files that match and cannot be read, and folders that cannot be listed. */
  unreadable(): readonly UnreadablePath[]
  buffer(): BufferStats
  sinks(): readonly SinkStatus[]
  /** Undefined where `enrich.kubernetes` asks nobody. */
  kubernetes(): PodsStatus | undefined
  /**
   * Bytes lost by source as the counters stood when the buffer was opened, before sources looked at their files: health
   * shows what was lost since. Without it health takes the counters as they are when the admin server starts.
   */
  lostBytesAtStart?(): ReadonlyMap<string, number>
}

export interface SourceStatus {
  readonly name: string
  readonly counts: SourceCounts
  /** How long reading has stood still in all because the buffer was full, in seconds. */
  readonly blockedSeconds: number
  readonly lane: 'general' | 'fast'
  /** The setting that asks for the general lane. */
  readonly laneReason: string
  /** Conditions that could not be evaluated and patterns that took too long, since the lanes were made, and the last of it. */
  readonly stepTroubles: { readonly errors: number; readonly last: string }
}

/** What is known of the pods of this node. */
export interface PodsStatus {
  /** Whose pods are watched. */
  readonly node: string
  /** `starting`: nothing has been heard of the API yet. */
  readonly state: 'starting' | 'watching' | 'failing'
  /** Monotonic ms since when the API server could not be asked, or undefined. */
  readonly failingSinceMs: number | undefined
  readonly lastError: string | undefined
  /** Pods that are on the node now. */
  readonly pods: number
  /** Requests that came to nothing. */
  readonly errors: number
  /** Pods whose lines went on without what the API tells, after the wait. */
  readonly unknownPods: number
}

export interface SinkStatus {
  readonly name: string
  readonly type: string
  /** `ok`; `retrying`: the last request failed and is tried again; `holding`: the operator has to act; `stopped`. */
  readonly state: 'ok' | 'retrying' | 'holding' | 'stopped'
  /** Monotonic ms since when no request has succeeded while there was one to send, or undefined. */
  readonly failingSinceMs: number | undefined
  readonly lagEvents: number
  readonly lagSeconds: number
  readonly inFlight: number
  /** Redacted and cut; for people. */
  readonly lastError: string | undefined
  /** By source. */
  readonly counts: ReadonlyMap<string, SinkCounts>
  readonly deadLettered: Readonly<Record<string, number>>
  readonly deadLettersStored: number
  /** 0 to 1 of `dead_letters.max_bytes`. */
  readonly deadLettersFull: number
  readonly possibleDuplicates: number
  /** Events that a command sent again and that the sink took, dead letters among them: outside the ledger. */
  readonly replayed: number
  /** Accepted events worth a number of their own: `failure_store`, `already_there` (a 409 without an earlier attempt). */
  readonly notes?: Readonly<Record<string, number>>
  readonly retries: number
  readonly labelDemotions: number
  readonly requests: Readonly<Record<string, number>>
}

/** What delivery reports as it happens; the rest is read from the view when somebody asks. */
export interface SinkMeter {
  /** One request ended: its code (`200`, `timeout`, `reset`, …) and how long it took. */
  request(code: string, seconds: number): void
}
