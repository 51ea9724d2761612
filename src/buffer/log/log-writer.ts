import { Buffer } from 'node:buffer'
import type { Chunk } from '../../core/chunk.ts'
import type { Clock } from '../../core/clock.ts'
import { systemErrorCode } from '../../core/file-system.ts'
import type { File } from '../../core/file-system.ts'
import type { Log } from '../../core/log.ts'
import type { HotRecords } from './hot-records.ts'
import type { LogState } from './log-state.ts'
import type { FsyncMode, LogSync } from './log-sync.ts'
import { RecordEncoder, recordBound } from '../record-codec.ts'
import type { RecordPlace } from '../record-codec.ts'
import { countsBefore, readUnsynced } from './rescue.ts'
import type { Segment, Segments } from './segments.ts'
import type { SinkBits } from '../sink-bits.ts'
import type { Slabs } from '../../core/slabs.ts'
import type { StoredRecordView } from '../stored-record.ts'

export interface LogWriterOptions {
  readonly segments: Segments
  readonly state: LogState
  readonly sync: LogSync
  readonly hot: HotRecords
  readonly slabs: Slabs
  readonly sinkBits: SinkBits
  readonly fsync: FsyncMode
  readonly segmentBytes: number
  readonly syncDirectory: () => Promise<void>
  readonly clock: Clock
  readonly log: Log
}

export interface Written {
  readonly record: StoredRecordView
  readonly segment: Segment
  readonly end: number
  /** Its generation was not known before: it has to be synced before anything of it may be sent. */
  readonly isFirst: boolean
}

const fullCodes = new Set(['ENOSPC', 'EDQUOT'])
export const isDiskFull = (error: unknown): boolean => fullCodes.has(systemErrorCode(error))

/**
 * Writes records at the end of the log. One call at a time (the appender sees to it). A call that throws a system error
 * has written nothing that anybody will read, and may be made again.
 */
export class LogWriter {
  readonly #options: LogWriterOptions
  readonly #encoder: RecordEncoder
  #segment: Segment | undefined
  #file: File | undefined
  /** What a write left half done could not be cut off again: nothing may be written behind it. */
  #isSpoilt = false

  constructor(options: LogWriterOptions) {
    this.#options = options
    this.#encoder = new RecordEncoder(options.slabs)
  }

  /** What a new segment begins with, going by the last one. */
  get headerBytes(): number {
    return this.#segment?.dataStart ?? 0
  }

