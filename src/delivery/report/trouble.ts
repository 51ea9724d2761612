import type { Clock } from '../../core/clock.ts'
import { limits } from '../../core/limits.ts'
import type { Log } from '../../core/log.ts'

/** Why something was not settled: for the state, the log and `last_error`. */
export interface Trouble {
  /** `hold`: the operator has to act. `buffer`: it cannot be read. `mistake`: our own. */
  readonly kind: 'retry' | 'hold' | 'rejected' | 'buffer' | 'mistake'
  /** From the tables of core/outcome.ts, or a word of ours. */
  readonly reason: string
  readonly text: string
}

const repeatMs = 60_000

interface Told {
  atMs: number
  sinceThen: number
}

interface TroubleLogOptions {
  readonly sink: string
  readonly clock: Clock
  readonly log: Log
  readonly redact: (text: string) => string
}

/**
 * Tells people about trouble: once when it is new, then at most once a minute with the number of times since. The
 * reasons come from fixed tables, so what it remembers is bounded.
 */
export class TroubleLog {
  readonly #options: TroubleLogOptions
  readonly #told = new Map<string, Told>()
  #lastError: string | undefined

  constructor(options: TroubleLogOptions) {
    this.#options = options
  }

  /** The last trouble in words, redacted and cut. It stays after a recovery: the state says how things are now. */
  get lastError(): string | undefined {
    return this.#lastError
  }

  report(trouble: Trouble, count = 1): void {
    const { clock, log, sink } = this.#options
    const text = this.#clean(trouble.text)
    this.#lastError = text ? `${trouble.reason}: ${text}` : trouble.reason
    const key = `${trouble.kind} ${trouble.reason}`
    const nowMs = clock.monotonic()
    const told = this.#told.get(key)
    if (told && nowMs - told.atMs < repeatMs) {
      told.sinceThen += count
      return
    }
    const times = count + (told?.sinceThen ?? 0)
    this.#told.set(key, { atMs: nowMs, sinceThen: 0 })
    const fields = { sink, reason: trouble.reason, text, times }
    if (trouble.kind === 'mistake') log.error(fields, sentences.mistake)
    else log.warn(fields, sentences[trouble.kind])
  }

  /** The sink takes requests again: the next trouble is news. */
  recovered(failingMs: number): void {
    const { log, sink } = this.#options
    for (const key of this.#told.keys()) if (!key.startsWith('rejected')) this.#told.delete(key)
    log.info({ sink, seconds: Math.round(failingMs / 1000) }, 'the sink takes events again')
  }

  /** Secrets go before the cut: half a secret would not be recognised any more. */
  #clean(text: string): string {
    return this.#options.redact(text).replace(/\s+/g, ' ').trim().slice(0, limits.serverTextChars)
  }
}

const sentences = {
  retry: 'the sink did not take events, they are sent again',
  hold: 'the sink refuses events until somebody acts, they are kept',
  rejected: 'events were refused for good and are dead letters now',
  buffer: 'the buffer cannot be read, it is tried again',
  mistake: 'a mistake of the agent, please report it',
} as const
