import type { StoredEvent } from '../../buffer/buffer.ts'
import type { DeliveryConfig } from '../../components/fields.ts'
import type { Clock } from '../../core/clock.ts'
import { limits } from '../../core/limits.ts'
import { silentLog } from '../../core/log.ts'
import type { Log } from '../../core/log.ts'
import type { Sink } from '../../sinks/sink.ts'
import type { DeadLetterStore } from '../dead-letters.ts'
import { createDelivery } from '../delivery-loop.ts'
import type { Delivery } from '../delivery.ts'
import type { DeadLetter } from '../letters/dead-letter.ts'
import { ReplayCursor } from './replay-cursor.ts'
import type { ReplayFeed } from './replay-cursor.ts'

export interface ReplayOptions {
  readonly name: string
  readonly type: string
  /** A `ReplaySink` or a `LetterSink`. */
  readonly sink: Sink
  readonly config: DeliveryConfig
  readonly feed: ReplayFeed
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly redact: (text: string) => string
  readonly acknowledged: (event: StoredEvent) => void
  /** The sink will never take them. */
  readonly refused: (letters: readonly DeadLetter[]) => void
}

/** Events on their way to a sink once more, in a delivery of their own that shares no counter with the first one. */
export class Replay {
  readonly #cursor: ReplayCursor
  readonly #delivery: Delivery

  constructor(options: ReplayOptions) {
    const { feed, log, name: sink, acknowledged, refused } = options
    this.#cursor = new ReplayCursor({ sink, feed, acknowledged })
    this.#delivery = createDelivery({
      ...options,
      cursor: this.#cursor,
      config: { ...options.config, max_in_flight: limits.replayInFlight },
      deadLetters: collecting(refused),
      // Its troubles are told to who asked for it; a mistake of ours is for all.
      log: { ...silentLog, error: (fields, message) => log.error(fields, message) },
      meter: { request() {} },
    })
  }

  /** Resolves once all of it is sent and answered, or when `signal` aborts: then requests in flight are given up. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => this.#cursor.stop()
    if (signal.aborted) stop()
    signal.addEventListener('abort', stop, { once: true })
    this.#delivery.start()
    try {
      await this.#delivery.settled(signal)
    } finally {
      signal.removeEventListener('abort', stop)
      await this.#delivery.stop(AbortSignal.abort())
      await this.#cursor.close()
    }
    if (this.#cursor.failure !== undefined) throw this.#cursor.failure
  }

  /** Why it does not go on, for people; undefined while it does. */
  get trouble(): string | undefined {
    const { state, lastError } = this.#delivery.status()
    return state === 'ok' || state === 'stopped' ? undefined : lastError
  }
}

/** Refusals of a replay are no dead letters: the event is in the buffer, or is one already. */
function collecting(refused: ReplayOptions['refused']): DeadLetterStore {
  return {
    forSink: () => ({
      write: (letters) => Promise.resolve(refused(letters)),
      bySource: () => new Map(),
    }),
    stored: () => 0,
    fullness: () => 0,
    close: () => Promise.resolve(),
  }
}
