import { nanosOfLastDigit } from '../core/event.ts'

/**
 * An instant as a line gave it. Unlike `Instant`, seconds may lie before 1970: what is done with such a time is not the
 * parser's to decide.
 */
export interface ParsedTime {
  /** Whole seconds since 1970 (UTC). */
  readonly seconds: number
  /** 0 to 999,999,999. */
  readonly nanos: number
  /** How many digits after the second were given, 0 to 9. */
  readonly precision: number
}

/** The char codes of `text[from, to)` must be digits; those beyond the ninth are cut, not rounded. */
export function nanosOfDigits(text: string, from: number, to: number): number {
  const end = Math.min(to, from + 9)
  let value = 0
  for (let at = from; at < end; at++) value = value * 10 + text.charCodeAt(at) - 48
  return value * nanosOfLastDigit[end - from]!
}

/** Where the run of digits that starts at `at` ends. */
export function endOfDigits(text: string, at: number): number {
  let end = at
  while (isDigit(text.charCodeAt(end))) end++
  return end
}

/** False beyond the end of a text, where `charCodeAt` gives NaN. */
export function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

/** Two digits at `at`, or NaN. */
export function twoDigits(text: string, at: number): number {
  const tens = text.charCodeAt(at)
  const ones = text.charCodeAt(at + 1)
  return isDigit(tens) && isDigit(ones) ? tens * 10 + ones - 528 : NaN
}
