import { daysOfDate, daysOfYear, secondsOfTime, secondsPerDay, yearOfSeconds } from './civil.ts'
import { directives } from './time-directives.ts'
import type { TimeFields, TimeStep } from './time-directives.ts'
import type { ParsedTime } from './time-value.ts'
import type { TimeZone } from './time-zone.ts'

export interface TimePattern {
  /** `nowSeconds` says which year or day a time without one belongs to. */
  parse(text: string, zone: TimeZone, nowSeconds: number): ParsedTime | undefined
}

export class TimePatternError extends Error {}

/** Compiles a strptime pattern. Throws `TimePatternError` naming the directive that it doesn't know. */
export function compileStrptime(pattern: string): TimePattern {
  const steps = stepsOf(pattern)
  return {
    parse(text, zone, nowSeconds) {
      const fields = newFields()
      let at = 0
      for (const step of steps) {
        at = step(text, at, fields)
        if (at < 0) return undefined
      }
      return at === text.length ? instantOf(fields, zone, nowSeconds) : undefined
    },
  }
}

function stepsOf(pattern: string): TimeStep[] {
  const steps: TimeStep[] = []
  for (const [part, name] of pattern.matchAll(/%([EO:]?[a-zA-Z%+]|\d?N)|\s+|[^%\s]+|%/g)) {
    if (name !== undefined) steps.push(...stepsOfDirective(part, name))
    else if (part === '%') throw new TimePatternError(`"%" without a letter in ${JSON.stringify(pattern)}`)
    else steps.push(/^\s/.test(part) ? skipSpace : literal(part))
  }
  return steps
}

/** Directives that stand for several. */
const compound: Readonly<Record<string, string>> = {
  T: '%H:%M:%S',
  R: '%H:%M',
  F: '%Y-%m-%d',
  D: '%m/%d/%y',
  r: '%I:%M:%S %p',
  c: '%a %b %e %H:%M:%S %Y',
}

function stepsOfDirective(part: string, name: string): TimeStep[] {
  const whole = compound[name]
  if (whole !== undefined) return stepsOf(whole)
  const step = Object.hasOwn(directives, name) ? directives[name] : undefined
  if (!step) throw new TimePatternError(`unknown directive ${part}`)
  return [step]
}

const skipSpace: TimeStep = (text, at) => {
  let end = at
  while (text.charCodeAt(end) === 32 || (text.charCodeAt(end) >= 9 && text.charCodeAt(end) <= 13)) end++
  return end
}

const literal = (part: string): TimeStep => {
  return (text, at) => (text.startsWith(part, at) ? at + part.length : -1)
}

const newFields = (): TimeFields => ({
  year: NaN,
  month: NaN,
  day: NaN,
  dayOfYear: NaN,
  hour: 0,
  minute: 0,
  second: 0,
  nanos: 0,
  precision: 0,
  isAfternoon: undefined,
  offset: undefined,
  epochSeconds: undefined,
})

function instantOf(fields: TimeFields, zone: TimeZone, nowSeconds: number): ParsedTime | undefined {
  const { nanos, precision } = fields
  if (fields.epochSeconds !== undefined) return { seconds: fields.epochSeconds, nanos, precision }
  const seconds = inYear(fields, zone, nowSeconds)
  return Number.isNaN(seconds) ? undefined : { seconds, nanos, precision }
}

/** A time without a year is the newest one that doesn't lie in the future by more than a day. */
function inYear(fields: TimeFields, zone: TimeZone, nowSeconds: number): number {
  if (!Number.isNaN(fields.year)) return secondsOf(fields, fields.year, zone)
  if (Number.isNaN(fields.month) && Number.isNaN(fields.dayOfYear)) return today(fields, zone, nowSeconds)
  const year = yearOfSeconds(nowSeconds)
  for (const candidate of [year + 1, year, year - 1]) {
    const seconds = secondsOf(fields, candidate, zone)
    if (seconds <= nowSeconds + secondsPerDay) return seconds
  }
  return NaN
}

function today(fields: TimeFields, zone: TimeZone, nowSeconds: number): number {
  if (!Number.isNaN(fields.day)) return NaN
  const offset = fields.offset ?? zone.offsetAt(nowSeconds)
  const days = Math.floor((nowSeconds + offset) / secondsPerDay)
  const seconds = localSeconds(fields, days) - offset
  // Shortly after midnight lines of the evening before are still read.
  return seconds > nowSeconds + secondsPerDay / 2 ? seconds - secondsPerDay : seconds
}

function secondsOf(fields: TimeFields, year: number, zone: TimeZone): number {
  const days = Number.isNaN(fields.dayOfYear)
    ? daysOfDate(year, fields.month, Number.isNaN(fields.day) ? 1 : fields.day)
    : daysOfYear(year) + fields.dayOfYear - 1
  const local = localSeconds(fields, days)
  return Number.isNaN(local) ? NaN : local - (fields.offset ?? zone.offsetAt(local))
}

function localSeconds(fields: TimeFields, days: number): number {
  const { isAfternoon, minute, second } = fields
  const hour = isAfternoon === undefined ? fields.hour : (fields.hour % 12) + (isAfternoon ? 12 : 0)
  return secondsOfTime(days, hour, minute, second)
}
