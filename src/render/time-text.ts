import type { Instant } from '../core/event.ts'

/** RFC 3339 in UTC with `precision` (0 to 9) digits after the second: `2026-11-20T18:00:00.123Z`. */
export function rfc3339(time: Instant, precision: number): string {
  return `${secondText(time.seconds)}${fraction(time.nanos, precision)}Z`
}

/** `.123` for 123,456,789 ns and a precision of 3; '' for 0. */
export function fraction(nanos: number, precision: number): string {
  if (precision <= 0) return ''
  return `.${String(nanos).padStart(9, '0').slice(0, precision)}`
}

let cachedSecond = NaN
let cachedText = ''

/** `2026-11-20T18:00:00`. Events come in runs of the same second, so the last one is kept. */
export function secondText(seconds: number): string {
  if (seconds !== cachedSecond) {
    cachedText = new Date(seconds * 1000).toISOString().slice(0, 19)
    cachedSecond = seconds
  }
  return cachedText
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

interface Specifier {
  readonly text: (date: Date) => string
  /** How long its text stays the same, in seconds. */
  readonly seconds: number
}

const two = (value: number): string => String(value).padStart(2, '0')
const perDay = (text: (date: Date) => string): Specifier => ({ text, seconds: 86_400 })
const perHour = (text: (date: Date) => string): Specifier => ({ text, seconds: 3600 })

const specifiers: Readonly<Record<string, Specifier>> = {
  Y: perDay((date) => String(date.getUTCFullYear())),
  y: perDay((date) => two(date.getUTCFullYear() % 100)),
  m: perDay((date) => two(date.getUTCMonth() + 1)),
  b: perDay((date) => months[date.getUTCMonth()]!.slice(0, 3)),
  B: perDay((date) => months[date.getUTCMonth()]!),
  d: perDay((date) => two(date.getUTCDate())),
  e: perDay((date) => String(date.getUTCDate()).padStart(2, ' ')),
  j: perDay((date) => String(dayOfYear(date)).padStart(3, '0')),
  a: perDay((date) => days[date.getUTCDay()]!.slice(0, 3)),
  A: perDay((date) => days[date.getUTCDay()]!),
  u: perDay((date) => String(date.getUTCDay() || 7)),
  w: perDay((date) => String(date.getUTCDay())),
  G: perDay((date) => String(isoWeek(date).year)),
  V: perDay((date) => two(isoWeek(date).week)),
  F: perDay((date) => date.toISOString().slice(0, 10)),
  H: perHour((date) => two(date.getUTCHours())),
  I: perHour((date) => two(date.getUTCHours() % 12 || 12)),
  p: perHour((date) => (date.getUTCHours() < 12 ? 'AM' : 'PM')),
  M: { text: (date) => two(date.getUTCMinutes()), seconds: 60 },
  S: { text: (date) => two(date.getUTCSeconds()), seconds: 1 },
  T: { text: (date) => date.toISOString().slice(11, 19), seconds: 1 },
  s: { text: (date) => String(Math.floor(date.getTime() / 1000)), seconds: 1 },
  z: perDay(() => '+0000'),
  Z: perDay(() => 'UTC'),
  '%': perDay(() => '%'),
}

/** The `%x` in `pattern` that `strftime` does not know, or undefined. For errors at config time. */
export function unknownSpecifier(pattern: string): string | undefined {
  for (const [whole, letter] of pattern.matchAll(/%(.?)/gs)) {
    if (!Object.hasOwn(specifiers, letter!)) return whole
  }
  return undefined
}

/** The text of a pattern only changes at multiples of so many seconds since 1970; Infinity: it never does. */
export function strftimePeriod(pattern: string): number {
  const known = [...pattern.matchAll(/%(.)/gs)].flatMap(([, letter]) => specifiers[letter!] ?? [])
  return Math.min(...known.map((specifier) => specifier.seconds), Infinity)
}

/** A strftime pattern, always in UTC. Unknown specifiers stay as they are; the last text is kept while it holds. */
export function compileStrftime(pattern: string): (seconds: number) => string {
  const seconds = strftimePeriod(pattern)
  if (seconds === Infinity) return () => pattern
  let cachedSlot = NaN
  let cached = ''
  return (time) => {
    const slot = Math.floor(time / seconds)
    if (slot !== cachedSlot) {
      const date = new Date(time * 1000)
      cached = pattern.replace(/%(.)/gs, (whole, letter: string) => specifiers[letter]?.text(date) ?? whole)
      cachedSlot = slot
    }
    return cached
  }
}

function dayOfYear(date: Date): number {
  return Math.floor((date.getTime() - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
}

/** The week belongs to the year that holds its Thursday. */
function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(date.getTime() + (4 - (date.getUTCDay() || 7)) * 86_400_000)
  return { year: thursday.getUTCFullYear(), week: Math.floor((dayOfYear(thursday) - 1) / 7) + 1 }
}
