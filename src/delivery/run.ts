import type { StoredRecord } from '../buffer/buffer.ts'
import type { Deal, RunEncoder, Sink, SinkRun } from '../sinks/sink.ts'
import { DeliveryItem } from './item.ts'
import type { Ticket } from './outstanding.ts'

export type RunSink = Pick<Sink, 'sizeOf'> & { readonly runs: RunEncoder }

/**
 * Events of one record and one partition that were never sent: what holds for one of them holds for all, so they
 * travel as one. They become items when an answer tells them apart.
 */
export class DeliveryRun implements SinkRun {
  readonly record: StoredRecord
  readonly first: number
  readonly end: number
  readonly order: Uint32Array | undefined
  readonly deal: Deal | undefined
  readonly ticket: Ticket
  /** What the sink expects all of them together to add to a request. */
  readonly bytes: number
  readonly #sink: RunSink

  constructor({ record, first, end, order, deal }: SinkRun, ticket: Ticket, sink: RunSink) {
    this.record = record
    this.first = first
    this.end = end
    this.order = order
    this.deal = deal
    this.ticket = ticket
    this.#sink = sink
    this.bytes = this.#sizeOf()
  }

  get count(): number {
    return this.end - this.first
  }

  /** The largest part from its beginning of at most so many events and bytes, but of one event at least. */
  head(mostEvents: number, mostBytes: number): DeliveryRun {
    if (this.count <= mostEvents && this.bytes <= mostBytes) return this
    let head = this.#part(this.first, this.first + 1)
    let [low, high] = [1, Math.min(this.count, Math.max(1, mostEvents))]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      const longer = this.#part(this.first, this.first + middle)
      if (longer.bytes <= mostBytes) [low, head] = [middle, longer]
      else high = middle - 1
    }
    return head
  }

  /** What is left of it behind its `head`. */
  after(head: DeliveryRun): DeliveryRun | undefined {
    return head.end < this.end ? this.#part(head.end, this.end) : undefined
  }

  /** Its events one by one. */
  items(): DeliveryItem[] {
    return Array.from({ length: this.count }, (_, index) => {
      const place = this.first + index
      const item = new DeliveryItem(this.record.event(this.order?.[place] ?? place), this.ticket)
      item.variant = this.deal?.variant ?? 0
      item.bytes = sizeOr(item.event.lineLength, () => this.#sink.sizeOf(item))
      return item
    })
  }

  #part(first: number, end: number): DeliveryRun {
    const { record, order, deal } = this
    return new DeliveryRun({ record, first, end, order, deal }, this.ticket, this.#sink)
  }

  #sizeOf(): number {
    return sizeOr(this.record.bytes, () => this.#sink.runs.sizeOf(this))
  }
}

/** What cannot be measured goes on all the same, to where `encode` says what is wrong with it. */
function sizeOr(fallback: number, sizeOf: () => number): number {
  try {
    return sizeOf()
  } catch {
    return fallback
  }
}
