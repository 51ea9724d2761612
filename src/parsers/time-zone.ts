import { secondsPerDay } from './civil.ts'
import { isDigit, twoDigits } from './time-value.ts'

/** Turns the reading of a wall clock into an instant. */
export interface TimeZone {
  readonly name: string
  /** Seconds east of UTC at the local time `localSeconds` (a wall clock's reading, counted as if it were UTC). */
  offsetAt(localSeconds: number): number
}

export const utc: TimeZone = { name: 'UTC', offsetAt: () => 0 }

/** An IANA name, `UTC`, or an offset such as `+08:00`; undefined for anything else. */
export function timeZone(name: string): TimeZone | undefined {
  const fixed = fixedOffset(name)
  if (fixed !== undefined) return fixed === 0 ? utc : { name, offsetAt: () => fixed }
  try {
    return new NamedZone(name)
  } catch {
    // Intl throws a RangeError for names that it doesn't know: that is its only way to say so.
    return undefined
  }
}

function fixedOffset(name: string): number | undefined {
  if (/^(utc|gmt|z)$/i.test(name)) return 0
  if (!/^[+-]\d{2}(:?\d{2})?$/.test(name)) return undefined
  const offset = parseOffset(name, 0)
  return offset === undefined ? undefined : offset.seconds
}

/** `+08:00`, `+0800`, `+08`, `-0330` at `at`; `end` is where the text goes on. */
export function parseOffset(text: string, at: number): { seconds: number; end: number } | undefined {
  const sign = text.charCodeAt(at)
  if (sign !== 43 && sign !== 45) return undefined
  const hours = twoDigits(text, at + 1)
  const colon = text.charCodeAt(at + 3) === 58 ? 1 : 0
  const hasMinutes = isDigit(text.charCodeAt(at + 3 + colon))
  const minutes = hasMinutes ? twoDigits(text, at + 3 + colon) : 0
  if (!(hours <= 23 && minutes <= 59) || (colon === 1 && !hasMinutes)) return undefined
  const seconds = hours * 3600 + minutes * 60
  return { seconds: sign === 45 ? -seconds : seconds, end: at + 3 + (hasMinutes ? colon + 2 : 0) }
}

/** Zones turn at quarters of an hour, so an offset holds for at least that long. `Intl` costs microseconds a call. */
const slotSeconds = 900
const slotsKept = 256

class NamedZone implements TimeZone {
  readonly name: string
  readonly #format: Intl.DateTimeFormat
  readonly #offsets = new Map<number, number>()

  constructor(name: string) {
    this.name = name
    this.#format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  }

  offsetAt(localSeconds: number): number {
    const slot = Math.floor(localSeconds / slotSeconds)
    const known = this.#offsets.get(slot)
    if (known !== undefined) return known
    const offset = this.#find(localSeconds)
    if (this.#offsets.size >= slotsKept) this.#offsets.clear()
    this.#offsets.set(slot, offset)
    return offset
  }

  /**
   * A time that the clocks show twice is taken as the first of the two; one that they skip is read with the offset
   * from before the jump, as most date libraries do.
   */
  #find(localSeconds: number): number {
    const before = this.#offsetAtInstant(localSeconds - secondsPerDay)
    const after = this.#offsetAtInstant(localSeconds + secondsPerDay)
    if (before === after) return before
    if (this.#offsetAtInstant(localSeconds - before) === before) return before
    return this.#offsetAtInstant(localSeconds - after) === after ? after : before
  }

  #offsetAtInstant(seconds: number): number {
    const fields: Record<string, number> = {}
    for (const part of this.#format.formatToParts(seconds * 1000)) fields[part.type] = Number(part.value)
    const { year, month, day, hour, minute, second } = fields
    return Date.UTC(year!, month! - 1, day, hour, minute, second) / 1000 - seconds
  }
}
