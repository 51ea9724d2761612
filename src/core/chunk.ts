import type { EncodedEvents } from './encoded-events.ts'
import type { DraftEvent, Instant } from './event.ts'

/** 96 random bits as 24 lower-case hex digits: one file generation, or one run of a stream source. */
export type GenerationId = string

/** A fragment that was read but not yet joined (CRI `P`, multiline): read again on a resume. */
export interface PendingRange {
  /** The generation that holds the bytes: this one, or the one before it at the same path. */
  readonly generation: GenerationId
  readonly from: number
  readonly to: number
  /** 'stdout', 'stderr' or ''. */
  readonly stream: string
}

/** How far one file generation is safely in the buffer, and all that is needed to go on from there. */
export interface Checkpoint {
  readonly source: string
  readonly generation: GenerationId
  /** Path at first sight (links kept): metadata only, never identity. */
  readonly path: string
  readonly device: number
  readonly inode: number
  /** CRC-32 of the first `headLength` bytes; the head grows with the file up to 4 KiB. */
  readonly headLength: number
  readonly headHash: number
  /** Up to 64 bytes right before `offset`: what a file must still hold there to be this generation. */
  readonly mark: Uint8Array
  /** Read on from here. */
  readonly offset: number
  readonly pending: readonly PendingRange[]
  /** What `auto` chose for this generation, '' while undecided; opaque to all but the lane. */
  readonly parser: string
  /** The time of the last event and Loki's copy of it (last + bump), for equal times in a row. */
  readonly lastTime: Instant
  readonly lastBump: number
  /** Wall clock (ms) when the file was found gone, 0 while it lives. Gone and settled generations leave after a day. */
  readonly goneAtMs: number
}

/** A member that all events of a chunk have: a dotted ECS name and its value as JSON text. */
export interface SharedMember {
  readonly name: string
  readonly json: string
}

/** The events of one stretch of one file generation: they travel and are stored together. */
export interface Chunk {
  readonly source: string
  readonly generation: GenerationId
  /** The host's name as it was at the generation's first sight; part of every `_id`. */
  readonly host: string
  /** The stretch `[from, to)` of the file that this chunk accounts for (blank lines and wrappers included). */
  readonly from: number
  readonly to: number
  /** The state after this chunk. */
  readonly checkpoint: Checkpoint
  /** False for a stretch that is read again after damage: it does not move the checkpoint; it counts as read again. */
  readonly moves: boolean
  /** Members of every event, in the order in which documents show them. `host.name` and `log.file.path` come first. */
  readonly shared: readonly SharedMember[]
  readonly events: readonly DraftEvent[]
  /** Events that are encoded already, in the order of their places among the others. */
  readonly encoded?: readonly EncodedEvents[]
  /** Events of this stretch that steps filtered out, and lines that did not parse. */
  readonly filtered: number
  readonly parseErrors: number
  /** Bytes found to be lost since the last chunk of this generation, by reason; usually empty. */
  readonly lost: readonly LostBytes[]
}

/** How many events the chunk has, in either form. */
export function eventCount({ events, encoded = [] }: Pick<Chunk, 'events' | 'encoded'>): number {
  return encoded.reduce((count, run) => count + run.count, events.length)
}

export type LossReason = 'truncated' | 'replaced' | 'deleted' | 'damaged' | 'sink_removed'

export interface LostBytes {
  readonly reason: LossReason
  readonly bytes: number
}
