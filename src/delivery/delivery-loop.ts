import { aborted, sleep } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { SinkStatus } from '../telemetry/view.ts'
import type { Delivery, DeliveryOptions, ReplayCounter } from './delivery.ts'
import { buildParts } from './parts.ts'
import type { Parts } from './parts.ts'
import { Wake } from './pace/wake.ts'

/** How long to wait after the buffer could not be read. */
const readAgainMs = 1_000

/** What saving the cursor may take beyond the deadline of a stop. */
const saveGraceMs = 1_000

/** Reads records and hands them to the intake; the rest happens when batches close. */
class DeliveryLoop implements Delivery {
  readonly #options: DeliveryOptions
  readonly #parts: Parts
  readonly #changed = new Wake()
  readonly #stopping = new AbortController()
  readonly #mostWaitingBytes: number
  #settledWaiters: (() => void)[] = []
  #idle: AbortController | undefined
  #loop: Promise<void> = Promise.resolve()
  #stopped: Promise<void> | undefined
  #isStopped = false
  /** Since when the buffer cannot be read. */
  #unreadSinceMs: number | undefined
  /** A flush came while the buffer held events that were not read yet: they go out when its end is reached. */
  #flushAtEnd = false

  constructor(options: DeliveryOptions) {
    this.#options = options
    this.#parts = buildParts(options, () => this.#changed.notify())
    const wanted = (options.config.max_in_flight + 1) * options.sink.limits.maxBytes
    this.#mostWaitingBytes = Math.min(Math.max(wanted, limits.waitingBatchBytes), limits.openPastCursorBytes)
    options.cursor.onSkip((records) => {
      if (!this.#parts.outstanding.skip(records)) return
      this.#parts.dispatcher.cancelSkipped()
      this.#changed.notify()
    })
  }

  start(): void {
    if (!this.#stopping.signal.aborted) this.#loop = this.#read()
  }

  flush(): void {
    this.#parts.batcher.flush()
    this.#flushAtEnd = !this.#isAtEnd()
  }

  settled(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const giveUp = (): void => resolve(false)
      if (signal.aborted || this.#stopping.signal.aborted) return giveUp()
      signal.addEventListener('abort', giveUp, { once: true })
      this.#stopping.signal.addEventListener('abort', giveUp, { once: true })
      this.#settledWaiters.push(() => {
        signal.removeEventListener('abort', giveUp)
        this.#stopping.signal.removeEventListener('abort', giveUp)
        resolve(true)
      })
      this.#idle?.abort()
    })
  }

  stop(signal: AbortSignal): Promise<void> {
    this.#stopped ??= this.#stop(signal)
    return this.#stopped
  }

  get replays(): ReplayCounter {
    return this.#parts.counters
  }

  status(): SinkStatus {
    const { name, type, cursor, deadLetters, labelDemotions } = this.#options
    const { counters, dispatcher, gate, troubles } = this.#parts
    const lag = cursor.lag()
    return {
      name,
      type,
      state: this.#state(),
      failingSinceMs: gate.failingSinceMs ?? this.#unreadSinceMs,
      lagEvents: lag.events,
      lagSeconds: lag.seconds,
      inFlight: dispatcher.inFlight,
      lastError: troubles.lastError,
      counts: cursor.counts,
      deadLettered: counters.deadLettered,
      deadLettersStored: deadLetters.stored(name),
      deadLettersFull: deadLetters.fullness(),
      possibleDuplicates: counters.possibleDuplicates,
      replayed: counters.replayed,
      notes: counters.notes,
      retries: counters.retries,
      labelDemotions: labelDemotions?.() ?? 0,
      requests: counters.requests,
    }
  }

  #state(): SinkStatus['state'] {
    const { dispatcher, gate } = this.#parts
    if (this.#isStopped) return 'stopped'
    if (gate.isBlocked || dispatcher.tracks.held > 0) return 'holding'
    return gate.isFailing || this.#unreadSinceMs !== undefined ? 'retrying' : 'ok'
  }

  async #read(): Promise<void> {
    const { signal } = this.#stopping
    while (!signal.aborted) {
      if (!this.#mayRead()) {
        await this.#changed.wait()
        continue
      }
      try {
        const record = await this.#options.cursor.next()
        this.#unreadSinceMs = undefined
        if (record) this.#parts.intake.take(record, this.#options.clock.monotonic())
        else await this.#waitForMore()
      } catch (error) {
        // The loop must outlive a disk that cannot be read for a while: nobody would start it again.
        this.#unreadSinceMs ??= this.#options.clock.monotonic()
        this.#parts.troubles.report({ kind: 'buffer', reason: 'buffer_read', text: String(error) })
        await sleep(this.#options.clock, readAgainMs, signal)
      }
    }
  }

  /**
   * Memory is bounded by bytes. While the sink fails only what a probe needs is read: nothing as long as some batch
   * may be tried, and no more batches than would be in flight if all were well.
   */
  #mayRead(): boolean {
    const { batcher, dispatcher, gate, outstanding } = this.#parts
    const { tracks } = dispatcher
    if (tracks.bytes + batcher.bytes >= this.#mostWaitingBytes) return false
    if (!gate.isFailing || outstanding.count === 0) return true
    if (gate.isBlocked || tracks.hasReady || dispatcher.inFlight > 0 || !batcher.isEmpty) return false
    return !gate.isWholeSink || tracks.batches < this.#options.config.max_in_flight
  }

  async #waitForMore(): Promise<void> {
    const { batcher } = this.#parts
    const { cursor } = this.#options
    const isEnd = this.#isAtEnd()
    // What an open batch holds keeps it open. Where the rest only waits for a sync, the batch may go on filling: files that
    // come by the thousand made a request of every dozen lines.
    if (cursor.isFull || this.#flushAtEnd || this.#settledWaiters.length > 0) batcher.flush()
    if (isEnd) {
      this.#flushAtEnd = false
      void this.#answerWaiters()
    }
    const idle = new AbortController()
    this.#idle = idle
    if (this.#stopping.signal.aborted) return
    await cursor.more(idle.signal)
    this.#idle = undefined
  }

  /** Every event of the buffer that is not settled was read. */
  #isAtEnd(): boolean {
    return this.#options.cursor.lag().events <= this.#parts.outstanding.count
  }

  async #answerWaiters(): Promise<void> {
    if (this.#settledWaiters.length === 0) return
    const waiters = this.#settledWaiters
    this.#settledWaiters = []
    await this.#parts.outstanding.cut()
    for (const resolve of waiters) resolve()
  }

  async #stop(signal: AbortSignal): Promise<void> {
    const { batcher, counters, dispatcher, gate } = this.#parts
    this.#stopping.abort()
    this.#idle?.abort()
    this.#changed.notify()
    await this.#loop
    await this.#readRest()
    if (!gate.isFailing) batcher.flush()
    const left = await dispatcher.drain(signal)
    batcher.abandon()
    if (!this.#options.sink.resendIsSafe) {
      counters.possibleDuplicate(left.filter((item) => item.unanswered && !item.ticket.isSkipped).length)
    }
    await this.#save(signal)
    this.#isStopped = true
  }

  /** What was shown in the last moment, where it is no more than a batch: a few lines need not wait for the next start. */
  async #readRest(): Promise<void> {
    const { gate, intake, outstanding } = this.#parts
    const { clock, cursor, sink } = this.#options
    const unread = cursor.lag().events - outstanding.count
    if (unread <= 0 || unread > sink.limits.maxEvents) return
    while (!gate.isFailing && this.#mayRead()) {
      const record = await cursor.next().catch(() => undefined)
      if (!record) return
      intake.take(record, clock.monotonic())
    }
  }

  /**
   * A cursor that cannot be saved costs a resend, never an event: no reason to fail a stop, nor to hold it up for long
   * (a cursor tries for as long as its disk refuses).
   */
  async #save(signal: AbortSignal): Promise<void> {
    const { clock, cursor, log, name } = this.#options
    const fields = { sink: name }
    const sentence = 'the cursor could not be saved, some events may be sent again'
    const saved = new AbortController()
    const giveUp = async (): Promise<void> => {
      await aborted(AbortSignal.any([signal, saved.signal]))
      await sleep(clock, saveGraceMs, saved.signal)
      if (!saved.signal.aborted) log.warn(fields, sentence)
    }
    const save = cursor
      .save()
      .catch((error: unknown) => log.warn({ ...fields, error: String(error) }, sentence))
    await Promise.race([save.finally(() => saved.abort()), giveUp()])
  }
}

export function createDelivery(options: DeliveryOptions): Delivery {
  return new DeliveryLoop(options)
}
