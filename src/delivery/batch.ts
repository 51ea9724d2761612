import type { DeliveryItem } from './item.ts'
import type { Ticket } from './outstanding.ts'
import type { DeliveryRun } from './run.ts'

/** What one request carries: events of one partition in their order. A retry is a new batch of the items that are left. */
export class Batch {
  readonly partition: string
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
  #runs: readonly DeliveryRun[] | undefined
  #items: readonly DeliveryItem[] | undefined

  constructor(partition: string, items: readonly DeliveryItem[], bytes = bytesOf(items)) {
    this.partition = partition
    this.#items = items
    this.bytes = bytes
  }

  static ofRuns(partition: string, runs: readonly DeliveryRun[], bytes = bytesOf(runs)): Batch {
    const batch = new Batch(partition, [], bytes)
    batch.#items = undefined
    batch.#runs = runs
    return batch
  }

  /** Its events, as long as nobody has told them apart. */
  get runs(): readonly DeliveryRun[] | undefined {
    return this.#runs
  }

  /** Its events one by one. From here on these are what it carries: they are told apart by what is noted in them. */
  get items(): readonly DeliveryItem[] {
    this.#items ??= (this.#runs ?? []).flatMap((run) => run.items())
    this.#runs = undefined
    return this.#items
  }

  /** How many events. */
  get count(): number {
    if (!this.#runs) return this.items.length
    let count = 0
    for (const run of this.#runs) count += run.count
    return count
  }

  /** Whether drop_oldest took all of its events away, some, or none. */
  get skipped(): 'all' | 'some' | 'none' {
    const parts = this.#runs ?? this.items
    if (!parts.some(isSkipped)) return 'none'
    return parts.every(isSkipped) ? 'all' : 'some'
  }
}

const isSkipped = ({ ticket }: { readonly ticket: Ticket }): boolean => ticket.isSkipped

export function bytesOf(parts: readonly { readonly bytes: number }[]): number {
  let bytes = 0
  for (const part of parts) bytes += part.bytes
  return bytes
}
