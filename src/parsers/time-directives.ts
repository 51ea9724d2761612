import { endOfDigits, isDigit, nanosOfDigits } from './time-value.ts'
import type { TimeStep } from './time-fields.ts'
import { parseOffset } from './time-zone.ts'

type NumberField =
  | 'year'
  | 'month'
  | 'day'
  | 'dayOfYear'
  | 'isoWeek'
  | 'mondayWeek'
  | 'sundayWeek'
  | 'hour'
  | 'minute'
  | 'second'

/** Up to `most` digits, after spaces where the pattern pads with them. */
function digits(text: string, from: number, most: number): { value: number; end: number } | undefined {
  let at = from
  while (text.charCodeAt(at) === 32 && at < from + most - 1) at++
  let value = 0
  let end = at
  while (end < at + most && isDigit(text.charCodeAt(end))) value = value * 10 + text.charCodeAt(end++) - 48
  return end === at ? undefined : { value, end }
}

const number = (field: NumberField, most: number): TimeStep => {
  return (text, at, fields) => {
    const found = digits(text, at, most)
    if (!found) return -1
    fields[field] = found.value
    return found.end
  }
}

/** Of a clock with twelve hours: 13 is no such hour. */
const halfDayHour: TimeStep = (text, at, fields) => {
  const end = number('hour', 2)(text, at, fields)
  return fields.hour >= 1 && fields.hour <= 12 ? end : -1
}

const year =
  (field: 'year' | 'weekYear'): TimeStep =>
  (text, at, fields) => {
    const end = endOfDigits(text, at)
    if (end < at + 4) return -1
    fields[field] = Number(text.slice(at, at + 4))
    return at + 4
  }

/** 69 to 99 are of the last century, as POSIX has it. */
const shortYear =
  (field: 'year' | 'weekYear'): TimeStep =>
  (text, at, fields) => {
    const found = digits(text, at, 2)
    if (!found) return -1
    fields[field] = found.value + (found.value < 69 ? 2000 : 1900)
    return found.end
  }

const fraction: TimeStep = (text, at, fields) => {
  const end = endOfDigits(text, at)
  if (end === at) return -1
  fields.nanos = nanosOfDigits(text, at, end)
  fields.precision = Math.min(end - at, 9)
  return end
}

const epoch: TimeStep = (text, at, fields) => {
  const end = endOfDigits(text, at)
  if (end === at || end > at + 12) return -1
  fields.epochSeconds = Number(text.slice(at, end))
  return end
}

const months = 'january february march april may june july august september october november december'.split(
  ' ',
)
const weekdays = 'monday tuesday wednesday thursday friday saturday sunday'.split(' ')

/** A name in full or by its first three letters, in any case; its number, or -1. */
function nameAt(
  text: string,
  at: number,
  names: readonly string[],
): { index: number; end: number } | undefined {
  const head = text.slice(at, at + 9).toLowerCase()
  const index = names.findIndex((name) => head.startsWith(name.slice(0, 3)))
  if (index < 0) return undefined
  const name = names[index]!
  return { index, end: at + (head.startsWith(name) ? name.length : 3) }
}

const month: TimeStep = (text, at, fields) => {
  const found = nameAt(text, at, months)
  if (!found) return -1
  fields.month = found.index + 1
  return found.end
}

const weekday: TimeStep = (text, at, fields) => {
  const found = nameAt(text, at, weekdays)
  if (!found) return -1
  fields.weekday = found.index + 1
  return found.end
}

/** `%u`: 1 to 7 from Monday on; `%w`: 0 to 6 from Sunday on. */
const weekdayNumber =
  (lowest: 0 | 1): TimeStep =>
  (text, at, fields) => {
    const digit = text.charCodeAt(at) - 48
    if (!(digit >= lowest && digit <= lowest + 6)) return -1
    fields.weekday = digit === 0 ? 7 : digit
    return at + 1
  }

const halfOfDay: TimeStep = (text, at, fields) => {
  const match = /^([ap])\.?m\.?/i.exec(text.slice(at, at + 4))
  if (!match) return -1
  fields.isAfternoon = match[1]!.toLowerCase() === 'p'
  return at + match[0].length
}

const offset: TimeStep = (text, at, fields) => {
  if (/^z/i.test(text.slice(at, at + 1))) {
    fields.offset = 0
    return at + 1
  }
  const found = parseOffset(text, at)
  if (!found) return -1
  fields.offset = found.seconds
  return found.end
}

/** RFC 2822's names and the usual European ones, in hours. Others say nothing: then the configured zone holds. */
const zoneHours: Readonly<Record<string, number>> = {
  UTC: 0,
  GMT: 0,
  UT: 0,
  Z: 0,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
  CET: 1,
  CEST: 2,
  EET: 2,
  EEST: 3,
  JST: 9,
}

const zoneName: TimeStep = (text, at, fields) => {
  const name = /^[A-Za-z]{1,6}/.exec(text.slice(at, at + 6))?.[0]
  if (name === undefined) return offset(text, at, fields)
  const hours = zoneHours[name.toUpperCase()]
  if (hours !== undefined) fields.offset = hours * 3600
  return at + name.length
}

const space: TimeStep = (text, at) => {
  let end = at
  while (text.charCodeAt(end) === 32 || text.charCodeAt(end) === 9 || text.charCodeAt(end) === 10) end++
  return end
}

const percent: TimeStep = (text, at) => (text.charCodeAt(at) === 37 ? at + 1 : -1)

/** strptime's directives, and those of Ruby and Fluentd for fractions (`%L`, `%N`, `%3N`). */
export const directives: Readonly<Record<string, TimeStep>> = {
  Y: year('year'),
  y: shortYear('year'),
  G: year('weekYear'),
  g: shortYear('weekYear'),
  V: number('isoWeek', 2),
  W: number('mondayWeek', 2),
  U: number('sundayWeek', 2),
  u: weekdayNumber(1),
  w: weekdayNumber(0),
  m: number('month', 2),
  b: month,
  B: month,
  h: month,
  d: number('day', 2),
  e: number('day', 2),
  j: number('dayOfYear', 3),
  a: weekday,
  A: weekday,
  H: number('hour', 2),
  k: number('hour', 2),
  I: halfDayHour,
  l: halfDayHour,
  M: number('minute', 2),
  S: number('second', 2),
  p: halfOfDay,
  P: halfOfDay,
  f: fraction,
  L: fraction,
  N: fraction,
  ...Object.fromEntries(
    '123456789'.split('').flatMap((width) => [
      [`${width}N`, fraction],
      [`${width}L`, fraction],
    ]),
  ),
  z: offset,
  ':z': offset,
  '::z': offset,
  Z: zoneName,
  s: epoch,
  n: space,
  t: space,
  '%': percent,
}
