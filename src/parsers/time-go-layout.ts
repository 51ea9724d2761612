import { directives } from './time-directives.ts'
import type { TimeStep } from './time-fields.ts'
import { literal, patternOf, skipSpace, TimePatternError } from './time-strptime.ts'
import type { TimePattern } from './time-strptime.ts'
import { endOfFraction } from './time-shape.ts'

/** The names that Go's package `time` has for layouts, as Promtail takes them. */
const named: Readonly<Record<string, string>> = {
  ANSIC: 'Mon Jan _2 15:04:05 2006',
  UnixDate: 'Mon Jan _2 15:04:05 MST 2006',
  RubyDate: 'Mon Jan 02 15:04:05 -0700 2006',
  RFC822: '02 Jan 06 15:04 MST',
  RFC822Z: '02 Jan 06 15:04 -0700',
  RFC850: 'Monday, 02-Jan-06 15:04:05 MST',
  RFC1123: 'Mon, 02 Jan 2006 15:04:05 MST',
  RFC1123Z: 'Mon, 02 Jan 2006 15:04:05 -0700',
  RFC3339: '2006-01-02T15:04:05Z07:00',
  RFC3339Nano: '2006-01-02T15:04:05.999999999Z07:00',
  Kitchen: '3:04PM',
  Stamp: 'Jan _2 15:04:05',
  StampMilli: 'Jan _2 15:04:05.000',
  StampMicro: 'Jan _2 15:04:05.000000',
  StampNano: 'Jan _2 15:04:05.000000000',
  DateTime: '2006-01-02 15:04:05',
  DateOnly: '2006-01-02',
}

/** Go's reference time, Monday January 2nd 2006, 15:04:05, in the parts that a layout can name; longer ones first. */
const tokens = new RegExp(
  [
    'January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|__2|_2|2006|002|0[1-6]|15|PM|pm',
    '[Z-]07(?::?00(?::?00)?)?|[.,](?:0+|9+)(?!\\d)|[1-5]',
  ].join('|'),
  'g',
)

/** The letter of strptime that reads the same. */
const letters: Readonly<Record<string, string>> = {
  January: 'B',
  Jan: 'b',
  Monday: 'A',
  Mon: 'a',
  MST: 'Z',
  __2: 'j',
  '002': 'j',
  _2: 'e',
  '02': 'd',
  '2': 'd',
  '2006': 'Y',
  '06': 'y',
  '01': 'm',
  '1': 'm',
  '15': 'H',
  '03': 'I',
  '3': 'I',
  '04': 'M',
  '4': 'M',
  PM: 'p',
  pm: 'p',
}

/** Compiles a layout of Go's package `time`, or its name there. Throws `TimePatternError` for a text that is none. */
export function compileGoLayout(layout: string): TimePattern {
  return patternOf(stepsOf(Object.hasOwn(named, layout) ? named[layout]! : layout))
}

function stepsOf(layout: string): TimeStep[] {
  const steps: TimeStep[] = []
  const found = new Set<string>()
  let at = 0
  for (const match of layout.matchAll(tokens)) {
    steps.push(...between(layout.slice(at, match.index)))
    const letter = letterOf(match[0])
    found.add(letter)
    steps.push(letter === fractionLetter ? optionalFraction : letter === 'S' ? seconds : directives[letter]!)
    at = match.index + match[0].length
  }
  steps.push(...between(layout.slice(at)))
  const hasClock = found.has('H') || found.has('I')
  const hasDay = (found.has('d') || found.has('e')) && (found.has('m') || found.has('b') || found.has('B'))
  if (!hasClock && !hasDay && !found.has('j'))
    throw new TimePatternError(`${JSON.stringify(layout)} names no time`)
  return steps
}

const fractionLetter = '.'

function letterOf(token: string): string {
  if (/^[.,]/.test(token)) return fractionLetter
  if (/^[Z-]07/.test(token)) return 'z'
  return token === '05' || token === '5' ? 'S' : letters[token]!
}

function between(text: string): TimeStep[] {
  return [...text.matchAll(/\s+|\S+/g)].map(([part]) => (/^\s/.test(part) ? skipSpace : literal(part)))
}

/** Go takes a fraction behind the seconds whether the layout has one or not, and of any length. */
const optionalFraction: TimeStep = (text, at, fields) => {
  const end = endOfFraction(text, at)
  return end === at ? at : directives['f']!(text, at + 1, fields)
}

const seconds: TimeStep = (text, at, fields) => {
  const end = directives['S']!(text, at, fields)
  return end < 0 ? -1 : optionalFraction(text, end, fields)
}
