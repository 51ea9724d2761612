import type { DropReason, SinkCounts, SourceCounts } from '../../core/ledger.ts'
import { newSinkCounts, settledEvents } from '../../core/ledger.ts'
import type { Settlement } from '../buffer.ts'
import { countUnsettled } from './cursor-window.ts'
import type { CursorState, OpenRecordState } from '../format/cursor-codec.ts'

/**
 * One sink's half of the ledger. What is settled and what stands open always add up to what had been read when the last
 * record met was appended; the rest of `read_events` lies behind it. A jump of a source's counter from one record to the
 * next is what damage took.
 */
export class CursorLedger {
  readonly counts: Map<string, SinkCounts>
  /** `readEvents` of each source up to the last record met. */
  readonly seen: Map<string, number>
  /** Everything up to this sequence was counted before the restart. */
  readonly restoredUpTo: number
  /** Records that stood open at the restart, until they are met again; ascending. */
  readonly #restored: Map<number, OpenRecordState>
  #lossReason: DropReason

  constructor(from: CursorState, lossReason: DropReason) {
    this.counts = new Map([...from.counts].map(([source, counts]) => [source, structuredClone(counts)]))
    this.seen = new Map(from.seen)
    this.restoredUpTo = from.lastRead
    // Copies: the state may still be that of a cursor that this one takes over from.
    const restored = from.open.map((open) => ({ ...open, settled: open.settled.slice() }))
    this.#restored = new Map(restored.map((open) => [open.sequence, open]))
    this.#lossReason = lossReason
  }

  get restored(): Iterable<OpenRecordState> {
    return this.#restored.values()
  }

  /** The next losses are damage again, whatever was said at the beginning. */
  lossesAreDamage(): void {
    this.#lossReason = 'damaged'
  }

  get lossReason(): DropReason {
    return this.#lossReason
  }

  countsOf(source: string): SinkCounts {
    const known = this.counts.get(source)
    if (known) return known
    const counts = newSinkCounts()
    this.counts.set(source, counts)
    return counts
  }

  settle(source: string, events: number, as: Settlement): void {
    const counts = this.countsOf(source)
    if (as === 'acknowledged') counts.acknowledged += events
    else if (as === 'dead_lettered') counts.deadLettered += events
    else if (as === 'filtered') counts.filtered += events
    else this.drop(source, events, as.dropped)
  }

  drop(source: string, events: number, reason: DropReason): void {
    const { dropped } = this.countsOf(source)
    if (events > 0) dropped[reason] = (dropped[reason] ?? 0) + events
  }

  /** The log says that so many events of the source were read up to here. Returns how many of them were never met. */
  meet(source: string, readEvents: number): number {
    const missing = readEvents - (this.seen.get(source) ?? 0)
    if (missing <= 0) return 0
    this.seen.set(source, readEvents)
    this.drop(source, missing, this.#lossReason)
    return missing
  }

  /** Takes what is known of a record that stood open at the restart. */
  takeRestored(sequence: number): OpenRecordState | undefined {
    const restored = this.#restored.get(sequence)
    this.#restored.delete(sequence)
    return restored
  }

  /** Records that stood open at the restart below `sequence` are gone. Returns the first one's, if there were any. */
  loseRestoredBelow(sequence: number): number | undefined {
    let first: number | undefined
    for (const [at, open] of this.#restored) {
      if (at >= sequence) break
      this.#restored.delete(at)
      this.loseOpen(open)
      first ??= at
    }
    return first
  }

  loseOpen({ source, count, settled }: OpenRecordState): void {
    this.drop(source, countUnsettled(settled, count), this.#lossReason)
  }

  /** `in_buffer` of the sink, over all sources. */
  unsettledEvents(read: ReadonlyMap<string, SourceCounts>): number {
    let events = 0
    for (const [source, { readEvents }] of read) {
      const counts = this.counts.get(source)
      events += readEvents - (counts ? settledEvents(counts) : 0)
    }
    return events
  }
}
