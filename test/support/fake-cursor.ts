import type {
  Cursor,
  EventRun,
  RecordForSink,
  Settlement,
  StoredEvent,
  StoredRecord,
} from '../../src/buffer/buffer.ts'
import { newSinkCounts } from '../../src/core/ledger.ts'
import type { SinkCounts } from '../../src/core/ledger.ts'
import { draftEvent, storedEvents } from './stored-event.ts'

/** The one generation that each source has. */
export const fakeGeneration = (source: string): string =>
  Buffer.from(source).toString('hex').padEnd(24, '0').slice(0, 24)

/** Records in memory that outlive a cursor, as the buffer on disk does. */
export class FakeBuffer {
  readonly records: StoredRecord[] = []
  readonly #listeners = new Set<() => void>()
  saved: SavedCursor | undefined

  /** Appends one record with one event for each line; offsets go on where the last record of the source ended. */
  append(lines: readonly string[], source = 'app'): StoredRecord {
    const generation = fakeGeneration(source)
    const before = this.records.findLast((record) => record.source === source)?.to ?? 0
    let from = before
    const drafts = lines.map((line) => {
      const draft = draftEvent({ line, from })
      from = draft.to
      return draft
    })
    const sequence = this.records.length + 1
    const { record } = storedEvents(drafts, { source, generation, sequence })[0]!
    this.records.push(record)
    for (const listener of this.#listeners) listener()
    return record
  }

  get events(): StoredEvent[] {
    return this.records.flatMap((record) =>
      Array.from({ length: record.count }, (_, index) => record.event(index)),
    )
  }

  openCursor(options: FakeCursorOptions = {}): FakeCursor {
    return new FakeCursor(this, options)
  }

  onAppend(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

interface SavedCursor {
  readonly settled: ReadonlySet<string>
  readonly counts: Map<string, SinkCounts>
  readonly state: Record<string, unknown>
}

interface FakeCursorOptions {
  /** Records that may stand open at once; `next` says undefined above it. */
  readonly mostOpen?: number
}

const keyOf = (event: StoredEvent): string => `${event.record.sequence}/${event.index}`

/** A cursor as the buffer promises one. Settling an event twice, or one that was never handed out, throws. */
export class FakeCursor implements Cursor {
  readonly sink = 'fake'
  readonly counts = new Map<string, SinkCounts>()
  state: Record<string, unknown> = {}
  readonly settlements: { readonly event: StoredEvent; readonly as: Settlement }[] = []
  saves = 0
  nextFails: Error | undefined
  readonly #buffer: FakeBuffer
  readonly #mostOpen: number
  readonly #settled = new Set<string>()
  readonly #handedOut = new Set<string>()
  readonly #skipped = new Set<number>()
  readonly #openRecords = new Map<number, number>()
  #skipListener: ((records: readonly StoredRecord[]) => void) | undefined
  #position = 0
  #isCrashed = false
  #wake: (() => void) | undefined

  constructor(buffer: FakeBuffer, { mostOpen = Infinity }: FakeCursorOptions) {
    this.#buffer = buffer
    this.#mostOpen = mostOpen
    buffer.onAppend(() => this.#wake?.())
    const { saved } = buffer
    if (!saved) return
    this.#settled = new Set(saved.settled)
    this.counts = structuredClone(saved.counts)
    this.state = structuredClone(saved.state)
  }

  /** The process is gone: what is left of it reads and settles nothing any more. */
  crash(): void {
    this.#isCrashed = true
  }

  async next(): Promise<RecordForSink | undefined> {
    if (this.nextFails) throw this.nextFails
    if (this.#isCrashed) return new Promise(() => {})
    while (this.#position < this.#buffer.records.length && this.#openRecords.size < this.#mostOpen) {
      const record = this.#buffer.records[this.#position]!
      this.#position += 1
      const events = this.#openEvents(record)
      if (this.#skipped.has(record.sequence) || events.length === 0) continue
      for (const event of events) this.#handedOut.add(keyOf(event))
      this.#openRecords.set(record.sequence, events.length)
      return { record, events: events.map(({ index }) => index) }
    }
    return undefined
  }

  get isFull(): boolean {
    return this.#openRecords.size >= this.#mostOpen
  }

  more(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const hasMore = this.#position < this.#buffer.records.length && this.#openRecords.size < this.#mostOpen
      if (signal.aborted || hasMore) return resolve()
      this.#wake = resolve
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  settle(event: StoredEvent, as: Settlement): boolean {
    const key = keyOf(event)
    if (this.#isCrashed) return false
    if (this.#skipped.has(event.record.sequence)) return false
    if (!this.#handedOut.has(key)) throw new Error(`settled ${key}, which was never handed out`)
    if (this.#settled.has(key)) throw new Error(`settled ${key} twice`)
    this.#settled.add(key)
    this.settlements.push({ event, as })
    this.#count(event.record.source, as, 1)
    const open = this.#openRecords.get(event.record.sequence)! - 1
    if (open > 0) this.#openRecords.set(event.record.sequence, open)
    else this.#openRecords.delete(event.record.sequence)
    if (open === 0) this.#wake?.()
    return true
  }

  settleRun({ record, first, end, order }: EventRun, as: Settlement): number {
    let events = 0
    for (let place = first; place < end; place++) {
      if (this.settle(record.event(order?.[place] ?? place), as)) events += 1
    }
    return events
  }

  onSkip(listener: (records: readonly StoredRecord[]) => void): void {
    this.#skipListener = listener
  }

  /** What drop_oldest does: the first `count` records that are not settled are dropped. Returns the lines. */
  dropOldest(count = 1): string[] {
    const records = this.#buffer.records
      .filter((record) => !this.#skipped.has(record.sequence) && this.#openEvents(record).length > 0)
      .slice(0, count)
    const dropped = records.flatMap((record) => this.#openEvents(record))
    for (const record of records) {
      this.#count(record.source, { dropped: 'buffer_full' }, this.#openEvents(record).length)
      this.#skipped.add(record.sequence)
      for (const event of this.#openEvents(record)) this.#settled.add(keyOf(event))
      this.#openRecords.delete(record.sequence)
    }
    this.#skipListener?.(records)
    this.#wake?.()
    return dropped.map((event) => Buffer.from(event.line).toString())
  }

  lag(): { readonly events: number; readonly seconds: number; readonly handedOut: number } {
    let events = 0
    let handedOut = 0
    for (const record of this.#buffer.records) {
      if (this.#skipped.has(record.sequence)) continue
      for (const event of this.#openEvents(record)) {
        events += 1
        if (this.#handedOut.has(keyOf(event))) handedOut += 1
      }
    }
    return { events, seconds: 0, handedOut }
  }

  async save(): Promise<void> {
    this.saves += 1
    this.#buffer.saved = {
      settled: new Set(this.#settled),
      counts: structuredClone(this.counts),
      state: structuredClone(this.state),
    }
  }

  async close(): Promise<void> {}

  #openEvents(record: StoredRecord): StoredEvent[] {
    return Array.from({ length: record.count }, (_, index) => record.event(index)).filter(
      (event) => !this.#settled.has(keyOf(event)),
    )
  }

  #count(source: string, as: Settlement, events: number): void {
    let counts = this.counts.get(source)
    if (!counts) this.counts.set(source, (counts = newSinkCounts()))
    if (as === 'acknowledged') counts.acknowledged += events
    else if (as === 'dead_lettered') counts.deadLettered += events
    else if (as === 'filtered') counts.filtered += events
    else counts.dropped[as.dropped] = (counts.dropped[as.dropped] ?? 0) + events
  }
}
