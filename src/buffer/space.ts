import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'
import type { Segment, Segments } from './log/segments.ts'
import { Turns } from './turns.ts'

/** A cursor, as far as it keeps segments from being deleted. */
export interface Holder {
  readonly sink: string
  readonly whenFull: 'block' | 'drop_oldest'
  /** The oldest segment that it still needs, now and by what is saved of it. */
  readonly baseSegment: number
  readonly savedSegment: number
  readonly isDone: boolean
  trySave(): Promise<boolean>
  skipPast(segment: number): Promise<void>
}

export interface SpaceOptions {
  readonly segments: Segments
  readonly holders: () => readonly Holder[]
  readonly maxBytes: number
  readonly retainMs: number
  readonly clock: Clock
  readonly log: Log
  /** Begins a new segment and syncs it, so that the one before may be deleted. */
  readonly roll: () => Promise<void>
  /** Called after segments were deleted. */
  readonly onDeleted: (oldest: number) => void
}

/** Which segments may go, and when: as soon as all have passed and `retain` is over; earlier when space is needed. */
export class Space {
  readonly #options: SpaceOptions
  readonly #turns = new Turns()

  constructor(options: SpaceOptions) {
    this.#options = options
  }

  /** Sinks that keep the oldest segment. */
  holdersOfOldest(): string[] {
    const oldest = this.#options.segments.list[0]
    return oldest ? this.#holdersOf(oldest).map((holder) => holder.sink) : []
  }

  /** Deletes what nobody needs and `retain` does not ask for. */
  sweep(): Promise<void> {
    return this.#turns.run(async () => {
      await this.#removeEmpty()
      for (;;) {
        const oldest = this.#deletable()
        if (!oldest || !this.#isOverdue(oldest) || !this.#isSavedPast(oldest)) return
        await this.#delete(oldest)
      }
    })
  }

  /**
   * Makes room for `needed` bytes more, if it can: retained segments go first, then those that only drop_oldest sinks
   * still hold. Also true above `max_bytes` when nothing is left to be settled: one large record must not stop all.
   */
  makeRoom(needed: number): Promise<boolean> {
    return this.#turns.run(async () => {
      const { segments, maxBytes, holders } = this.#options
      while (segments.totalBytes + needed > maxBytes) {
        if (holders().every((holder) => holder.isDone) && !this.#deletable()) return true
        if (!(await this.#freeOldest())) return false
      }
      return true
    })
  }

  /** The disk is full although the buffer is not: frees one segment, if it can. */
  freeOne(): Promise<boolean> {
    return this.#turns.run(() => this.#freeOldest())
  }

  /** Each start begins a segment; those in which nothing was written must not pile up while a sink is down. */
  async #removeEmpty(): Promise<void> {
    const { segments, holders } = this.#options
    const kept = this.#firstKept()?.number ?? 0
    const starts = new Set(holders().flatMap((holder) => [holder.baseSegment, holder.savedSegment]))
    const empty = segments.list.filter(({ number, preamble, size, dataStart }) => {
      return number < kept && preamble !== undefined && size === dataStart && !starts.has(number)
    })
    for (const segment of empty) await segments.remove(segment)
  }

  async #freeOldest(): Promise<boolean> {
    const { list } = this.#options.segments
    const oldest = list[0]
    if (!oldest) return false
    const holders = this.#holdersOf(oldest)
    // One that has settled all may go: it stands in there only because nothing came after. On a disk that is smaller than
    // a segment nothing ever would.
    const waiting = holders.filter((holder) => !holder.isDone)
    if (waiting.some((holder) => holder.whenFull === 'block')) return false
    // Empty segments may not be rolled away for ever: there is nothing in them to gain.
    if (!this.#deletable() && list.every((segment) => segment.size <= segment.dataStart)) return false
    for (let rolls = 0; rolls < 2 && !this.#deletable(); rolls += 1) await this.#options.roll()
    if (this.#deletable() !== oldest) return false
    if (waiting.length > 0) this.#tellOfDrop(oldest, waiting)
    for (const holder of holders) await holder.skipPast(oldest.number)
    for (const holder of this.#options.holders()) {
      // Twice: each save brings one of the two slots up to date, and a start may need the older one.
      for (let saves = 0; saves < 2 && holder.savedSegment <= oldest.number; saves += 1)
        await holder.trySave()
    }
    if (!this.#isSavedPast(oldest)) return false
    await this.#delete(oldest)
    return true
  }

  /** The oldest segment, unless a start could need its table. */
  #deletable(): Segment | undefined {
    const [oldest] = this.#options.segments.list
    const kept = this.#firstKept()
    return kept && oldest!.number < kept.number ? oldest : undefined
  }

  /** From the second newest checkpoint table that is safe on disk on, everything stays. */
  #firstKept(): Segment | undefined {
    const { list } = this.#options.segments
    return list.filter(({ preamble, sources, isSynced }) => preamble?.hasTable && sources && isSynced).at(-2)
  }

  #holdersOf(segment: Segment): Holder[] {
    return this.#options.holders().filter((holder) => holder.baseSegment <= segment.number)
  }

  #isSavedPast(segment: Segment): boolean {
    return this.#options
      .holders()
      .every((holder) => holder.baseSegment > segment.number && holder.savedSegment > segment.number)
  }

  #isOverdue(segment: Segment): boolean {
    const { segments, retainMs, clock } = this.#options
    const endedAtMs = segments.after(segment.number)?.preamble?.createdAtMs ?? 0
    return endedAtMs + retainMs <= clock.now()
  }

  async #delete(segment: Segment): Promise<void> {
    await this.#options.segments.remove(segment)
    this.#options.onDeleted(this.#options.segments.list[0]?.number ?? 0)
  }

  #tellOfDrop(segment: Segment, holders: readonly Holder[]): void {
    const sinks = holders.map((holder) => holder.sink)
    this.#options.log.warn({ sinks, path: segment.path }, 'the buffer is full: its oldest events are dropped')
  }
}
