import { epochOfInteger, epochOfText } from './time-epoch.ts'
import type { EpochDigits } from './time-epoch.ts'
import { parseRfc3339 } from './time-rfc3339.ts'
import { compileGoLayout } from './time-go-layout.ts'
import { compileStrptime } from './time-strptime.ts'
import type { TimePattern } from './time-strptime.ts'
import { utcTimeOfBytes } from './time-utc-bytes.ts'
import { isDigit } from './time-value.ts'
import type { ParsedTime } from './time-value.ts'
import type { TimeZone } from './time-zone.ts'

/** Reads the times of one source. */
export interface TimeReader {
  readonly format: string
  /**
   * The instant that a member's value stands for, or undefined. `digits` gives a number as it is written, where its
   * value has lost some. `nowSeconds` dates what has no year.
   */
  read(value: unknown, digits: () => string | undefined, nowSeconds: number): ParsedTime | undefined
  /** The same for the text between a string's quotes, where it is of the one form that is read without decoding. */
  readBytes(bytes: Uint8Array, from: number, to: number): ParsedTime | undefined
}

type ReadText = (text: string, zone: TimeZone, nowSeconds: number) => ParsedTime | undefined

const epochUnits: Readonly<Record<string, EpochDigits>> = { unix: 0, unix_ms: 3, unix_us: 6, unix_ns: 9 }

/** A strptime pattern has a `%` in it, and a Go layout has none. Throws `TimePatternError` for what is neither. */
export function compileTimePattern(format: string): TimePattern {
  return format.includes('%') ? compileStrptime(format) : compileGoLayout(format)
}

/**
 * `auto`, `rfc3339`, `unix`, `unix_ms`, `unix_us`, `unix_ns`, a strptime pattern or a Go layout (else it throws
 * `TimePatternError`).
 */
export function createTimeReader(format: string, zone: TimeZone): TimeReader {
  const unit = Object.hasOwn(epochUnits, format) ? epochUnits[format] : undefined
  const readText = textReader(format, unit)
  const readsNumbers = format === 'auto' || unit !== undefined
  return {
    format,
    readBytes: format === 'auto' || format === 'rfc3339' ? utcTimeOfBytes : () => undefined,
    read(value, digits, nowSeconds) {
      if (typeof value === 'string') return readText(value.trim(), zone, nowSeconds)
      if (typeof value === 'number') {
        if (readsNumbers) return epochOfNumber(value, unit, digits)
        return readText(digits() ?? String(value), zone, nowSeconds)
      }
      return format === 'auto' ? timeOfObject(value, zone, nowSeconds) : undefined
    },
  }
}

function textReader(format: string, unit: EpochDigits | undefined): ReadText {
  if (unit !== undefined) return (text) => epochOfText(text, unit)
  if (format === 'auto') return anyTimeReader()
  if (format === 'rfc3339') return parseRfc3339
  const pattern = compileTimePattern(format)
  return withMemory((text, zone, nowSeconds) => pattern.parse(text, zone, nowSeconds))
}

/** Many lines in a row have one time: whether it is the last one again costs less than a pattern. */
function withMemory(read: ReadText): ReadText {
  let lastText = ''
  let lastZone: TimeZone | undefined
  let lastNow = NaN
  let time: ParsedTime | undefined
  return (text, zone, nowSeconds) => {
    if (text !== lastText || zone !== lastZone || nowSeconds !== lastNow) {
      time = read(text, zone, nowSeconds)
      lastText = text
      lastZone = zone
      lastNow = nowSeconds
    }
    return time
  }
}

/** Whole numbers below 2^53 are what they say; of others only the text has every digit. */
function epochOfNumber(
  value: number,
  unit: EpochDigits | undefined,
  digits: () => string | undefined,
): ParsedTime | undefined {
  if (Number.isSafeInteger(value)) return epochOfInteger(value, unit)
  const text = digits() ?? String(value)
  const exact = epochOfText(text, unit)
  if (exact) return exact
  // `1.7689e9` is a number like any other, but an infinite or a huge one is no time.
  return Math.abs(value) < 1e21 ? epochOfText(decimalText(value), unit) : undefined
}

