import type { Cancel, Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { BatchLimits } from '../sinks/sink.ts'

/** What batches are made of: an item, or a run of events. */
interface Part {
  readonly bytes: number
  /** How many events. */
  readonly count: number
}

interface OpenBatch<Kind> {
  readonly partition: string
  readonly parts: Kind[]
  count: number
  bytes: number
  /** Monotonic ms at which its oldest event came: later events do not put the sending off. */
  readonly openedMs: number
}

interface BatcherOptions<Kind> {
  readonly limits: BatchLimits
  readonly clock: Clock
  /** The most bytes that a request may have now, besides `limits.maxBytes`. */
  readonly learnedBytes: () => number
  readonly send: (partition: string, parts: readonly Kind[], bytes: number) => void
}

/**
 * Gathers events until a request is worth it: one open batch for each partition, closed by bytes, by events, or by the
 * age of its oldest event. Open batches are bounded together, in number and bytes: the oldest is closed first.
 */
export class Batcher<Kind extends Part> {
  readonly #options: BatcherOptions<Kind>
  /** In the order of opening: the first is the oldest. */
  readonly #open = new Map<string, OpenBatch<Kind>>()
  #bytes = 0
  #cancelTimer: Cancel | undefined
  /** Monotonic ms at which the timer is due. */
  #timerMs = 0

  constructor(options: BatcherOptions<Kind>) {
    this.#options = options
  }

  get isEmpty(): boolean {
    return this.#open.size === 0
  }

  /** Bytes of all open batches. */
  get bytes(): number {
    return this.#bytes
  }

  /** What the partition's open batch, or the next one where there is none, still takes. */
  room(partition: string): { readonly events: number; readonly bytes: number } {
    const open = this.#open.get(partition)
    const { maxEvents } = this.#options.limits
    return { events: maxEvents - (open?.count ?? 0), bytes: this.#mostBytes - (open?.bytes ?? 0) }
  }

  /** `nowMs` is monotonic; the caller asks the clock once for many events. */
  add(part: Kind, partition: string, nowMs: number): void {
    const { maxEvents } = this.#options.limits
    const most = this.#mostBytes
    let open = this.#open.get(partition)
    if (open && open.bytes + part.bytes > most) {
      this.#close(open)
      open = undefined
    }
    if (!open) {
      open = { partition, parts: [], count: 0, bytes: 0, openedMs: nowMs }
      this.#open.set(partition, open)
      if (this.#open.size === 1) this.#arm()
    }
    open.parts.push(part)
    open.count += part.count
    open.bytes += part.bytes
    this.#bytes += part.bytes
    if (open.count >= maxEvents || open.bytes >= most) this.#close(open)
    else this.#keepBounded()
  }

  /** Sends all that is open now. */
  flush(): void {
    for (const open of this.#open.values()) this.#close(open)
  }

  /** Gives up what is open without sending it. */
  abandon(): void {
    this.#open.clear()
    this.#bytes = 0
    this.#arm()
  }

  get #mostBytes(): number {
    return Math.min(this.#options.limits.maxBytes, this.#options.learnedBytes())
  }

  #keepBounded(): void {
    const most = Math.max(limits.openBatchBytes, this.#options.limits.maxBytes)
    while (this.#open.size > limits.openBatches || (this.#bytes > most && this.#open.size > 1)) {
      this.#close(this.#oldest()!)
    }
  }

  #oldest(): OpenBatch<Kind> | undefined {
    return this.#open.values().next().value
  }

  #close(open: OpenBatch<Kind>): void {
    const wasOldest = this.#oldest() === open
    this.#open.delete(open.partition)
    this.#bytes -= open.bytes
    if (wasOldest) this.#arm()
    this.#options.send(open.partition, open.parts, open.bytes)
  }

  /**
   * One timer, for the oldest or for one that was sent before its time: another timer for each of them took 1 % of the CPU
   * where forty partitions take turns.
   */
  #arm(): void {
    const oldest = this.#oldest()
    const { clock } = this.#options
    const dueMs = oldest ? oldest.openedMs + this.#options.limits.maxWaitMs : Infinity
    if (oldest && this.#cancelTimer && this.#timerMs <= dueMs) return
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
    if (!oldest) return
    this.#timerMs = dueMs
    this.#cancelTimer = clock.after(Math.max(0, dueMs - clock.monotonic()), () => this.#closeDue(), true)
  }

  #closeDue(): void {
    this.#cancelTimer = undefined
    const dueMs = this.#options.clock.monotonic() - this.#options.limits.maxWaitMs
    for (let open = this.#oldest(); open && open.openedMs <= dueMs; open = this.#oldest()) this.#close(open)
    if (!this.#cancelTimer) this.#arm()
  }
}
