import type { Cursor, EventRun, RecordForSink, Settlement, StoredEvent } from '../../buffer/buffer.ts'
import { aborted } from '../../core/clock.ts'
import type { SinkCounts } from '../../core/ledger.ts'

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
  readonly isFull = false
  state: Record<string, unknown> = {}
  /** What ended it before its time. */
  failure: unknown
  readonly #options: ReplayCursorOptions
  #open = 0
  #isEnded = false

  constructor(options: ReplayCursorOptions) {
    this.sink = options.sink
    this.#options = options
  }

  async next(): Promise<RecordForSink | undefined> {
    if (this.#isEnded) return undefined
    try {
      const found = await this.#options.feed.next()
      if (found) this.#open += found.events.length
      else this.#isEnded = true
      return found
    } catch (error) {
      this.failure = error
      this.#isEnded = true
      return undefined
    }
  }

  /** There is nothing to wait for: all of it was there at the beginning. */
  more(signal: AbortSignal): Promise<void> {
    return this.#isEnded ? aborted(signal) : Promise.resolve()
  }

  settle(event: StoredEvent, as: Settlement): boolean {
    this.#open -= 1
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
