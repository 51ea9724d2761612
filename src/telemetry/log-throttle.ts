import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'

export interface LogThrottleOptions {
  readonly log: Log
  readonly clock: Clock
  /** The same key is written at most once in this time. */
  readonly everyMs?: number
  /** Keys remembered at a time; a key beyond them is written without being counted, so that memory stays bounded. */
  readonly maxKeys?: number
}

type Level = 'debug' | 'info' | 'warn' | 'error'

interface Hidden {
  count: number
  level: Level
  fields: object
  message: string
}

/**
 * For messages that trouble repeats (a sink that does not answer, a file that may not be opened): the first of a key is
 * written at once; those that follow within `everyMs` are counted, and the last of them is written at the end of that
 * time with `hidden`, the count of the others.
 */
export class LogThrottle {
  readonly #log: Log
  readonly #clock: Clock
  readonly #everyMs: number
  readonly #maxKeys: number
  readonly #open = new Map<string, Hidden>()

  constructor(options: LogThrottleOptions) {
    this.#log = options.log
    this.#clock = options.clock
    this.#everyMs = options.everyMs ?? 30_000
    this.#maxKeys = options.maxKeys ?? 1000
  }

  write(level: Level, key: string, entry: { readonly fields: object; readonly message: string }): void {
    const hidden = this.#open.get(key)
    if (hidden) {
      hidden.count += 1
      Object.assign(hidden, { level, ...entry })
      return
    }
    this.#log[level](entry.fields, entry.message)
    if (this.#open.size < this.#maxKeys) this.#openKey(key, { count: 0, level, ...entry })
  }

  #openKey(key: string, hidden: Hidden): void {
    this.#open.set(key, hidden)
    this.#clock.after(this.#everyMs, () => {
      this.#open.delete(key)
      if (hidden.count === 0) return
      const { level, fields, message, count } = hidden
      this.#log[level](count > 1 ? { ...fields, hidden: count - 1 } : fields, message)
      this.#openKey(key, { ...hidden, count: 0 })
    })
  }
}
