import { join } from 'node:path'
import { sleep } from '../core/clock.ts'
import type { Cancel, Clock } from '../core/clock.ts'
import type { Checkpoint, Chunk } from '../core/chunk.ts'
import type { FileSystem } from '../core/file-system.ts'
import type { SourceCounts } from '../core/ledger.ts'
import type { Log } from '../core/log.ts'
import { Appender, closedError } from './appender.ts'
import type { Buffer as LogBuffer, BufferStats, Cursor, Hole, SinkInBuffer, StoredRecord } from './buffer.ts'
import { Cursors } from './cursor/cursors.ts'
import { findHoles } from './log/find-holes.ts'
import { KnownGaps } from './log/known-gaps.ts'
import type { Damage } from './log/known-gaps.ts'
import { HotRecords } from './log/hot-records.ts'
import type { LogState } from './log/log-state.ts'
import { LogSync } from './log/log-sync.ts'
import type { FsyncMode } from './log/log-sync.ts'
import { LogWriter } from './log/log-writer.ts'
import { openLog } from './open-log.ts'
import type { OpenedLog } from './open-log.ts'
import type { Segments } from './log/segments.ts'
import type { Stretch, StretchOptions } from './look/stretch.ts'
import { notMeantFor } from './sink-bits.ts'
import type { SinkBits } from './sink-bits.ts'
import type { StoredRecordView } from './stored-record.ts'
import { DiskRoom } from './disk-room.ts'
import { PatientDisk } from '../platform/patient-disk.ts'
import { Slabs } from '../core/slabs.ts'
import { Space } from './space.ts'
import { Visibility } from './log/visibility.ts'

const mebibyte = 1024 ** 2
/** Segments of 1/16 of the buffer: what is settled is given back in small parts, and a start scans no more than this. */
const segmentsPerBuffer = 16
const [minSegmentBytes, maxSegmentBytes] = [mebibyte, 32 * mebibyte]
/** The two newest segments are never deleted and two more have to be in motion: below this nothing could be appended. */
const minSegments = 4
const tickMs = 1_000
/** Generations leave after a day; looking each minute is early enough. */
const ticksPerForget = 60

export interface DiskBufferOptions {
  /** data_dir, locked by the caller. */
  readonly directory: string
  readonly maxBytes: number
  /** `always`, `never`, or the interval in ms. */
  readonly fsync: FsyncMode
  readonly retainMs: number
  readonly sinks: readonly SinkInBuffer[]
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly log: Log
  /** Memory for records; of the buffer's own unless a test wants to look on. */
  readonly slabs?: Slabs
  /** Ends the waiting of a start whose disk refuses to read: it rejects then. */
  readonly signal?: AbortSignal | undefined
}

export interface DiskBuffer extends LogBuffer {
  /** What lies in the log now, synced, to be sent again: see `Stretch`. */
  stretch(asked: StretchAsked): Promise<Stretch>
}

export interface StretchAsked extends Pick<StretchOptions, 'from' | 'to' | 'matches'> {
  readonly sink: string
  /** Whether events of a source that were read before the sink existed are meant too. */
  readonly isForNewSink: (source: string) => boolean
}

/**
 * Opens the buffer in `directory`, whatever state a crash or a bad disk left it in. Throws AgentError
 * `data_dir_newer_version`, `data_dir_unreadable` where the disk refuses to read a file for half a minute, or what the
 * disk says when it cannot be written at all.
 */
export async function openDiskBuffer(options: DiskBufferOptions): Promise<DiskBuffer> {
  const log = await openLog(options)
  const buffer = new SegmentedBuffer(options, log)
  try {
    await buffer.begin()
  } catch (error) {
    await buffer.close().catch(() => {})
    throw error
  }
  return buffer
}

class SegmentedBuffer implements DiskBuffer {
  readonly #options: DiskBufferOptions
  readonly #segments: Segments
  readonly #state: LogState
  readonly #sinkBits: SinkBits
  readonly #hot = new HotRecords()
  readonly #sync: LogSync
  readonly #visibility: Visibility
  readonly #writer: LogWriter
  readonly #space: Space
  readonly #appender: Appender
  readonly #cursors: Cursors
  readonly #maxBytes: number
  readonly #gaps = new KnownGaps()
  readonly #underway = new Set<Promise<unknown>>()
  readonly #watchers = new Set<(record: StoredRecord) => void>()
  readonly #closing = new AbortController()
  #hasUnnotedHoles = false
  #cancelTick: Cancel | undefined
  #ticks = 0
  /** All cursors are there: before, every segment would look as if nobody needed it. */
  #hasBegun = false
  #isClosed = false

