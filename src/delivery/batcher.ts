import type { Cancel, Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { BatchLimits } from '../sinks/sink.ts'
import { Batch } from './batch.ts'
import type { DeliveryItem } from './item.ts'

interface OpenBatch {
  readonly partition: string
  readonly items: DeliveryItem[]
  bytes: number
  /** Monotonic ms at which its oldest event came: later events do not put the sending off. */
  readonly openedMs: number
}

interface BatcherOptions {
  readonly limits: BatchLimits
  readonly clock: Clock
  /** The most bytes that a request may have now, besides `limits.maxBytes`. */
  readonly learnedBytes: () => number
  readonly send: (batch: Batch) => void
}

/**
 * Gathers events until a request is worth it: one open batch for each partition, closed by bytes, by events, or by the
 * age of its oldest event. Open batches are bounded together, in number and bytes: the oldest is closed first.
 */
export class Batcher {
  readonly #options: BatcherOptions
  /** In the order of opening: the first is the oldest. */
  readonly #open = new Map<string, OpenBatch>()
  #bytes = 0
  #cancelTimer: Cancel | undefined

  constructor(options: BatcherOptions) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#open.size === 0
  }

  /** Bytes of all open batches. */
  get bytes(): number {
    return this.#bytes
  }

  /** `nowMs` is monotonic; the caller asks the clock once for many events. */
  add(item: DeliveryItem, partition: string, nowMs: number): void {
    const { maxBytes, maxEvents } = this.#options.limits
    const most = Math.min(maxBytes, this.#options.learnedBytes())
    let open = this.#open.get(partition)
    if (open && open.bytes + item.bytes > most) {
      this.#close(open)
      open = undefined
    }
    if (!open) {
      open = { partition, items: [], bytes: 0, openedMs: nowMs }
      this.#open.set(partition, open)
      if (this.#open.size === 1) this.#arm()
    }
    open.items.push(item)
    open.bytes += item.bytes
    this.#bytes += item.bytes
    if (open.items.length >= maxEvents || open.bytes >= most) this.#close(open)
    else this.#keepBounded()
  }

  /** Sends all that is open now. */
  flush(): void {
    for (const open of this.#open.values()) this.#close(open)
  }

  /** Gives up what is open without sending it; returns its items. */
  abandon(): DeliveryItem[] {
    const items = [...this.#open.values()].flatMap((open) => open.items)
    this.#open.clear()
    this.#bytes = 0
    this.#arm()
    return items
  }

  #keepBounded(): void {
    const most = Math.max(limits.openBatchBytes, this.#options.limits.maxBytes)
    while (this.#open.size > limits.openBatches || (this.#bytes > most && this.#open.size > 1)) {
      this.#close(this.#oldest()!)
    }
  }

  #oldest(): OpenBatch | undefined {
    return this.#open.values().next().value
  }

  #close(open: OpenBatch): void {
    const wasOldest = this.#oldest() === open
    this.#open.delete(open.partition)
    this.#bytes -= open.bytes
    if (wasOldest) this.#arm()
    this.#options.send(new Batch(open.partition, open.items, open.bytes))
  }

  /** One timer, always for the oldest. */
  #arm(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    const oldest = this.#oldest()
    if (!oldest) return
    const { clock } = this.#options
    const dueMs = oldest.openedMs + this.#options.limits.maxWaitMs
    this.#cancelTimer = clock.after(Math.max(0, dueMs - clock.monotonic()), () => this.#closeDue(), true)
  }

  #closeDue(): void {
    this.#cancelTimer = undefined
    const dueMs = this.#options.clock.monotonic() - this.#options.limits.maxWaitMs
    for (let open = this.#oldest(); open && open.openedMs <= dueMs; open = this.#oldest()) this.#close(open)
    if (!this.#cancelTimer) this.#arm()
  }
}
