import type { EventRun, StoredEvent } from '../../../buffer/buffer.ts'
import type { Instant } from '../../../core/event.ts'
import type { Deal, SinkRun } from '../../sink.ts'
import type { Stream } from '../labels/streams.ts'
import type { EntryBytes } from './entry-bytes.ts'

/** Events of a record, stream by stream, and in the record's order within each. All lists have one place for each event. */
export interface DealtEvents {
  /** Their indexes in the record. */
  readonly order: Uint32Array
  /** Where each entry ends, counted from the first: in `entries`, or as it is expected where there are none. */
  readonly ends: Uint32Array
  /** The times of the entries. A bump may lead beyond the seconds that 32 bits hold. */
  readonly seconds: Uint32Array | Float64Array
  readonly nanos: Uint32Array
  /** The entries as fields 2 of a StreamAdapter, where the kernel wrote them. */
  readonly entries?: EntryBytes | undefined
}

/** The events `[first, end)` of `DealtEvents` go to one stream. */
export interface DealtGroup {
  readonly stream: Stream
  readonly first: number
  readonly end: number
  /** The lowest and the highest time of its events, in seconds since 1970. */
  readonly low: number
  readonly high: number
  readonly isAscending: boolean
}

export interface DealtToStreams {
  readonly events: DealtEvents
  readonly groups: readonly DealtGroup[]
}

/** What Loki knows of the runs of one record and one partition. */
export class LokiDeal implements Deal {
  readonly partition: string
  readonly variant: number
  readonly events: DealtEvents
  readonly isAscending: boolean
  /** The entries before this place are given up. */
  #next = 0

  constructor(partition: string, variant: number, events: DealtEvents, isAscending: boolean) {
    this.partition = partition
    this.variant = variant
    this.events = events
    this.isAscending = isAscending
  }

  /** Bytes of the entries `[first, end)`. */
  bytesOf(first: number, end: number): number {
    return this.events.ends[end - 1]! - this.startOf(first)
  }

  /** Where the entry begins. */
  startOf(place: number): number {
    return place === 0 ? 0 : this.events.ends[place - 1]!
  }

  /** The entries' bytes, if they are there: of each event once, as they are given up when a request was made of them. */
  entriesOf({ first }: EventRun): EntryBytes | undefined {
    return first < this.#next ? undefined : this.events.entries
  }

  giveUp({ first, end }: EventRun): void {
    if (first < this.#next) return
    this.#next = end
    this.events.entries?.giveUp(end - first)
  }

  /** Negative if the entry at `place` is before the other, 0 at the same time. */
  compare(place: number, other: LokiDeal, otherPlace: number): number {
    const [mine, theirs] = [this.events, other.events]
    return (
      mine.seconds[place]! - theirs.seconds[otherPlace]! || mine.nanos[place]! - theirs.nanos[otherPlace]!
    )
  }
}

export function areAscending({ seconds, nanos }: DealtEvents, first: number, end: number): boolean {
  for (let place = first + 1; place < end; place++) {
    const step = seconds[place]! - seconds[place - 1]! || nanos[place]! - nanos[place - 1]!
    if (step < 0) return false
  }
  return true
}

export function dealOf({ deal }: SinkRun): LokiDeal {
  if (deal instanceof LokiDeal) return deal
  throw new Error('a run that was not dealt')
}

/** Collects events that have no bytes yet. */
export class DealtList {
  readonly #order: number[] = []
  readonly #ends: number[] = []
  readonly #seconds: number[] = []
  readonly #nanos: number[] = []
  #bytes = 0

  get length(): number {
    return this.#order.length
  }

  add(index: number, { seconds, nanos }: Instant, bytes: number): void {
    this.#bytes += bytes
    this.#order.push(index)
    this.#ends.push(this.#bytes)
    this.#seconds.push(seconds)
    this.#nanos.push(nanos)
  }

  events(): DealtEvents {
    return {
      order: Uint32Array.from(this.#order),
      ends: Uint32Array.from(this.#ends),
      seconds: Float64Array.from(this.#seconds),
      nanos: Uint32Array.from(this.#nanos),
    }
  }
}

/** The events of a run, in its order. */
export function eventsOf({ record, first, end, order }: EventRun): StoredEvent[] {
  return Array.from({ length: end - first }, (_, index) =>
    record.event(order?.[first + index] ?? first + index),
  )
}
