import { hasShape } from './text-scan.ts'
import { endOfDigits } from './time-value.ts'
import { parseOffset } from './time-zone.ts'

/** Where times end that stand in a line. Whether there is such a time is not asked here: readers of times say so. */

/** `2026-01-20T10:00:00`, also with a space or with slashes, with fraction and offset; its end, or -1. */
export function endOfIsoTime(text: string, at: number): number {
  const mark = text.charCodeAt(at + 10)
  if (mark !== 0x54 && mark !== 0x20) return -1
  const isDate = hasShape(text, at, '0000-00-00') || hasShape(text, at, '0000/00/00')
  if (!isDate || !hasShape(text, at + 11, '00:00:00')) return -1
  const end = endOfFraction(text, at + 19)
  const code = text.charCodeAt(end)
  if (code === 0x5a || code === 0x7a) return end + 1
  return parseOffset(text, end)?.end ?? end
}

/** Behind a fraction that starts at `at`; `at` where there is none. */
export function endOfFraction(text: string, at: number): number {
  const code = text.charCodeAt(at)
  if (code !== 0x2e && code !== 0x2c) return at
  const end = endOfDigits(text, at + 1)
  return end === at + 1 ? at : end
}

const monthNames = new Set('Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' '))

/** `Jan  2 10:00:00`, with a year behind the day (Cisco) or a fraction (journald); its end, or -1. */
export function endOfSyslogTime(text: string, at: number): number {
  if (text.charCodeAt(at + 3) !== 0x20 || !monthNames.has(text.slice(at, at + 3))) return -1
  let clock = endOfDay(text, at + 4)
  if (clock < 0) return -1
  if (hasShape(text, clock, '0000 ')) clock += 5
  return hasShape(text, clock, '00:00:00') ? endOfFraction(text, clock + 8) : -1
}

/** Two columns, the first may be a space; also `1 ` alone. Where the next word starts, or -1. */
function endOfDay(text: string, at: number): number {
  if (hasShape(text, at, '00 ') || hasShape(text, at, ' 0 ')) return at + 3
  return hasShape(text, at, '0 ') ? at + 2 : -1
}
