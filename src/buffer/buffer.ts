import type { Buffer as NodeBuffer } from 'node:buffer'
import type { Checkpoint, Chunk, GenerationId } from '../core/chunk.ts'
import type { Body, Edit, Instant, Severity } from '../core/event.ts'
import type { DropReason, SinkCounts, SourceCounts } from '../core/ledger.ts'
import type { SharedMember } from '../core/chunk.ts'

/** The disk buffer as the rest of the agent sees it: one append-only log, many cursors. */
export interface Buffer {
  /**
   * Appends one chunk as one record. Resolves once the record is written and counted, which is when cursors see it, but for
   * the first record of a generation and what follows it: they see that once it is synced too, as ids must survive a power
   * cut before anything is sent. Where too many wait for that, `append` waits with them, and with `fsync: "always"` always.
   * While the buffer or the disk is full it waits. Rejects only after `close`, or where it would have to wait and `signal`
   * is aborted, with nothing written.
   */
  append(chunk: Chunk, signal?: AbortSignal): Promise<void>
  /** Resolves when all that was appended so far is synced (grouped with other waiters). */
  sync(): Promise<void>
  /** The newest checkpoint of every live generation, oldest generation first. */
  checkpoints(): readonly Checkpoint[]
  /** Stretches whose record is damaged: to be read again where the file still exists, or reported as lost. */
  holes(): readonly Hole[]
  /** Read counters of each source, including all that was appended. */
  sourceCounts(): ReadonlyMap<string, SourceCounts>
  /** The cursor of a sink, at its saved place, or at the end of the buffer for a sink that was never seen. */
  openCursor(sink: SinkInBuffer): Promise<Cursor>
  /** Removes a sink's hold on the buffer; its cursor file stays, and is resumed when the name returns. */
  parkCursor(sink: string): Promise<void>
  /** Bit number of a sink in the `routes` of events appended from now on. */
  routeBit(sink: string): number
  stats(): BufferStats
  /**
   * Calls `watcher` with each record that is appended from now on, in the same turn: its bytes may be another one's later,
   * and it must not throw. Returns what ends it.
   */
  watch(watcher: (record: StoredRecord) => void): () => void
  close(): Promise<void>
}

export interface SinkInBuffer {
  readonly name: string
  readonly whenFull: 'block' | 'drop_oldest'
}

export interface Hole {
  readonly generation: GenerationId
  readonly from: number
  readonly to: number
}

export interface BufferStats {
  readonly bytes: number
  readonly maxBytes: number
  /** Age of the oldest record that some sink still needs, 0 for none. */
  readonly oldestSeconds: number
  /** `full`: max_bytes reached, `disk_full`: ENOSPC, `failing`: EIO and the like. Reading stops in all three. */
  readonly state: 'ok' | 'full' | 'disk_full' | 'failing'
  /** Sinks that hold the oldest segment while the state is not ok. */
  readonly heldBy: readonly string[]
  /** Monotonic ms since when `append` has been waiting, or undefined. */
  readonly blockedSinceMs: number | undefined
  readonly lastError: string | undefined
}

/** One sink's way through the buffer. One user at a time: calls to `next` are not made concurrently. */
export interface Cursor {
  readonly sink: string
  /** Counters by source, saved together with the position. Changed by `settle`, and by the dead letters. */
  readonly counts: Map<string, SinkCounts>
  /** Small JSON that the sink wants kept (demoted labels, learned sizes). Saved with the cursor, 64 KiB at most. */
  state: Record<string, unknown>
  /**
   * The next record that has events for this sink, or undefined at the end or while 64 MiB stand open. Events of other
   * sinks and filtered ones are counted on the way. Events that were settled before a restart are left out. Rejects with
   * what the disk says while it cannot read; nothing is passed over then, and it is to be called again after a while.
   */
  next(): Promise<RecordForSink | undefined>
  /** So much stands open that `next` gives nothing until some of it is settled. */
  readonly isFull: boolean
  /** Resolves when `next` may give something again, or when `signal` aborts. */
  more(signal: AbortSignal): Promise<void>
  /**
   * One event is done with, and must not be read any more: once all of its record are, that memory is another record's.
   * Late calls (settled already, or skipped by drop_oldest) return false and change nothing.
   */
  settle(event: StoredEvent, as: Settlement): boolean
  /** The same for each event of the run that is not settled yet; returns how many these were. */
  settleRun(run: EventRun, as: Settlement): number
  /** Called with the records that drop_oldest skipped, after they were counted: cancel their requests. */
  onSkip(listener: (records: readonly StoredRecord[]) => void): void
  /** Events not yet settled, the age of the oldest of them in seconds, and how many were handed out by `next`. */
  lag(): { readonly events: number; readonly seconds: number; readonly handedOut: number }
  /** Saves position, bitmaps, counters and state now, after syncing what they rest on. */
  save(): Promise<void>
  close(): Promise<void>
}

export type Settlement = 'acknowledged' | 'dead_lettered' | 'filtered' | { readonly dropped: DropReason }

export interface RecordForSink {
  readonly record: StoredRecord
  /** Indexes of the events that this sink has yet to settle, ascending. */
  readonly events: readonly number[]
}

/** Events `[first, end)` of a record; or, where an order is given, those with the indexes `order[first]` to `order[end - 1]`. */
export interface EventRun {
  readonly record: StoredRecord
  readonly first: number
  readonly end: number
  readonly order?: Uint32Array | undefined
}

/** A record as read back: decoding never asks the config. */
export interface StoredRecord {
  readonly sequence: number
  readonly source: string
  readonly generation: GenerationId
  readonly host: string
  readonly from: number
  readonly to: number
  readonly shared: readonly SharedMember[]
  readonly count: number
  /** Bytes on disk. */
  readonly bytes: number
  /** Bytes of what belongs to the events `[first, end)`: lines, members, edits, ids. Costs the same for one and for all. */
  textBytes(first: number, end: number): number
  /** `unused`: a view that nobody looks at any more may be turned to this event. */
  event(index: number, unused?: StoredEvent): StoredEvent
}

/** A view on one event inside its record: getters read the record's bytes, nothing is copied. */
export interface StoredEvent {
  readonly record: StoredRecord
  readonly index: number
  readonly from: number
  readonly to: number
  readonly time: Instant
  /** Of `time`, without making an object. */
  readonly seconds: number
  readonly nanos: number
  readonly precision: number
  /** Bits of the sinks that it goes to. */
  readonly routes: number
  readonly bump: number
  readonly severity: Severity
  readonly flags: number
  readonly body: Body
  readonly line: Uint8Array
  /** Of `line`, without making a view on it. */
  readonly lineLength: number
  readonly traceId: string
  readonly spanId: string
  /** The record's bytes, with where they hold the line and the ids: for who copies these, without a view or a string. */
  readonly bytes: NodeBuffer
  readonly lineAt: number
  readonly traceAt: number
  readonly traceLength: number
  readonly spanAt: number
  readonly spanLength: number
  readonly members: string
  readonly edits: readonly Edit[]
  readonly suppressed: number
}
