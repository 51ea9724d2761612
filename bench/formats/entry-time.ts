/** In the past on every machine that has a clock, and late in the day, so that a gigabyte goes to two daily indices. */
const startMs = Date.UTC(2026, 0, 20, 22, 30)

/** Between two entries: three million of them (a gigabyte) take three hours and a half. */
const stepMs = 4

/** The times of entries, one after the other. */
export function entryTimes(): () => Date {
  let ms = startMs
  return () => new Date((ms += stepMs))
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** `20/Jan/2026:22:30:00 +0000`, as access logs have it. */
export function accessLogTime(time: Date): string {
  const [year, month, day] = time.toISOString().slice(0, 10).split('-')
  return `${day}/${months[Number(month) - 1]}/${year}:${time.toISOString().slice(11, 19)} +0000`
}

/** The reverse, in milliseconds. */
export function parseAccessLogTime(text: string): number {
  const [day = '', month = '', year = '', hour = '', minute = '', second = ''] = text.split(/[/: ]/)
  const monthIndex = months.findIndex((name) => name === month)
  return Date.UTC(+year, monthIndex, +day, +hour, +minute, +second)
}
