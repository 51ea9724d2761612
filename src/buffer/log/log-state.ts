import { Buffer } from 'node:buffer'
import { eventCount } from '../../core/chunk.ts'
import type { Checkpoint, Chunk, GenerationId, LossReason } from '../../core/chunk.ts'
import { newSourceCounts } from '../../core/ledger.ts'
import type { SourceCounts } from '../../core/ledger.ts'
import { limits } from '../../core/limits.ts'
import type { GenerationState, Preamble, SourcesBlock } from '../format/segment-header.ts'
import { Holes } from './holes.ts'
import type { RecordPlace } from '../record-codec.ts'
import type { StoredRecordView } from '../stored-record.ts'

/**
 * What the log says in all: the newest checkpoint of each generation, the read counters, the last sequence. Records move
 * it, one after the other; every segment begins with a copy.
 */
export class LogState {
  readonly holes = new Holes()
  #lastSequence = 0
  #lastAccepted = 0
  /** False when records were found but no table: then unknown generations may have begun before the oldest record. */
  isComplete = true
  readonly #generations = new Map<GenerationId, GenerationState>()
  readonly #counts = new Map<string, SourceCounts>()

  get counts(): ReadonlyMap<string, SourceCounts> {
    return this.#counts
  }

  /** No sequence up to here is given again. */
  get lastSequence(): number {
    return this.#lastSequence
  }

  /** So many of the last sequences were passed over (`skipTo`), with no record since. */
  get skippedSequences(): number {
    return this.#lastSequence - this.#lastAccepted
  }

  /** Records that could not be read, or are gone, may bear the sequences up to this one. */
  skipTo(sequence: number): void {
    this.#lastSequence = Math.max(this.#lastSequence, sequence)
  }

  /** Oldest first. */
  get generations(): ReadonlyMap<GenerationId, GenerationState> {
    return this.#generations
  }

  /** Takes over what a segment's header says, which is all that was read up to its first record. */
  load(sources: SourcesBlock, table: readonly GenerationState[], preamble: Preamble): void {
    this.#lastSequence = preamble.firstSequence - 1
    // Kept on, until a record comes: a segment without any is removed though older ones stay.
    this.#lastAccepted = this.#lastSequence - preamble.skippedSequences
    for (const [source, counts] of sources.counts) this.#counts.set(source, counts)
    for (const state of table) this.#generations.set(state.checkpoint.generation, state)
    this.holes.load(sources.holes)
  }

  /**
   * The places that chunks of different generations get in the log, one behind the other. Nothing moves yet: the write may
   * fail.
   */
  places(chunks: readonly Chunk[], appendedAtMs: number, sinkTable: number): RecordPlace[] {
    const counts = new Map<string, SourceCounts>()
    return chunks.map((chunk, index) => {
      const { source, generation } = chunk
      const known = this.#generations.get(generation)
      const before = counts.get(source) ?? this.#counts.get(source) ?? newSourceCounts()
      const after = countsAfter(before, chunk)
      counts.set(source, after)
      return {
        sequence: this.#lastSequence + 1 + index,
        appendedAtMs,
        sinkTable,
        counts: after,
        generationStart: known?.start ?? chunk.from,
        previousEnd: known?.end ?? chunk.from,
      }
    })
  }

  /** The chunk is in the log at that place. */
  commit(chunk: Chunk, place: RecordPlace): void {
    this.#counts.set(chunk.source, place.counts)
    this.#accept(place.sequence)
    if (!chunk.moves) this.holes.close(chunk)
    for (const { reason, bytes } of chunk.lost) {
      if (reason === 'damaged') this.holes.giveUp(chunk.generation, bytes)
    }
    if (chunk.moves) {
      this.#generations.set(chunk.generation, {
        checkpoint: withOwnMark(chunk.checkpoint),
        start: place.generationStart,
        end: chunk.to,
        lastSequence: place.sequence,
      })
    } else this.#touch(chunk.generation, place.sequence)
  }

  /** The same for a record that is found in the log again. Returns the stretch that is missing before it, if any. */
  replay(record: StoredRecordView): { from: number; to: number } | undefined {
    const damagedBefore = this.#counts.get(record.source)?.lostBytes.damaged ?? 0
    this.#counts.set(record.source, record.counts)
    this.#accept(record.sequence)
    const givenUp = (record.counts.lostBytes.damaged ?? 0) - damagedBefore
    if (!record.moves) {
      this.holes.close(record)
      this.#touch(record.generation, record.sequence)
    }
    if (givenUp > 0) this.holes.giveUp(record.generation, givenUp)
    if (!record.moves) return undefined
    const known = this.#generations.get(record.generation)
    const missing = known || this.isComplete ? stretchBefore(record, known?.end) : undefined
    this.#generations.set(record.generation, {
      checkpoint: record.checkpoint,
      start: record.generationStart,
      end: record.to,
      lastSequence: record.sequence,
    })
    return missing
  }

  /**
   * A cursor has counted more events of a source than the log has records for (an unsynced tail is gone after a power
   * cut). They were read: without this the ledger would have more settled than read.
   */
  raise(source: string, readEvents: number): void {
    const counts = this.#counts.get(source) ?? newSourceCounts()
    if (counts.readEvents < readEvents) this.#counts.set(source, { ...counts, readEvents })
  }

  /** Generations that are gone for a day and settled by all (`settledSequence`) leave: the table must not grow for ever. */
  forgetGone(nowMs: number, settledSequence: number): void {
    for (const [generation, { checkpoint, lastSequence }] of this.#generations) {
      const { goneAtMs } = checkpoint
      if (goneAtMs === 0 || nowMs - goneAtMs < limits.goneGenerationMs) continue
      if (lastSequence > settledSequence) continue
      this.#generations.delete(generation)
      this.holes.forget(generation)
    }
  }

  #accept(sequence: number): void {
    this.#lastSequence = sequence
    this.#lastAccepted = sequence
  }

  #touch(generation: GenerationId, lastSequence: number): void {
    const known = this.#generations.get(generation)
    if (known) this.#generations.set(generation, { ...known, lastSequence })
  }
}

/** The stretch between where a generation's known records ended (undefined: none is known) and where this one joins on. */
export function stretchBefore(
  record: StoredRecordView,
  end: number | undefined,
): { from: number; to: number } | undefined {
  const from = end ?? record.generationStart
  return from < record.previousEnd ? { from, to: record.previousEnd } : undefined
}

function countsAfter(before: SourceCounts, chunk: Chunk): SourceCounts {
  const lostBytes: Partial<Record<LossReason, number>> = { ...before.lostBytes }
  for (const { reason, bytes } of chunk.lost) lostBytes[reason] = (lostBytes[reason] ?? 0) + bytes
  return {
    readBytes: before.readBytes + chunk.to - chunk.from,
    readEvents: before.readEvents + eventCount(chunk) + chunk.filtered,
    parseErrors: before.parseErrors + chunk.parseErrors,
    lostBytes,
  }
}

/**
 * A mark that is a view into a larger buffer, as those of Node are, would keep all of that, and change with it. A bare one is
 * its own and shared; to look at its `buffer` would move it out of V8's heap, which took 300 bytes for each of 10,000 files.
 */
const withOwnMark = (checkpoint: Checkpoint): Checkpoint =>
  Buffer.isBuffer(checkpoint.mark) ? { ...checkpoint, mark: new Uint8Array(checkpoint.mark) } : checkpoint
