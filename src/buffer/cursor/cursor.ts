import { Buffer } from 'node:buffer'
import type { Clock } from '../../core/clock.ts'
import { sleep } from '../../core/clock.ts'
import type { SinkCounts } from '../../core/ledger.ts'
import { limits } from '../../core/limits.ts'
import type { Log } from '../../core/log.ts'
import type {
  Cursor,
  EventRun,
  RecordForSink,
  Settlement,
  SinkInBuffer,
  StoredEvent,
  StoredRecord,
} from '../buffer.ts'
import type { CursorFile } from './cursor-file.ts'
import { CursorLedger } from './cursor-ledger.ts'
import { CursorReader } from './cursor-reader.ts'
import type { FoundRecord, ReadableLog } from './cursor-reader.ts'
import { CursorWindow, isSettled } from './cursor-window.ts'
import { encodeCursor } from '../format/cursor-codec.ts'
import type { CursorState } from '../format/cursor-codec.ts'
import type { Damage } from '../log/known-gaps.ts'
import type { LogState } from '../log/log-state.ts'
import type { LogSync } from '../log/log-sync.ts'
import type { Segment } from '../log/segments.ts'
import { notMeantFor } from '../sink-bits.ts'
import type { SinkBits } from '../sink-bits.ts'
import type { StoredRecordView } from '../stored-record.ts'
import { Turns } from '../turns.ts'
import { Waiters } from './waiters.ts'

/** Beside its bytes, what bounds a cursor's file. */
const maxOpenRecords = 32_768
const maxStateBytes = 64 * 1024
const retryMs = 1_000

/** What a cursor uses of the log. */
export interface CursorLog extends ReadableLog {
  readonly state: LogState
  readonly sync: LogSync
  readonly sinkBits: SinkBits
  readonly clock: Clock
  readonly log: Log
  /** Called when a cursor holds less than before. */
  onProgress(): void
  /** Damage was met: finds the stretches, and resolves once they are noted on disk, or cannot be. */
  damaged(damage: Damage): Promise<boolean>
}

type SkipListener = (records: readonly StoredRecord[]) => void

/** One sink's way through the log: what it was given, what of it is settled, and the counters that must add up with it. */
export class DiskCursor implements Cursor {
  readonly sink: string
  state: Record<string, unknown>
  whenFull: SinkInBuffer['whenFull']
  readonly #log: CursorLog
  readonly #file: CursorFile
  readonly #reader: CursorReader
  readonly #window = new CursorWindow()
  readonly #ledger: CursorLedger
  readonly #turns = new Turns()
  readonly #saves = new Turns()
  readonly #waiters = new Waiters()
  readonly #unsubscribe: () => void
  readonly #skipListeners: SkipListener[] = []
  /** The segment of the last record that was met. */
  #lastSegment: number
  /** `next` found nothing up to this sequence. */
  #reached = -1
  /** Since when something waits to be read, as far as is known without reading it; 0 if nothing does. */
  #waitingSinceMs = 0
  #damagePending = 0
  #savedBody: Buffer | undefined
  #isSaving = false
  #isClosed = false
  #isRetired = false

