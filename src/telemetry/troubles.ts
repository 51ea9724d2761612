import type { Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { Log } from '../core/log.ts'
import { cleanFields } from './log-fields.ts'
import { describeError } from './log-terminal.ts'
import { troubleKey } from './log-throttle.ts'

/** A warning or an error of the agent's log, and how often it came. */
export interface Trouble {
  readonly level: 'warn' | 'error'
  readonly message: string
  readonly count: number
  /** Wall clock, ms since 1970. */
  readonly first: number
  readonly last: number
  /** Those of the last time, as texts. */
  readonly fields: Readonly<Record<string, string>>
}

interface Kept {
  readonly level: 'warn' | 'error'
  readonly message: string
  readonly first: number
  count: number
  last: number
  fields: object
}

/** A field is read by a person, in one line or two. */
const maxFieldChars = 500

/**
 * What the agent has warned of since its start, for who looks at the page: kinds of trouble with their counts, the newest
 * first. A log that nobody has configured the level of shows the same.
 */
export class Troubles {
  readonly #clock: Clock
  /** The one that came last is at the end. */
  readonly #kept = new Map<string, Kept>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The same log; what it is told is remembered here. */
  watch(log: Log): Log {
    const noted =
      (level: 'warn' | 'error') =>
      (fields: object, message: string): void => {
        this.#note(level, fields, message)
        log[level](fields, message)
      }
    return {
      debug: (fields, message) => log.debug(fields, message),
      info: (fields, message) => log.info(fields, message),
      warn: noted('warn'),
      error: noted('error'),
    }
  }

  /** How many kinds there are. */
  get size(): number {
    return this.#kept.size
  }

  list(redact: (text: string) => string): Trouble[] {
    return [...this.#kept.values()].toReversed().map(({ fields, ...kept }) => ({
      ...kept,
      message: redact(kept.message),
      fields: textsOf(fields, redact),
    }))
  }

  #note(level: 'warn' | 'error', fields: object, message: string): void {
    const key = troubleKey(level, fields, message)
    const now = this.#clock.now()
    const kept = this.#kept.get(key) ?? { level, message, first: now, count: 0, last: now, fields }
    this.#kept.delete(key)
    if (this.#kept.size >= limits.troubles) this.#kept.delete(this.#kept.keys().next().value!)
    this.#kept.set(key, kept)
    kept.count += 1
    kept.last = now
    // Made fit to be shown only when somebody looks: troubles may come by the thousand.
    kept.fields = fields
  }
}

function textsOf(fields: object, redact: (text: string) => string): Record<string, string> {
  const clean = Object.entries(cleanFields(fields, redact)).filter(([, value]) => value !== undefined)
  return Object.fromEntries(clean.map(([name, value]) => [name, cut(textOf(value))]))
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  // Not the stack of an error: the log has it.
  if (typeof value === 'object' && value !== null && 'stack' in value && 'message' in value)
    return describeError(value)
  return JSON.stringify(value)
}

const cut = (text: string): string =>
  text.length <= maxFieldChars ? text : `${text.slice(0, maxFieldChars)}…`