  constructor(options: DiskBufferOptions, opened: OpenedLog) {
    const { fileSystem, clock, log, fsync } = options
    this.#options = options
    this.#segments = opened.segments
    this.#state = opened.state
    this.#sinkBits = opened.sinkBits
    const segmentBytes = Math.min(
      Math.max(Math.floor(options.maxBytes / segmentsPerBuffer), minSegmentBytes),
      maxSegmentBytes,
    )
    this.#maxBytes = Math.max(options.maxBytes, minSegments * segmentBytes)
    const syncDirectory = (): Promise<void> => fileSystem.syncDirectory(opened.directory)
    this.#sync = new LogSync({
      mode: fsync,
      sequence: this.#state.lastSequence,
      clock,
      syncDirectory,
      onSynced: () => this.#visibility.publish(),
      onBroken: () => void this.#appender.mend(),
    })
    this.#visibility = new Visibility(this.#sync, this.#state.lastSequence)
    const parts = { segments: this.#segments, state: this.#state, sync: this.#sync, hot: this.#hot }
    const slabs = options.slabs ?? new Slabs()
    const common = { ...parts, sinkBits: this.#sinkBits, slabs, clock, log }
    this.#writer = new LogWriter({ ...common, fsync, segmentBytes, syncDirectory })
    this.#cursors = new Cursors({
      ...common,
      visibility: this.#visibility,
      fileSystem,
      files: opened.cursorFiles,
      directory: opened.cursorDirectory,
      onProgress: () => this.#appender.progress(),
      damaged: (damage) => this.#keep(this.#damaged(damage)),
    })
    this.#space = new Space({
      segments: this.#segments,
      holders: () => this.#cursors.held,
      maxBytes: this.#maxBytes,
      retainMs: options.retainMs,
      clock,
      log,
      roll: () => this.#rollAndSync(),
      onDeleted: (oldest) => {
        this.#state.holes.forgetBelow(oldest)
        this.#hot.forgetBelow(oldest)
      },
    })
    const { writer, space, sync, visibility } = this.#parts()
    const room = new DiskRoom({ directory: opened.directory, fileSystem, clock })
    const appended = (record: StoredRecord): void => {
      for (const watcher of this.#watchers) watcher(record)
    }
    this.#appender = new Appender({ writer, space, room, sync, visibility, fsync, clock, log, appended })
  }

  /** The first segment of this run, and the cursors of all sinks: from here on nothing they need can be deleted. */
  async begin(): Promise<void> {
    this.#forgetGone()
    await this.#beginSegment()
    await this.#cursors.begin(this.#options.sinks)
    this.#hasBegun = true
    await this.#sweep()
    this.#scheduleTick()
  }

  /** A disk that is full must not keep the agent from sending what is there, which is what frees it. */
  async #beginSegment(): Promise<void> {
    try {
      await this.#appender.exclusive(() => this.#rollAndSync())
    } catch (error) {
      if (this.#segments.list.length === 0) throw error
      this.#appender.troubled(error)
    }
  }

  append(chunk: Chunk, signal?: AbortSignal): Promise<void> {
    return this.#appender.append(chunk, signal)
  }

  sync(): Promise<void> {
    return this.#sync.patiently()
  }

  checkpoints(): readonly Checkpoint[] {
    return [...this.#state.generations.values()].map((generation) => generation.checkpoint)
  }

  holes(): readonly Hole[] {
    return this.#state.holes.open()
  }

  watch(watcher: (record: StoredRecord) => void): () => void {
    this.#watchers.add(watcher)
    return () => void this.#watchers.delete(watcher)
  }

  async stretch({ sink, isForNewSink, ...asked }: StretchAsked): Promise<Stretch> {
    const { directory, fileSystem } = this.#options
    // With the first replay: a start has no use for what looks into segments.
    const [{ lookAtSegments }, looking] = await Promise.all([
      import('./look/segment-files.ts'),
      import('./look/stretch.ts'),
    ])
    const segments = await lookAtSegments(fileSystem, join(directory, 'buffer'))
    // Ids must survive a power cut before anything is sent.
    await this.sync()
    const notMeant = (record: StoredRecordView): Uint8Array => {
      const bit = this.#sinkBits.bitIn(record.sinkTable, sink)
      if (bit === undefined && isForNewSink(record.source)) return new Uint8Array(Math.ceil(record.count / 8))
      return notMeantFor(record, bit)
    }
    return new looking.Stretch({ ...asked, fileSystem, segments, notMeant })
  }

  sourceCounts(): ReadonlyMap<string, SourceCounts> {
    return this.#state.counts
  }

  async openCursor(sink: SinkInBuffer): Promise<Cursor> {
    const isNew = this.#sinkBits.add(sink.name, (name) => this.#cursors.isHeld(name))
    // Records carry bits, and a segment's header says whose they are: a new list needs a new header.
    if (isNew) await this.#appender.exclusive(() => this.#writer.roll())
    return this.#cursors.open(sink)
  }

  async parkCursor(sink: string): Promise<void> {
    await this.#cursors.park(sink)
    await this.#sweep()
    this.#appender.progress()
  }

  routeBit(sink: string): number {
    const bit = this.#sinkBits.bitOf(sink)
    if (bit === undefined) throw new RangeError(`the buffer knows no sink ${sink}`)
    return bit
  }

  stats(): BufferStats {
    const { state, blockedSinceMs, lastError } = this.#appender.trouble
    const seconds = this.#cursors.held.map((cursor) => cursor.lag().seconds)
    return {
      bytes: this.#segments.totalBytes,
      maxBytes: this.#maxBytes,
      oldestSeconds: Math.max(0, ...seconds),
      state,
      heldBy: state === 'ok' ? [] : this.#space.holdersOfOldest(),
      blockedSinceMs,
      lastError,
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#closing.abort()
    this.#cancelTick?.()
    // Nothing of ours may touch the files after the close: the lock is released then.
    await Promise.all(this.#underway)
    await this.#appender.stop()
    await this.#lastSync()
    await this.#cursors.close()
    await this.#sweep()
    this.#visibility.stop(closedError())
    this.#sync.stop(closedError())
    await this.#writer.close()
  }

  /** Once more if it fails: the next start could not tell that the disk has dropped what the kernel still shows. */
  async #lastSync(): Promise<void> {
    try {
      await this.#sync.now()
    } catch {
      await this.#appender
        .exclusive(() => this.#writer.mend())
        .catch((error: unknown) => {
          this.#options.log.error({ error: String(error) }, 'the end of the buffer cannot be synced')
        })
    }
  }

  #parts() {
    return { writer: this.#writer, space: this.#space, sync: this.#sync, visibility: this.#visibility }
  }

  async #rollAndSync(): Promise<void> {
    await this.#writer.roll()
    await this.#sync.whole()
  }

  async #sweep(): Promise<void> {
    if (!this.#hasBegun) return
    try {
      await this.#space.sweep()
    } catch (error) {
      this.#options.log.warn({ error: String(error) }, 'settled segments cannot be deleted')
    }
  }

  /**
   * Notes which stretches the damage took, in the header of a new segment: a restart must still know them. Tried until it
   * works; false at a close, and then no cursor may be saved beyond the damage, so that the next start meets it again.
   */
  async #damaged(damage: Damage): Promise<boolean> {
    for (;;) {
      if (this.#gaps.has(damage)) return true
      try {
        await this.#examine(damage)
        return true
      } catch (error) {
        const fields = { segments: [damage.first, damage.last], error: String(error) }
        this.#options.log.error(fields, 'damage in the buffer cannot be noted yet')
      }
      await sleep(this.#options.clock, tickMs, this.#closing.signal)
      if (this.#isClosed) return false
    }
  }

  async #examine(damage: Damage): Promise<void> {
    const { first, last } = damage
    const { number: newest } = this.#segments.newest
    const { directory, fileSystem, clock, log } = this.#options
    const { signal } = this.#closing
    const { fileSystem: disk } = new PatientDisk({ directory, fileSystem, clock, log, signal })
    const { holes, gaps } = await findHoles(this.#segments, { ...damage, disk }, this.#state.generations)
    const added = holes.filter(({ hole, segment }) => this.#state.holes.add(hole, segment))
    if (added.length > 0) this.#hasUnnotedHoles = true
    if (this.#hasUnnotedHoles) await this.#appender.exclusive(() => this.#rollAndSync())
    this.#hasUnnotedHoles = false
    const searched = this.#segments.list.filter(
      ({ number }) => number >= first && number <= last && number < newest,
    )
    const numbers = searched.map(({ number }) => number)
    this.#gaps.add(numbers, gaps)
    this.#options.log.error(
      { segments: [first, last], stretches: added.length },
      'a part of the buffer is damaged',
    )
  }

  #scheduleTick(): void {
    this.#cancelTick = this.#options.clock.after(tickMs, () => void this.#keep(this.#tick()))
  }

  /** Lets `close` wait for it. */
  #keep<Result>(work: Promise<Result>): Promise<Result> {
    this.#underway.add(work)
    return work.finally(() => this.#underway.delete(work))
  }

  async #tick(): Promise<void> {
    this.#ticks += 1
    this.#cursors.tick()
    if (this.#ticks % ticksPerForget === 0) this.#forgetGone()
    await this.#sweep()
    if (!this.#isClosed) this.#scheduleTick()
  }

  #forgetGone(): void {
    this.#state.forgetGone(this.#options.clock.now(), this.#cursors.settledSequence)
  }
}