  constructor(sink: SinkInBuffer, from: CursorState, file: CursorFile, log: CursorLog) {
    this.sink = sink.name
    this.whenFull = sink.whenFull
    this.#log = log
    this.#file = file
    this.state = { ...from.state }
    this.#lastSegment = from.base.segment
    const { segment, offset, sequence } = from.base
    const oldest = log.segments.list[0]
    // Only a sink that nobody asked could lose its place to a segment that was deleted by rule.
    const isRemoved = from.isParked && oldest !== undefined && oldest.number > segment
    this.#ledger = new CursorLedger(from, isRemoved ? 'sink_removed' : 'damaged')
    const start = { segment, offset, lastRead: sequence - 1 }
    this.#reader = new CursorReader(log, start, (entered) => this.#entered(entered))
    this.#unsubscribe = log.visibility.subscribe(() => {
      if (this.#waitingSinceMs === 0) this.#waitingSinceMs = log.clock.now()
      this.#waiters.look()
    })
  }

  get counts(): Map<string, SinkCounts> {
    return this.#ledger.counts
  }

  /** The segment of the oldest record that is not settled. */
  get baseSegment(): number {
    return this.#window.front?.segment ?? this.#reader.place.segment
  }

  /** The oldest segment that a start could need, by what is on disk. */
  get savedSegment(): number {
    return this.#file.floorSegment
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  /** All that is in the log is settled. */
  get isDone(): boolean {
    return (
      this.#window.size === 0 &&
      Math.max(this.#reader.lastRead, this.#reached) >= this.#log.state.lastSequence
    )
  }

  /** Generations whose last record is at or below this are settled. */
  get settledSequence(): number {
    return this.#base().sequence - 1
  }

  /** Looks at the first record, so that `lag` knows its age before anybody calls `next`. */
  async begin(): Promise<void> {
    // In its turn: the space may already ask this cursor to skip, and two that read at once would take a record twice.
    // What the disk says against it, `next` will say again, to somebody who waits and tells people.
    await this.#turns.run(() => this.#reader.peek()).catch(() => {})
  }

  next(): Promise<RecordForSink | undefined> {
    return this.#turns.run(() => this.#next())
  }

  more(signal: AbortSignal): Promise<void> {
    return this.#waiters.until(() => this.#isClosed || this.#mayHaveMore(), signal)
  }

  settle({ record, index }: StoredEvent, as: Settlement): boolean {
    return this.#settle(record.sequence, { first: index, end: index + 1 }, as) === 1
  }

  settleRun(run: EventRun, as: Settlement): number {
    return this.#settle(run.record.sequence, run, as)
  }

  #settle(sequence: number, run: Omit<EventRun, 'record'>, as: Settlement): number {
    const open = this.#isClosed ? undefined : this.#window.find(sequence)
    const events = open ? this.#window.settle(open, run) : 0
    if (!open || events === 0) return 0
    this.#ledger.settle(open.source, events, as)
    if (open.unsettled === 0 && this.#window.advance()) this.#progress()
    return events
  }

  onSkip(listener: SkipListener): void {
    this.#skipListeners.push(listener)
  }

  lag(): { readonly events: number; readonly seconds: number; readonly handedOut: number } {
    const events = this.#ledger.unsettledEvents(this.#log.state.counts)
    const oldestMs =
      this.#window.front?.appendedAtMs ?? this.#reader.ahead?.record.appendedAtMs ?? this.#waitingSinceMs
    const seconds = events > 0 && oldestMs > 0 ? Math.max(0, (this.#log.clock.now() - oldestMs) / 1000) : 0
    return { events, seconds, handedOut: this.#window.unsettled }
  }

  async save(): Promise<void> {
    for (;;) {
      if (this.#isClosed) throw new Error(`the cursor of ${this.sink} is closed`)
      if (await this.trySave()) return
      await sleep(this.#log.clock, retryMs)
    }
  }

  /** Syncs and saves; false when the disk refuses, or while damage is still being noted. */
  async trySave(isParked = false): Promise<boolean> {
    try {
      await this.#log.sync.now()
      if (this.#damagePending > 0 || this.#isRetired) return false
      await this.#saves.run(() => this.#save(isParked))
      return true
    } catch (error) {
      this.#log.log.warn({ sink: this.sink, error: String(error) }, 'a cursor cannot be saved')
      return false
    }
  }

  /** Each second: saves what has changed, once it is synced by the interval's own sync. */
  tick(): void {
    if (this.#isSaving || this.#isClosed || this.#damagePending > 0) return
    this.#isSaving = true
    this.#saves
      .run(() => this.#save(false))
      .catch((error: unknown) => {
        this.#log.log.warn({ sink: this.sink, error: String(error) }, 'a cursor cannot be saved')
      })
      .finally(() => {
        this.#isSaving = false
      })
  }

  /** drop_oldest: settles all of the log up to the end of a segment as dropped. */
  skipPast(segment: number): Promise<void> {
    return this.#turns.run(async () => {
      const skipped: StoredRecordView[] = []
      while (this.#window.front && this.#window.front.segment <= segment) {
        const { source, unsettled, record } = this.#window.takeFront()!
        this.#ledger.drop(source, unsettled, 'buffer_full')
        if (record) skipped.push(record)
      }
      // Before the disk is asked for the rest, which it may refuse: these are counted, and must not be sent any more.
      if (skipped.length > 0) for (const listener of this.#skipListeners) listener(skipped)
      for (;;) {
        const found = await this.#reader.peek(segment)
        if (!found) break
        const { source } = found.record
        this.#ledger.drop(source, this.#take(found).length, 'buffer_full')
        // Nobody was given it, so its memory need not wait for the garbage collector.
        if (this.#window.find(found.record.sequence)) this.#window.takeFront()?.record?.release()
      }
      this.#reader.leave(segment)
      this.#progress()
    })
  }

  get isFull(): boolean {
    return !this.#hasRoom()
  }

  /** What would be saved now. */
  snapshot(isParked = false): CursorState {
    return {
      isParked,
      base: this.#base(),
      lastRead: Math.max(this.#reader.lastRead, this.#ledger.restoredUpTo),
      seen: this.#ledger.seen,
      counts: this.counts,
      open: [...this.#window.states(), ...this.#ledger.restored],
      state: this.state,
    }
  }

  async close(isParked = false): Promise<void> {
    if (this.#isClosed) return
    await this.trySave(isParked)
    await this.release()
  }

  /** Another cursor goes on from the snapshot that this returns; what this one would save is out of date from here on. */
  retire(): CursorState {
    this.#isRetired = true
    return this.snapshot()
  }

  /** Stops without saving. What stands open can still be saved, or handed on by `retire`. */
  async release(): Promise<void> {
    this.#isClosed = true
    this.#unsubscribe()
    this.#waiters.look()
    await this.#turns.idle()
    // A save that waits for the interval's sync would hold us up for as long.
    await this.#log.sync.now().catch(() => {})
    await this.#saves.idle()
    await this.#reader.close().catch(() => {})
  }

  async #next(): Promise<RecordForSink | undefined> {
    for (;;) {
      if (this.#isClosed || !this.#hasRoom()) return undefined
      const visible = this.#log.visibility.sequence
      const found = await this.#reader.peek()
      if (!found) {
        this.#reached = visible
        return undefined
      }
      const events = this.#take(found)
      if (events.length > 0) return { record: found.record, events }
      if (this.#window.size === 0) this.#progress()
    }
  }

  /** Counts what the record brings and opens it; returns the events that are still to be settled. */
  #take(found: FoundRecord): number[] {
    const expected = this.#reader.lastRead + 1
    this.#reader.take(found)
    const events = this.#met(found, expected)
    // The window retains what is open.
    found.record.release()
    return events
  }

  #met(found: FoundRecord, expected: number): number[] {
    const { record } = found
    const { sequence, source } = record
    this.#waitingSinceMs = sequence < this.#log.visibility.sequence ? record.appendedAtMs : 0
    const firstLost = this.#ledger.loseRestoredBelow(sequence)
    const restored = this.#ledger.takeRestored(sequence)
    const isOther = restored !== undefined && restored.count !== record.count
    if (isOther) this.#ledger.loseOpen(restored)
    // Passed before the restart, if only to be left open, or damaged then and counted.
    const isKnown = sequence <= this.#ledger.restoredUpTo
    const missing = isKnown
      ? 0
      : this.#ledger.meet(source, record.readEvents - record.count - record.filtered)
    // Also behind what was passed before the restart: what stood open there and is gone would never be read again.
    if (firstLost !== undefined || isOther || missing > 0 || (!isKnown && found.isAfterDamage))
      this.#noteDamage(found.segment, { from: firstLost ?? expected, to: sequence })
    if (restored && !isOther) return this.#open(found, restored.settled)
    if (isKnown) return []
    this.#lastSegment = found.segment
    this.#ledger.seen.set(source, Math.max(this.#ledger.seen.get(source) ?? 0, record.readEvents))
    const bit = this.#log.sinkBits.bitIn(record.sinkTable, this.sink)
    const events = this.#open(found, notMeantFor(record, bit))
    this.#ledger.countsOf(source).filtered += record.filtered + record.count - events.length
    return events
  }

  #open(found: FoundRecord, settled: Uint8Array): number[] {
    const { record, segment, at: offset } = found
    const { sequence, source, count, bytes, appendedAtMs } = record
    const events: number[] = []
    for (let index = 0; index < count; index += 1) if (!isSettled(settled, index)) events.push(index)
    if (events.length === 0) return events
    const place = { sequence, source, count, segment, offset, bytes, appendedAtMs }
    this.#window.push({ ...place, settled, unsettled: events.length, record })
    return events
  }

  /** A segment's header says what had been read when it was begun: whatever we have not met of that is gone. */
  #entered(segment: Segment): void {
    const { preamble, sources } = segment
    const to = preamble?.firstSequence ?? 0
    const firstLost = this.#ledger.loseRestoredBelow(to)
    if (!sources) return
    let missing = 0
    for (const [source, { readEvents }] of sources.counts) missing += this.#ledger.meet(source, readEvents)
    const isDamage = this.#ledger.lossReason === 'damaged' && (firstLost !== undefined || missing > 0)
    if (isDamage) this.#noteDamage(segment.number, { from: firstLost ?? this.#reader.lastRead + 1, to })
    this.#ledger.lossesAreDamage()
    this.#lastSegment = segment.number
  }

  #noteDamage(segment: number, missing: Damage['missing']): void {
    this.#damagePending += 1
    void this.#log.damaged({ first: this.#lastSegment, last: segment, missing }).then((isNoted) => {
      if (isNoted) this.#damagePending -= 1
      return undefined
    })
  }

  #base(): CursorState['base'] {
    const { front } = this.#window
    if (front) return { segment: front.segment, offset: front.offset, sequence: front.sequence }
    return { ...this.#reader.place, sequence: this.#reader.lastRead + 1 }
  }

  async #save(isParked: boolean): Promise<void> {
    const base = this.#base()
    const rests = this.#reader.lastRead
    if (Buffer.byteLength(JSON.stringify(this.state)) > maxStateBytes) {
      throw new RangeError(`the state of sink ${this.sink} is above ${maxStateBytes} bytes`)
    }
    const body = encodeCursor(this.snapshot(isParked))
    // One more save after the last change, for the other slot: until then it holds on to segments that nobody needs.
    if (this.#savedBody?.equals(body) && this.#file.isLevel) return
    await this.#log.sync.reach(rests)
    await this.#file.write(body, base.segment)
    this.#savedBody = body
    this.#log.onProgress()
  }

  #hasRoom(): boolean {
    const { size, bytes } = this.#window
    return size === 0 || (bytes < limits.openPastCursorBytes && size < maxOpenRecords)
  }

  #mayHaveMore(): boolean {
    if (!this.#hasRoom()) return false
    return this.#reader.ahead !== undefined || this.#log.visibility.sequence > this.#reached
  }

  #progress(): void {
    this.#waiters.look()
    this.#log.onProgress()
  }
}
