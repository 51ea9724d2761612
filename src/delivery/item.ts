import type { StoredEvent } from '../buffer/buffer.ts'
import type { BatchItem } from '../sinks/sink.ts'
import type { Ticket } from './outstanding.ts'

/** One event on its way to one sink: what the sink sees of it, and what delivery notes beside. */
export class DeliveryItem implements BatchItem {
  readonly event: StoredEvent
  readonly ticket: Ticket
  /** Requests with it that have ended; raised after the answer, so a sink that sends for the first time sees 0. */
  attempts = 0
  unanswered = false
  variant = 0
  firstRefusedMs = 0
  /** How often the sink refused this very event as retryable; whole requests that fail do not count. */
  refusals = 0
  /** What the sink expects it to add to a request. */
  bytes = 0

  constructor(event: StoredEvent, ticket: Ticket) {
    this.event = event
    this.ticket = ticket
  }
}
