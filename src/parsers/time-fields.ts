import { daysOfDate, daysOfYear, secondsOfTime, secondsPerDay, yearOfSeconds } from './civil.ts'
import type { ParsedTime } from './time-value.ts'
import type { TimeZone } from './time-zone.ts'

/** What a pattern has found so far; NaN and undefined stand for what it didn't say. */
export interface TimeFields {
  year: number
  month: number
  day: number
  dayOfYear: number
  /** Of ISO's weeks, where the first one has January 4th in it. */
  weekYear: number
  isoWeek: number
  /** 0 to 53: the first one begins with the year's first Monday, or Sunday. */
  mondayWeek: number
  sundayWeek: number
  /** 1 to 7, Monday first. */
  weekday: number
  hour: number
  minute: number
  second: number
  nanos: number
  precision: number
  isAfternoon: boolean | undefined
  /** Seconds east of UTC. */
  offset: number | undefined
  epochSeconds: number | undefined
}

/** Reads `fields` off `text` from `at`; returns where the text goes on, or -1. */
export type TimeStep = (text: string, at: number, fields: TimeFields) => number

export const newFields = (): TimeFields => ({
  year: NaN,
  month: NaN,
  day: NaN,
  dayOfYear: NaN,
  weekYear: NaN,
  isoWeek: NaN,
  mondayWeek: NaN,
  sundayWeek: NaN,
  weekday: NaN,
  hour: 0,
  minute: 0,
  second: 0,
  nanos: 0,
  precision: 0,
  isAfternoon: undefined,
  offset: undefined,
  epochSeconds: undefined,
})

/** The instant that the fields say; `nowSeconds` dates what has no year, or no day. */
export function instantOf(fields: TimeFields, zone: TimeZone, nowSeconds: number): ParsedTime | undefined {
  const { nanos, precision } = fields
  if (fields.epochSeconds !== undefined) return { seconds: fields.epochSeconds, nanos, precision }
  const seconds = inYear(fields, zone, nowSeconds)
  return Number.isNaN(seconds) ? undefined : { seconds, nanos, precision }
}

/** February 29th is not in every year: the longest way back to one is eight years (1896 to 1904, 2096 to 2104). */
const mostYearsBack = 8

/**
 * A time without a year is the newest one that doesn't lie in the future by more than a day: in January, December was last
 * year's; a line of the first second of a year may be read by a clock that is not there yet.
 */
function inYear(fields: TimeFields, zone: TimeZone, nowSeconds: number): number {
  if (!Number.isNaN(fields.year) || !Number.isNaN(fields.weekYear))
    return secondsOf(fields, fields.year, zone)
  if (Number.isNaN(fields.month) && Number.isNaN(fields.dayOfYear)) return today(fields, zone, nowSeconds)
  const year = yearOfSeconds(nowSeconds)
  for (let candidate = year + 1; candidate >= year - mostYearsBack; candidate--) {
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
  const local = localSeconds(fields, daysOf(fields, year))
  return Number.isNaN(local) ? NaN : local - (fields.offset ?? zone.offsetAt(local))
}

/** By month and day, else by the day of the year, else by the week. */
function daysOf(fields: TimeFields, year: number): number {
  const { month, day, dayOfYear, weekYear, isoWeek, mondayWeek, sundayWeek } = fields
  if (!Number.isNaN(month)) return daysOfDate(year, month, Number.isNaN(day) ? 1 : day)
  if (!Number.isNaN(dayOfYear)) {
    const days = daysOfYear(year) + dayOfYear - 1
    return dayOfYear >= 1 && days < daysOfYear(year + 1) ? days : NaN
  }
  const weekday = Number.isNaN(fields.weekday) ? 1 : fields.weekday
  if (isoWeek >= 1 && isoWeek <= 53) {
    const fourth = daysOfYear(Number.isNaN(weekYear) ? year : weekYear) + 3
    return fourth - (weekdayOf(fourth) - 1) + (isoWeek - 1) * 7 + weekday - 1
  }
  const first = daysOfYear(year)
  if (mondayWeek <= 53) return first + ((8 - weekdayOf(first)) % 7) + (mondayWeek - 1) * 7 + weekday - 1
  if (sundayWeek <= 53) return first + ((7 - weekdayOf(first)) % 7) + (sundayWeek - 1) * 7 + (weekday % 7)
  return daysOfDate(year, month, day)
}

/** 1970-01-01 was a Thursday. */
const weekdayOf = (days: number): number => ((((days + 3) % 7) + 7) % 7) + 1

function localSeconds(fields: TimeFields, days: number): number {
  const { isAfternoon, minute, second } = fields
  const hour = isAfternoon === undefined ? fields.hour : (fields.hour % 12) + (isAfternoon ? 12 : 0)
  return secondsOfTime(days, hour, minute, second)
}
