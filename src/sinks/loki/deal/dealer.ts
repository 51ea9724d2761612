import type { RecordForSink, StoredEvent, StoredRecord } from '../../../buffer/buffer.ts'
import type { DealtRun } from '../../sink.ts'
import type { DealInKernel } from '../kernel/deal-in-kernel.ts'
import type { LateWatch } from '../labels/late.ts'
import type { Stream } from '../labels/streams.ts'
import { entryTime } from '../push/entry.ts'
import {
  DealtList,
  areAscending,
  LokiDeal,
  type DealtEvents,
  type DealtGroup,
  type DealtToStreams,
} from './deal.ts'

export interface DealerOptions {
  /** Where the kernel can find the labels' fields. */
  readonly kernel: DealInKernel | undefined
  /** Undefined where late entries are sent as all others. */
  readonly late: LateWatch | undefined
  streamOf(event: StoredEvent): Stream
  sizeOf(event: StoredEvent): number
}

/** Deals the events of records to their partitions: streams, and the streams of late entries. */
export class Dealer {
  readonly #options: DealerOptions

  constructor(options: DealerOptions) {
    this.#options = options
  }

  deal(read: RecordForSink): DealtRun[] {
    const { events, groups } = this.#options.kernel?.deal(read) ?? this.#dealHere(read)
    const { record } = read
    const { late } = this.#options
    const runs: DealtRun[] = []
    for (const group of groups) {
      const { stream, first, end } = group
      if (!late || late.areInTime(stream, group)) {
        const deal = new LokiDeal(stream.key, 0, events, group.isAscending)
        runs.push({ record, first, end, order: events.order, deal })
      } else runs.push(...this.#byTime(record, events, group, late))
    }
    return runs
  }

  /** Some may be late: those go to another partition, each in its own order. */
  #byTime(record: StoredRecord, { order }: DealtEvents, group: DealtGroup, late: LateWatch): DealtRun[] {
    const { stream, first, end } = group
    const [inTime, behind] = [new DealtList(), new DealtList()]
    for (let place = first; place < end; place++) {
      const event = record.event(order[place]!)
      const list = late.isLate(stream, event) ? behind : inTime
      list.add(event.index, entryTime(event), this.#options.sizeOf(event))
    }
    return [...runOf(record, inTime, stream.key, 0), ...runOf(record, behind, stream.backlogKey, 1)]
  }

  /** What the kernel leaves to TypeScript: event by event, in the same groups. */
  #dealHere({ record, events }: RecordForSink): DealtToStreams {
    const byStream = new Map<Stream, StoredEvent[]>()
    for (const index of events) {
      const event = record.event(index)
      const stream = this.#options.streamOf(event)
      const others = byStream.get(stream)
      if (others) others.push(event)
      else byStream.set(stream, [event])
    }
    const list = new DealtList()
    const groups: Omit<DealtGroup, 'isAscending'>[] = []
    for (const [stream, own] of byStream) {
      const first = list.length
      let [low, high] = [Infinity, -Infinity]
      for (const event of own) {
        const seconds = event.seconds + event.nanos / 1e9
        list.add(event.index, entryTime(event), this.#options.sizeOf(event))
        low = Math.min(low, seconds)
        high = Math.max(high, seconds)
      }
      groups.push({ stream, first, end: list.length, low, high })
    }
    const dealt = list.events()
    return {
      events: dealt,
      groups: groups.map((group) => ({
        ...group,
        isAscending: areAscending(dealt, group.first, group.end),
      })),
    }
  }
}

function runOf(record: StoredRecord, list: DealtList, partition: string, variant: number): DealtRun[] {
  if (list.length === 0) return []
  const events = list.events()
  const deal = new LokiDeal(partition, variant, events, areAscending(events, 0, list.length))
  return [{ record, first: 0, end: list.length, order: events.order, deal }]
}
