import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import { Batch } from './batch.ts'
import type { DeliveryItem } from './item.ts'

/** Both halves by bytes, in order, neither empty: a 413 is about bytes, and a poisoned event is found as quickly so. */
export function halve(batch: Batch): [Batch, Batch] {
  const { items } = batch
  let bytes = 0
  let at = 0
  while (at < items.length - 1 && (at === 0 || bytes + items[at]!.bytes <= batch.bytes / 2)) {
    bytes += items[at]!.bytes
    at += 1
  }
  return [asHalf(batch, items.slice(0, at)), asHalf(batch, items.slice(at))]
}

function asHalf(batch: Batch, items: readonly DeliveryItem[]): Batch {
  const half = new Batch(batch.partition, items)
  half.isHalf = true
  return half
}

/** Consecutive runs of at most `maxBytes` each (single items may be larger). */
export function chop(batch: Batch, maxBytes: number): Batch[] {
  const pieces: Batch[] = []
  let items: DeliveryItem[] = []
  let bytes = 0
  for (const item of batch.items) {
    if (items.length > 0 && bytes + item.bytes > maxBytes) {
      pieces.push(new Batch(batch.partition, items, bytes))
      items = []
      bytes = 0
    }
    items.push(item)
    bytes += item.bytes
  }
  pieces.push(new Batch(batch.partition, items, bytes))
  return pieces
}

/** The size above which the server, or a proxy before it, refused a body. Kept in memory, and forgotten after a while. */
export class LearnedSize {
  readonly #clock: Clock
  #bytes = Infinity
  #untilMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The most that a request should have, in bytes; Infinity while nothing is known. */
  get bytes(): number {
    if (this.#bytes !== Infinity && this.#clock.monotonic() >= this.#untilMs) this.#bytes = Infinity
    return this.#bytes
  }

  /** A body of `rawBytes` was too large: half of it is tried from now on. */
  refused(rawBytes: number): void {
    const half = Math.max(limits.learnedSizeFloorBytes, Math.floor(rawBytes / 2))
    this.#bytes = Math.min(this.bytes, half)
    this.#untilMs = this.#clock.monotonic() + limits.learnedSizeMs
  }
}
