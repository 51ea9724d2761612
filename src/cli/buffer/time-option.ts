import { parseDuration } from '../../components/fields.ts'
import { AgentError } from '../../core/errors.ts'
import type { Instant } from '../../core/event.ts'
import { textOption } from '../command.ts'
import type { Call } from '../command.ts'

const isoTime =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?$/i

/**
 * A point in time: RFC 3339 (`2026-11-26T10:00:00Z`), parts of it (UTC where no zone stands there), how long ago (`15m`), or
 * `now`.
 */
export function timeOption(
  call: Call,
  name: string,
  { command, nowMs }: { readonly command: string; readonly nowMs: number },
): Instant | undefined {
  const text = textOption(call, name)
  if (text === undefined) return undefined
  const time = parseTime(text, nowMs)
  if (time) return time
  const reason = `expected a time such as "2026-11-26T10:00:00Z", or how long ago, such as "15m"; found ${JSON.stringify(text)}`
  throw AgentError.of('bad_option_value', { option: `--${name}`, reason, command })
}

function parseTime(text: string, nowMs: number): Instant | undefined {
  const agoMs = text === 'now' ? 0 : parseDuration(text)
  if (agoMs !== undefined) return instantOf(nowMs - agoMs, 0)
  const match = isoTime.exec(text.trim())
  if (!match) return undefined
  const [, day, minute = '00:00', second = '00', fraction = '', zone = 'Z'] = match
  const offset = zone.length === 5 ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()
  const ms = Date.parse(`${day}T${minute}:${second}${offset}`)
  // 2026-02-30 is no day, though JavaScript takes it for one.
  const isDay = new Date(`${day}T00:00:00Z`).getTime() === Date.parse(`${day}T00:00:00.000Z`)
  if (Number.isNaN(ms) || !isDay || new Date(`${day}T00:00:00Z`).toISOString().slice(0, 10) !== day)
    return undefined
  return instantOf(ms, Number(fraction.padEnd(9, '0')))
}

function instantOf(ms: number, nanos: number): Instant {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return { seconds, nanos: nanos > 0 ? nanos : Math.max(0, Math.round(ms - seconds * 1000)) * 1_000_000 }
}
