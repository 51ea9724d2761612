import PQueue from 'p-queue'
import type { Cancel, Clock } from '../core/clock.ts'
import type { Batch } from './batch.ts'
import { Concurrency } from './pace/concurrency.ts'
import { Flight } from './flight.ts'
import type { Failure, Gate } from './pace/gate.ts'
import type { DeliveryItem } from './item.ts'
import { Tracks } from './tracks.ts'
import type { Track } from './tracks.ts'
import { Wake } from './pace/wake.ts'

/** What became of one batch. */
export interface AttemptEnd {
  /** To be sent again, in this order, before anything newer of the partition. */
  readonly pieces: readonly Batch[]
  /** To be sent in other partitions. */
  readonly rerouted: readonly Batch[]
  readonly verdict: 'passed' | Failure | undefined
  /** The server said that it is too much. */
  readonly isTooMuch: boolean
}

interface DispatcherOptions {
  readonly isOrdered: boolean
  readonly maxInFlight: number
  readonly clock: Clock
  readonly gate: Gate
  /** Sends and settles; never rejects. */
  readonly attempt: (flight: Flight) => Promise<AttemptEnd>
  /** Something ended: there may be room to read on. */
  readonly onChange: () => void
}

/**
 * Decides which batch goes next, and how many go at once. p-queue holds the requests in flight and at most one that
 * waits for a slot: it has no bound of its own, so nothing is added before `onSizeLessThan(1)`.
 */
export class Dispatcher {
  readonly #options: DispatcherOptions
  readonly #tracks: Tracks
  readonly #queue = new PQueue({ concurrency: 1 })
  readonly #concurrency: Concurrency
  readonly #flights = new Set<Flight>()
  readonly #changed = new Wake()
  /** Tracks handed to p-queue, in flight or waiting for their slot. */
  #active = 0
  #isPumping = false
  #cancelGateTimer: Cancel | undefined
  #state: 'running' | 'draining' | 'closed' = 'running'

  constructor(options: DispatcherOptions) {
    this.#options = options
    const { isOrdered, clock } = options
    this.#tracks = new Tracks({ isOrdered, clock, onReady: () => this.#start() })
    this.#concurrency = new Concurrency(options.maxInFlight)
  }

  get inFlight(): number {
    return this.#flights.size
  }

  /** How many requests may be in flight now. */
  get concurrency(): number {
    return this.#concurrency.limit
  }

  get tracks(): Pick<Tracks, 'batches' | 'bytes' | 'held' | 'hasReady'> {
    return this.#tracks
  }

  submit(batch: Batch): void {
    this.#tracks.submit(batch)
    this.#start()
  }

  /** Gives up requests of which nothing but skipped events is left. */
  cancelSkipped(): void {
    for (const flight of this.#flights) {
      if (flight.batch.skipped === 'all') flight.cancel('skipped')
    }
  }

  /**
   * Settles what is in flight, and sends what was never sent unless the sink is failing, until `signal` aborts; then
   * gives up the rest. Returns the items that are left: they stay in the buffer.
   */
  async drain(signal: AbortSignal): Promise<DeliveryItem[]> {
    this.#state = 'draining'
    this.#tracks.freeze()
    const abort = (): void => {
      this.#state = 'closed'
      for (const flight of this.#flights) flight.cancel('stopped')
      this.#changed.notify()
    }
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
    this.#start()
    while (this.#active > 0 || (this.#maySend() && this.#tracks.hasReady)) await this.#changed.wait()
    signal.removeEventListener('abort', abort)
    this.#state = 'closed'
    this.#cancelGateTimer?.()
    this.#tracks.freeze()
    return this.#tracks.leftItems()
  }

  #maySend(): boolean {
    return this.#state === 'running' || (this.#state === 'draining' && !this.#options.gate.isFailing)
  }

  #start(): void {
    if (!this.#isPumping) void this.#pump()
  }

  async #pump(): Promise<void> {
    this.#isPumping = true
    for (;;) {
      await this.#queue.onSizeLessThan(1)
      if (!this.#maySend() || !this.#isGateOpen()) break
      const track = this.#tracks.take()
      if (!track) break
      this.#active += 1
      void this.#queue.add(() => this.#run(track))
    }
    this.#isPumping = false
    this.#changed.notify()
  }

  #isGateOpen(): boolean {
    const { waitMs } = this.#options.gate
    if (waitMs === 0) return true
    this.#cancelGateTimer?.()
    if (waitMs !== undefined) {
      this.#cancelGateTimer = this.#options.clock.after(waitMs, () => this.#start(), true)
    }
    return false
  }

  async #run(track: Track): Promise<void> {
    const { clock, gate } = this.#options
    // It may have waited in p-queue while the sink began to fail: then it is no probe, and waits again.
    if (!this.#maySend() || gate.waitMs !== 0) {
      this.#tracks.putBack(track)
      return this.#ended()
    }
    const batch = this.#tracks.liveBatch(track)
    if (!batch) {
      this.#tracks.finish(track, [])
      return this.#ended()
    }
    const flight = new Flight(batch)
    const startedMs = clock.monotonic()
    const round = gate.started()
    this.#flights.add(flight)
    const end = await this.#options.attempt(flight)
    this.#flights.delete(flight)
    gate.ended(round, end.verdict)
    if (end.isTooMuch) this.#concurrency.lower(startedMs, clock.monotonic())
    else if (end.verdict === 'passed') this.#concurrency.raise()
    // Setting it is another look through the queue.
    const { limit } = this.#concurrency
    if (this.#queue.concurrency !== limit) this.#queue.concurrency = limit
    this.#tracks.finish(track, end.pieces)
    for (const rerouted of end.rerouted) this.#tracks.submit(rerouted)
    if (this.#state !== 'running') this.#tracks.freeze()
    this.#ended()
  }

  #ended(): void {
    this.#active -= 1
    this.#start()
    this.#changed.notify()
    this.#options.onChange()
  }
}
