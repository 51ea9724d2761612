import type { DeliveryItem } from './item.ts'

/** What one request carries: items of one partition in their order. A retry is a new batch of the items that are left. */
export class Batch {
  readonly partition: string
  readonly items: readonly DeliveryItem[]
  /** The sink's estimate of the body, before compression. */
  readonly bytes: number
  /** Attempts in a row that left these items to be sent again; the backoff grows with it. */
  failures = 0
  /** Attempts in a row that got no answer, for what a proxy cuts because of its size. */
  lostAnswers = 0
  /** Monotonic ms before which it is not sent. */
  notBeforeMs = 0
  /** The last attempt ended in a hold: the operator has to act. */
  isHeld = false
  /** Made by halving: sent as it is, not measured against the learned size again (estimates lie above the truth). */
  isHalf = false

  constructor(partition: string, items: readonly DeliveryItem[], bytes = bytesOf(items)) {
    this.partition = partition
    this.items = items
    this.bytes = bytes
  }
}

export function bytesOf(items: readonly DeliveryItem[]): number {
  let bytes = 0
  for (const item of items) bytes += item.bytes
  return bytes
}
