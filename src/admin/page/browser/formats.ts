import { formatBytes, formatCount, formatDuration } from '../../quantities.ts'

export { formatBytes, formatCount, formatDuration }

export type Format = (value: number) => string

/** `12`, `3.4`, `1.2 k`, `5 M`: short enough for an axis. */
export function formatShort(value: number): string {
  if (value >= 1e6) return `${trimmed(value / 1e6)} M`
  if (value >= 10_000) return `${trimmed(value / 1e3)} k`
  return value >= 100 ? formatCount(value) : trimmed(value)
}

/** `250 ms`, `1.5 s`, `3 min`. */
export function formatSeconds(seconds: number): string {
  if (seconds === 0) return '0 s'
  if (seconds < 1) return `${trimmed(seconds * 1000)} ms`
  return seconds < 100 ? `${trimmed(seconds)} s` : formatDuration(seconds * 1000)
}

export const formatRate: Format = (value) => `${formatShort(value)}/s`
export const formatByteRate: Format = (value) => `${formatBytes(Math.round(value))}/s`

const trimmed = (value: number): string => String(Number(value < 10 ? value.toFixed(1) : value.toFixed(0)))

/** The time of day where the person is. */
export function timeOfDay(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8)
}

/** Of today the time alone; else the day too. */
export function dayAndTime(ms: number): string {
  const date = new Date(ms)
  const isToday = date.toDateString() === new Date().toDateString()
  return isToday ? timeOfDay(ms) : `${date.toLocaleDateString('sv')} ${timeOfDay(ms)}`
}
