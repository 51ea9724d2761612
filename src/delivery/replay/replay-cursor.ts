import type {
  Cursor,
  EventRun,
  RecordForSink,
  Settlement,
  StoredEvent,
  StoredRecord,
} from '../../buffer/buffer.ts'
import { aborted } from '../../core/clock.ts'
import type { SinkCounts } from '../../core/ledger.ts'
import { limits } from '../../core/limits.ts'
import { Wake } from '../pace/wake.ts'

/** Where the events of a replay come from. */
export interface ReplayFeed {
  /** The next record, undefined behind the last one. Rejects with what the disk says. */
  next(): Promise<RecordForSink | undefined>
  /** `next` gives nothing more, also the one that is under way: it may have a whole buffer to look through. */
  stop(): void
  close(): Promise<void>
}

interface ReplayCursorOptions {
  readonly sink: string
  readonly feed: ReplayFeed
  /** The sink has taken it. */
  readonly acknowledged: (event: StoredEvent) => void
}

/**
 * A replay as delivery sees it: a cursor that is saved nowhere, holds nothing in the buffer, and whose counts are not the
 * ledger's. So what is sent again goes through the same batches, retries and halvings as what is new.
 */
export class ReplayCursor implements Cursor {
  readonly sink: string
  readonly counts = new Map<string, SinkCounts>()
  state: Record<string, unknown> = {}
  /** What ended it before its time. */
  failure: unknown
  readonly #options: ReplayCursorOptions
  /** Events that are not settled, by their record: as long as there are any of it, all of it is in memory. */
  readonly #records = new Map<StoredRecord, number>()
  readonly #settled = new Wake()
  #open = 0
  #openBytes = 0
  #isEnded = false

  constructor(options: ReplayCursorOptions) {
    this.sink = options.sink
    this.#options = options
  }

  async next(): Promise<RecordForSink | undefined> {
    if (this.#isEnded || this.isFull) return undefined
    try {
      const found = await this.#options.feed.next()
      if (found) this.#opened(found)
      else this.#isEnded = true
      return found
    } catch (error) {
      this.failure = error
      this.#isEnded = true
      return undefined
    }
  }

  /** Then what is open goes out before more is read. */
  get isFull(): boolean {
    return this.#openBytes >= limits.replayOpenBytes
  }

  /** There is nothing to wait for but room: all of it was there at the beginning. */
  async more(signal: AbortSignal): Promise<void> {
    if (this.#isEnded) return aborted(signal)
    while (this.isFull && !signal.aborted) await Promise.race([this.#settled.wait(), aborted(signal)])
  }

  #opened({ record, events }: RecordForSink): void {
    this.#open += events.length
    this.#openBytes += record.bytes
    this.#records.set(record, events.length)
  }

  settle(event: StoredEvent, as: Settlement): boolean {
    const { record } = event
    const left = (this.#records.get(record) ?? 0) - 1
    this.#open -= 1
    if (left > 0) {
      this.#records.set(record, left)
    } else if (this.#records.delete(record)) {
      this.#openBytes -= record.bytes
      this.#settled.notify()
    }
    if (as === 'acknowledged') this.#options.acknowledged(event)
    return true
  }

  settleRun({ record, first, end }: EventRun, as: Settlement): number {
    for (let index = first; index < end; index++) this.settle(record.event(index), as)
    return end - first
  }

  /** What the buffer drops is a copy here. */
  onSkip(): void {}

  lag(): { readonly events: number; readonly seconds: number; readonly handedOut: number } {
    return { events: this.#open + (this.#isEnded ? 0 : 1), seconds: 0, handedOut: this.#open }
  }

  save(): Promise<void> {
    return Promise.resolve()
  }

  /** Nothing more of it is wanted. */
  stop(): void {
    this.#isEnded = true
    this.#options.feed.stop()
  }

  close(): Promise<void> {
    this.stop()
    return this.#options.feed.close()
  }
}