const decimalText = (value: number): string =>
  Number.isInteger(value) ? BigInt(value).toString() : String(value)

/** `{"seconds":1768900000,"nanos":5}`, as Google's and other protobuf loggers write it; `{"$date":…}`, as MongoDB does. */
function timeOfObject(value: unknown, zone: TimeZone, nowSeconds: number): ParsedTime | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  if ('$date' in value) {
    const date = value.$date
    if (typeof date === 'string') return readAnyTime(date, zone, nowSeconds)
    return typeof date === 'number' && Number.isSafeInteger(date) ? epochOfInteger(date, 3) : undefined
  }
  if (!('seconds' in value) || !('nanos' in value)) return undefined
  const seconds = Number(value.seconds)
  const nanos = Number(value.nanos)
  if (!Number.isSafeInteger(seconds) || !(nanos >= 0 && nanos < 1e9)) return undefined
  return { seconds, nanos: Math.floor(nanos), precision: 9 }
}

/** Times that start with a day or in ISO's basic form: access logs, mail, Redis, Tomcat, klog and glog. */
const digitPatterns: readonly TimePattern[] = [
  '%d/%b/%Y:%H:%M:%S %z',
  '%d/%b/%Y:%H:%M:%S.%f %z',
  '%d/%b/%Y:%H:%M:%S',
  '%d/%b/%Y:%H:%M:%S.%f',
  '%d/%b/%Y %H:%M:%S',
  '%d %b %Y %H:%M:%S %Z',
  '%d %b %Y %H:%M:%S',
  '%d %b %Y %H:%M:%S.%f',
  '%d-%b-%Y %H:%M:%S',
  '%d-%b-%Y %H:%M:%S.%f',
  '%m%d %H:%M:%S.%f',
  '%Y%m%d %H:%M:%S.%f',
  '%Y%m%dT%H%M%S%z',
  '%Y%m%dT%H%M%S.%f%z',
  '%Y%m%dT%H%M%S',
].map(compileStrptime)

/** Times that start with a letter: RFC 2822, ctime, date(1), syslog with and without a year, journald. */
const letterPatterns: readonly TimePattern[] = [
  '%b %e %H:%M:%S',
  '%b %e %H:%M:%S.%f',
  '%b %e %Y %H:%M:%S',
  '%b %e %Y %H:%M:%S.%f',
  '%a, %d %b %Y %H:%M:%S %Z',
  '%a %b %e %H:%M:%S %Y',
  '%a %b %e %H:%M:%S.%f %Y',
  '%a %b %e %H:%M:%S %Z %Y',
  '%a %Y-%m-%d %H:%M:%S %Z',
  '%a %Y-%m-%d %H:%M:%S.%f %Z',
].map(compileStrptime)

/** Longer texts are no times: a hostile line must not cost a dozen patterns its whole length. */
const longestTime = 80

function anyTimeReader(): ReadText {
  const readByPattern = withMemory(readPatterns)
  return (text, zone, nowSeconds) => {
    if (text.length < 9 || text.length > longestTime) return shortEpoch(text)
    const common = isDigit(text.charCodeAt(4)) ? epochOfText(text) : parseRfc3339(text, zone)
    return common ?? readByPattern(text, zone, nowSeconds)
  }
}

const readPatterns: ReadText = (text, zone, nowSeconds) => {
  for (const pattern of isDigit(text.charCodeAt(0)) ? digitPatterns : letterPatterns) {
    const time = pattern.parse(text, zone, nowSeconds)
    if (time) return time
  }
  return undefined
}

const readAnyTime = anyTimeReader()

const shortEpoch = (text: string): ParsedTime | undefined => (text.length < 9 ? epochOfText(text) : undefined)

/** 2000-01-01. A clock that was never set says 1970, a wrong unit says even less. */
const earliestSeconds = 946_684_800

/** Whether an event may carry this time: from 2000 on, and not over a day ahead. */
export function isPlausible(time: ParsedTime, nowSeconds: number): boolean {
  return time.seconds >= earliestSeconds && time.seconds <= nowSeconds + 86_400 && time.seconds < 2 ** 32
}
