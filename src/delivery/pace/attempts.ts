import type { Clock } from '../../core/clock.ts'
import { limits } from '../../core/limits.ts'
import type { DeliveryItem } from '../item.ts'

const rememberedPartitions = 4096

/**
 * The rule against events that block for ever: refused as retryable `limits.stuckAttempts` times over `limits.stuckMs`
 * while others of the same partition pass. Held events and whole requests that fail never count.
 */
export class Attempts {
  readonly #clock: Clock
  /** Monotonic ms of the last accepted event of a partition. */
  readonly #passedMs = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Call once for an answer that accepted something, before `isStuck` is asked about its other events. */
  passed(partition: string): void {
    if (this.#passedMs.size >= rememberedPartitions && !this.#passedMs.has(partition)) {
      this.#passedMs.delete(this.#passedMs.keys().next().value!)
    }
    this.#passedMs.set(partition, this.#clock.monotonic())
  }

  /** Counts one refusal of the event and says whether it is one too many. */
  isStuck(item: DeliveryItem, partition: string): boolean {
    const nowMs = this.#clock.monotonic()
    if (item.refusals === 0) item.firstRefusedMs = nowMs
    item.refusals += 1
    if (item.refusals < limits.stuckAttempts || nowMs - item.firstRefusedMs < limits.stuckMs) return false
    const passedMs = this.#passedMs.get(partition)
    return passedMs !== undefined && passedMs > item.firstRefusedMs
  }

  /** A hold: the operator's turn, not the event's fault. */
  held(item: DeliveryItem): void {
    item.refusals = 0
    item.firstRefusedMs = 0
  }
}
