import { nanosOfDigits } from './time-value.ts'
import type { ParsedTime } from './time-value.ts'

/** How many digits of an epoch stand behind the second: s, ms, us, ns. */
export type EpochDigits = 0 | 3 | 6 | 9

/** Seconds reach 1e11 in the year 5138, milliseconds in 1973: no sane time is read in the wrong unit. */
function digitsByMagnitude(value: number): EpochDigits {
  const size = Math.abs(value)
  if (size < 1e11) return 0
  if (size < 1e14) return 3
  return size < 1e17 ? 6 : 9
}

/** A whole number of a unit. Exact up to 2^53; larger ones are read from their text. */
export function epochOfInteger(value: number, unit?: EpochDigits): ParsedTime {
  const digits = unit ?? digitsByMagnitude(value)
  const perSecond = 10 ** digits
  const seconds = Math.floor(value / perSecond)
  const rest = value - seconds * perSecond
  return { seconds, nanos: rest * 10 ** (9 - digits), precision: digits }
}

/** `1768900000`, `1768900000.123`, `-5`, in the unit given or by magnitude; every digit counts. No exponents. */
export function epochOfText(text: string, unit?: EpochDigits): ParsedTime | undefined {
  const match = /^(-?)(\d{1,20})(?:[.,](\d+))?$/.exec(text)
  if (!match) return undefined
  const [, sign, whole, fraction = ''] = match
  const digits = unit ?? digitsByMagnitude(Number(whole))
  const cut = Math.max(whole!.length - digits, 0)
  const behind = (whole!.slice(cut).padStart(digits, '0') + fraction).slice(0, 9)
  const seconds = Number(whole!.slice(0, cut))
  const nanos = nanosOfDigits(behind, 0, behind.length)
  if (sign === '') return { seconds, nanos, precision: behind.length }
  return nanos === 0
    ? { seconds: -seconds, nanos, precision: behind.length }
    : { seconds: -seconds - 1, nanos: 1e9 - nanos, precision: behind.length }
}
