import type { StoredEvent, StoredRecord } from '../buffer/buffer.ts'
import type { BatchItem } from '../sinks/sink.ts'
import type { Ticket } from './outstanding.ts'

/** One event on its way to one sink: what the sink sees of it, and what delivery notes beside. */
export class DeliveryItem implements BatchItem {
  event: StoredEvent
  ticket: Ticket
  /** Requests with it that have ended; raised after the answer, so a sink that sends for the first time sees 0. */
  attempts = 0
  unanswered = false
  variant = 0
  firstRefusedMs = 0
  /** How often the sink refused this very event as retryable; whole requests that fail do not count. */
  refusals = 0
  /** What the sink expects it to add to a request. */
  bytes = 0
  readonly count = 1

  constructor(event: StoredEvent, ticket: Ticket) {
    this.event = event
    this.ticket = ticket
  }
}

/** As many as are in flight by default: four requests of 5,000 events, and one that is being filled. */
const mostKept = 25_000

/**
 * Items that are settled are used for the next events: an item lives for as long as a request, so that V8 copies it
 * twice and then finds it in its old generation, at 3 million a gigabyte.
 */
export class ItemPool {
  readonly #unused: DeliveryItem[] = []

  take(record: StoredRecord, index: number, ticket: Ticket): DeliveryItem {
    const item = this.#unused.pop()
    if (!item) return new DeliveryItem(record.event(index), ticket)
    item.event = record.event(index, item.event)
    item.ticket = ticket
    item.attempts = 0
    item.unanswered = false
    item.variant = 0
    item.firstRefusedMs = 0
    item.refusals = 0
    item.bytes = 0
    return item
  }

  /** Only for items of `take` that nobody will ask about again: of a request that settled every one of them. */
  giveBack(items: readonly DeliveryItem[]): void {
    for (const item of items) if (this.#unused.length < mostKept) this.#unused.push(item)
  }
}