  get #hasRecords(): boolean {
    return this.#segment !== undefined && this.#segment.size > this.#segment.dataStart
  }

  /** Chunks of different generations, which together fit a slab, or one of any size: one record each, one write for all. */
  async write(chunks: readonly Chunk[]): Promise<Written[]> {
    const { state, sync, sinkBits, clock, segmentBytes } = this.#options
    await this.mend()
    const bound = chunks.reduce((bytes, chunk) => bytes + recordBound(chunk), 0)
    const filled = this.#segment ? this.#segment.size - this.#segment.dataStart : 0
    if (!this.#file || this.#isSpoilt || (this.#hasRecords && filled + bound > segmentBytes))
      await this.roll()
    const [segment, file] = [this.#segment!, this.#file!]
    const places = state.places(chunks, Math.max(0, Math.floor(clock.now())), sinkBits.checksum)
    this.#encoder.reserve(bound)
    const records = chunks.map((chunk, index) => this.#encoder.encode(chunk, places[index]!))
    const at = segment.size
    try {
      await file.write(joined(records), at)
    } catch (error) {
      await this.#cutOff(at, error)
      throw error
    }
    const written = records.map((record, index) => this.#commit(record, chunks[index]!, places[index]!))
    sync.written(state.lastSequence, segment.size)
    return written
  }

  /** The record lies on the disk, behind those that were committed before it. */
  #commit(record: StoredRecordView, chunk: Chunk, place: RecordPlace): Written {
    const { state, hot, segments } = this.#options
    const segment = this.#segment!
    const at = segment.size
    const isFirst = !state.generations.has(chunk.generation)
    state.commit(chunk, place)
    hot.add({ record, segment: segment.number, at })
    segments.grow(segment, at + record.bytes)
    return { record, segment, end: segment.size, isFirst }
  }

  /** Begins a new segment. Its table claims what was written before, so that is synced first. */
  async roll(): Promise<void> {
    const { segments, state, sync, sinkBits, clock, fsync } = this.#options
    if (sync.isBroken) await this.#rescue()
    if (fsync !== 'never') await sync.now()
    await sync.idle()
    const { segment, file } = await segments.create({
      firstSequence: state.lastSequence + 1,
      skippedSequences: state.skippedSequences,
      createdAtMs: Math.max(0, Math.floor(clock.now())),
      sources: {
        sinks: sinkBits.names,
        counts: new Map(state.counts),
        holes: state.holes.all,
      },
      table: state.generations.values(),
    })
    await this.#change(segment, file)
    sync.attach(segment, file, state.lastSequence)
  }

  /**
   * After a failed sync or write: what the segment holds unsynced is written again into a segment of its own, from
   * memory or from what can still be read and passes its checksum, and synced there. The kernel forgets that a page
   * failed once it has told us: syncing the same file again would answer yes and mean nothing.
   */
  async #rescue(): Promise<void> {
    const { segments, state, sync, hot, sinkBits, clock, log } = this.#options
    await sync.idle()
    const broken = this.#segment!
    const syncedEnd = sync.syncedEnd
    const first = sync.syncedSequence + 1
    const records = await readUnsynced(
      { segment: broken, file: this.#file!, from: Math.max(syncedEnd, broken.dataStart), hot },
      { first, last: state.lastSequence },
    )
    const { segment, file } = await segments.create({
      firstSequence: first,
      skippedSequences: 0,
      createdAtMs: Math.max(0, Math.floor(clock.now())),
      sources: { sinks: sinkBits.names, counts: countsBefore(state.counts, records), holes: state.holes.all },
      // No checkpoint table: it would claim records that are not synced yet. A start falls back to the one before.
      table: undefined,
    })
    try {
      await this.#writeAgain(segment, file, records)
    } catch (error) {
      await file.close().catch(() => {})
      // Should the name stay, its records have sequences that a start has seen or still needs: either is right.
      await segments.remove(segment).catch(() => {})
      throw error
    }
    const left = this.#file
    this.#file = undefined
    await this.#shorten(broken, left, Math.max(syncedEnd, Math.min(broken.dataStart, broken.size)))
    await this.#change(segment, file)
    sync.attachSynced(segment, file, state.lastSequence)
    log.warn(
      { path: broken.path, records: records.length },
      'a segment failed; what it held unsynced was written again',
    )
  }

  /** Does nothing while the segment in hand is sound; otherwise brings what it holds to safety and begins a new one. */
  async mend(): Promise<void> {
    if (this.#options.sync.isBroken) await this.roll()
  }

  async close(): Promise<void> {
    await this.#options.sync.idle()
    await this.#file?.close()
    this.#file = undefined
  }

  async #writeAgain(segment: Segment, file: File, records: readonly StoredRecordView[]): Promise<void> {
    const { segments, syncDirectory, hot } = this.#options
    const places: { readonly record: StoredRecordView; readonly at: number }[] = []
    let at = segment.size
    for (const record of records) {
      await file.write(record.raw, at)
      places.push({ record, at })
      at += record.bytes
    }
    await file.datasync()
    await syncDirectory()
    segments.grow(segment, at)
    segment.end = at
    for (const { record, at: place } of places) {
      const known = hot.get(record.sequence)
      if (!known) continue
      known.segment = segment.number
      known.at = place
    }
  }

  /** Takes away what is in another segment now. Should that fail, its sequences tell that it is known already. */
  async #shorten(segment: Segment, file: File | undefined, size: number): Promise<void> {
    segment.end = size
    // Even if it cannot be cut: nobody is to read on, as its records would be counted once more or as damaged.
    this.#options.segments.grow(segment, size)
    try {
      await file?.truncate(size)
    } catch (error) {
      this.#options.log.debug(
        { path: segment.path, error: String(error) },
        'a failed segment cannot be shortened',
      )
    }
    await file?.close().catch(() => {})
  }

  async #change(segment: Segment, file: File): Promise<void> {
    const before = this.#file
    this.#segment = segment
    this.#file = file
    this.#isSpoilt = false
    // All that it held is synced or, with `never`, was never meant to be: an error of close tells nothing more.
    await before?.close().catch(() => {})
  }

  /** Takes back a write that failed, so that the segment ends with a whole record again. */
  async #cutOff(size: number, error: unknown): Promise<void> {
    const isShortened = await this.#file!.truncate(size).then(
      () => true,
      () => false,
    )
    this.#isSpoilt = !isShortened
    if (isDiskFull(error)) return
    // EIO and its like: what was written before and is not synced is in doubt as well.
    this.#isSpoilt = true
    if (this.#options.fsync !== 'never') this.#options.sync.breakOff(error)
  }
}

/** The bytes of records that were encoded one behind the other, as one piece. */
function joined(records: readonly StoredRecordView[]): Buffer {
  const { raw } = records[0]!
  if (records.length === 1) return raw
  const bytes = records.reduce((sum, record) => sum + record.bytes, 0)
  return Buffer.from(raw.buffer, raw.byteOffset, bytes)
}
