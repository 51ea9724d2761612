import type { GenerationId, PendingRange, SharedMember } from '../core/chunk.ts'
import type { ContainerFacts } from '../core/containers.ts'
import type { DraftEvent, Instant } from '../core/event.ts'
import type { EncodedEvents } from '../core/encoded-events.ts'
import type { Encoding } from '../core/encoding.ts'

/** One way to turn bytes into events. A lane is built for one source by the plan, and opened for each file generation. */
export interface Lane {
  readonly kind: 'general' | 'fast'
  /** The setting that asks for the general lane; undefined for the fast one. */
  readonly because?: string
  /** What is configured for files without a byte order mark; undefined for UTF-8. */
  readonly encoding?: Encoding | undefined
  /** So far before a stretch an event may begin that reaches into it: who reads a stretch again begins there. */
  readonly lookBackBytes?: number
  /** Of a fast lane: the one that makes the same events as drafts, for what is rare (damage) or looked at (`test`). */
  readonly general?: Lane
  open(origin: Origin): FileLane
  /** What went wrong in the steps since the lane was made: how often, and the last of it. */
  stepTroubles?(): { readonly errors: number; readonly last: string }
}

/** An event that a step has filtered out. */
export interface FilteredEvent {
  readonly from: number
  readonly to: number
  /** The step, as `steps[0] (drop)`. */
  readonly by: string
}

/** Where lines come from. */
export interface Origin {
  readonly generation: GenerationId
  /** '' for stdin. Links kept: what people wrote in `include`. */
  readonly path: string
  /** What is known of the container that writes the file, where there is one. */
  readonly container?: ContainerFacts | undefined
  /** From the checkpoint on a resume: what `auto` chose, and the last event's time. */
  readonly resume?: { readonly parser: string; readonly lastTime: Instant; readonly lastBump: number }
}

/** The lane's state for one file generation. Not re-entrant. All calls are synchronous and do no I/O. */
export interface FileLane {
  /** Members of every event of this generation; `host.name`, `log.file.path` first, then kubernetes.*, then constants. */
  readonly shared: readonly SharedMember[]
  /** The host name that ids are made of (also where `enrich.host` is off). */
  readonly host: string
  /**
   * Events of whole lines. `block.bytes` must stay as it is until their chunk is appended: lines of the events may be views
   * into it. Returns 'wait' while `auto` wants more lines and `mayWait` is true.
   */
  process(block: LineBlock, mayWait: boolean): LaneResult | 'wait'
  /** Takes back a fragment that the checkpoint listed as pending, before the first `process` of a resume. */
  resume(range: PendingRange, bytes: Uint8Array, encoding?: Encoding): void
  /** Monotonic ms at which pending fragments have waited long enough, or undefined for none. */
  deadline(): number | undefined
  /** Events of the fragments that waited too long, or of all of them if `everything` (end of file life, `--once`). */
  flush(everything: boolean): LaneResult
  /** Drops what waits: somebody else has taken it over. */
  release?(): void
  /** The chunk with these events is in the buffer, nobody will look at them again. Not to call it costs memory only. */
  recycle?(events: readonly DraftEvent[]): void
}

export interface LineBlock {
  /** Whole lines (the last one with its newline unless `partial`), no BOM handling done yet. */
  readonly bytes: Uint8Array
  /** Where `bytes` starts in the file generation. */
  readonly from: number
  /** Where the stretch ends: `from + bytes.length`, or further for a line that was cut. */
  readonly to: number
  /** Undefined for UTF-8. */
  readonly encoding?: Encoding | undefined
  /** The block is one line that was cut at max_line_bytes. */
  readonly truncated?: boolean
  /** The block is one line whose newline has not come. */
  readonly partial?: boolean
}

export interface LaneResult {
  readonly events: readonly DraftEvent[]
  /** Events that are encoded already, each run in its place among the others. */
  readonly encoded?: readonly EncodedEvents[]
  /** Fragments still waiting, for the checkpoint. */
  readonly pending: readonly PendingRange[]
  readonly parser: string
  readonly lastTime: Instant
  readonly lastBump: number
  readonly filtered: number
  readonly parseErrors: number
}
