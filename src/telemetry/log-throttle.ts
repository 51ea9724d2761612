import type { Clock } from '../core/clock.ts'
import type { Log } from '../core/log.ts'

export interface LogThrottleOptions {
  readonly clock: Clock
  /** The same trouble is written at most once in this time. */
  readonly everyMs?: number
  /** Troubles remembered at a time; what comes beyond them is written and not counted, so that memory stays bounded. */
  readonly maxKeys?: number
}

interface Burst {
  hidden: number
  fields: object
}

/** The fields that tell one trouble from another. A path is not among them: a thousand files may have the same trouble. */
const keyFields = ['sink', 'source', 'key'] as const

/**
 * A log whose warnings and errors do not repeat without end: the first of a kind (level, message, sink, source) is
 * written at once; those that follow within `everyMs` are counted, and the last of them is written at the end of that
 * time with `hidden`, the count of the others. What writes to it need not know.
 */
export function throttleLog(log: Log, options: LogThrottleOptions): Log {
  const { clock, everyMs = 30_000, maxKeys = 1000 } = options
  const bursts = new Map<string, Burst>()
  const throttled =
    (level: 'warn' | 'error') =>
    (fields: object, message: string): void => {
      const key = troubleKey(level, fields, message)
      const burst = bursts.get(key)
      if (burst) {
        burst.hidden += 1
        burst.fields = fields
        return
      }
      log[level](fields, message)
      if (bursts.size < maxKeys) open(key, (last) => log[level](last, message))
    }
  const open = (key: string, write: (fields: object) => void): void => {
    const burst: Burst = { hidden: 0, fields: {} }
    bursts.set(key, burst)
    clock.after(everyMs, () => {
      bursts.delete(key)
      if (burst.hidden === 0) return
      write(burst.hidden > 1 ? { ...burst.fields, hidden: burst.hidden - 1 } : burst.fields)
      open(key, write)
    })
  }
  return {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: throttled('warn'),
    error: throttled('error'),
  }
}

/** The same for troubles of one kind. */
export function troubleKey(level: string, fields: object, message: string): string {
  const values: Readonly<Record<string, unknown>> = { ...fields }
  const known = keyFields.map((name) => (typeof values[name] === 'object' ? '' : values[name]))
  return JSON.stringify([level, message, ...known])
}
