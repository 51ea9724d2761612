import type { Cancel, Clock } from '../core/clock.ts'
import { Batch } from './batch.ts'
import type { DeliveryItem } from './item.ts'

/** Batches that go one after the other. Its first one is ready, on its way, or waits for the end of its backoff. */
export interface Track {
  readonly partition: string
  readonly batches: Batch[]
  cancelTimer: Cancel | undefined
}

interface TracksOptions {
  /** One track for each partition: one request in flight, and nothing newer while a retry is pending. */
  readonly isOrdered: boolean
  readonly clock: Clock
  /** Something became ready by the end of a backoff. */
  readonly onReady: () => void
}

/**
 * All closed batches that are not settled, and the order in which they go. Where the sink is `ordered` a partition has
 * one track; elsewhere each batch has its own, so that a retry never keeps others waiting.
 */
export class Tracks {
  readonly #options: TracksOptions
  readonly #tracks = new Set<Track>()
  readonly #byPartition = new Map<string, Track>()
  readonly #ready: Track[] = []
  #bytes = 0
  #batches = 0
  #held = 0

  constructor(options: TracksOptions) {
    this.#options = options
  }

  /** Batches that are not settled yet, those in flight included, and their bytes. */
  get batches(): number {
    return this.#batches
  }

  get bytes(): number {
    return this.#bytes
  }

  /** Batches whose last attempt ended in a hold. */
  get held(): number {
    return this.#held
  }

  get hasReady(): boolean {
    return this.#ready.length > 0
  }

  submit(batch: Batch): void {
    const existing = this.#byPartition.get(batch.partition)
    this.#count(batch, 1)
    if (existing) {
      existing.batches.push(batch)
      return
    }
    const track: Track = { partition: batch.partition, batches: [batch], cancelTimer: undefined }
    this.#tracks.add(track)
    if (this.#options.isOrdered) this.#byPartition.set(batch.partition, track)
    this.#arrange(track)
  }

  /** The track that has been ready for longest; its first batch is the caller's until `finish` or `putBack`. */
  take(): Track | undefined {
    return this.#ready.shift()
  }

  putBack(track: Track): void {
    this.#ready.unshift(track)
  }

  /** The first batch of the track is over; `pieces` of it are to be sent again, in this order. */
  finish(track: Track, pieces: readonly Batch[]): void {
    const [first, ...others] = pieces
    this.#count(track.batches.shift()!, -1)
    if (this.#options.isOrdered) track.batches.unshift(...pieces)
    else if (first) track.batches.unshift(first)
    for (const piece of this.#options.isOrdered ? pieces : pieces.slice(0, 1)) this.#count(piece, 1)
    this.#arrange(track)
    if (!this.#options.isOrdered) for (const other of others) this.submit(other)
  }

  /** Takes the skipped items out of the first batch; undefined if nothing is left of it. */
  liveBatch(track: Track): Batch | undefined {
    const batch = track.batches[0]!
    if (batch.skipped === 'none') return batch
    const live = new Batch(
      batch.partition,
      batch.items.filter((item) => !isSkipped(item)),
    )
    live.failures = batch.failures
    live.isHeld = batch.isHeld
    live.isHalf = batch.isHalf
    this.#count(batch, -1)
    this.#count(live, 1)
    track.batches[0] = live
    return live.items.length > 0 ? live : undefined
  }

  /** Cancels every backoff: what waits stays waiting for good. */
  freeze(): void {
    for (const track of this.#tracks) track.cancelTimer?.()
  }

  /** All items that are not settled. */
  leftItems(): DeliveryItem[] {
    return [...this.#tracks].flatMap((track) => track.batches.flatMap((batch) => batch.items))
  }

  #arrange(track: Track): void {
    const head = track.batches[0]
    if (!head) {
      this.#tracks.delete(track)
      if (this.#byPartition.get(track.partition) === track) this.#byPartition.delete(track.partition)
      return
    }
    const delayMs = head.notBeforeMs > 0 ? head.notBeforeMs - this.#options.clock.monotonic() : 0
    if (delayMs <= 0) {
      this.#ready.push(track)
      return
    }
    const ready = (): void => {
      track.cancelTimer = undefined
      this.#ready.push(track)
      this.#options.onReady()
    }
    track.cancelTimer = this.#options.clock.after(delayMs, ready, true)
  }

  #count(batch: Batch, sign: 1 | -1): void {
    this.#batches += sign
    this.#bytes += sign * batch.bytes
    if (batch.isHeld) this.#held += sign
  }
}

const isSkipped = (item: DeliveryItem): boolean => item.ticket.isSkipped
