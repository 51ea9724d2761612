import { z } from 'zod'
import { memberOf, parseJsonObject } from './json-object.ts'
import { defineParser } from './parser.ts'
import type { Wrapper } from './parser.ts'
import { parseRfc3339 } from './time-rfc3339.ts'
import { utc } from './time-zone.ts'

/**
 * `{"log":"…\n","stream":"stdout","time":"…"}` of Docker's json-file driver. Docker cuts lines at 16 KiB: a `log` without
 * its newline goes on in the stream's next one.
 */
export const dockerWrapper: Wrapper = {
  stage: 'wrapper',
  name: 'docker',
  unwrap(line, start, end) {
    if (line[start] !== 0x7b) return undefined
    const object = parseJsonObject(line.toString('utf8', start, end))
    if (!object) return undefined
    const log = memberOf(object, 'log')
    const stream = memberOf(object, 'stream')
    const time = memberOf(object, 'time')
    if (typeof log !== 'string' || typeof time !== 'string' || (stream !== 'stdout' && stream !== 'stderr'))
      return undefined
    const instant = parseRfc3339(time, utc)
    if (!instant) return undefined
    const isPartial = !log.endsWith('\n')
    return { stream, time: instant, isPartial, content: Buffer.from(isPartial ? log : withoutNewline(log)) }
  },
}

function withoutNewline(log: string): string {
  return log.slice(0, log.endsWith('\r\n') ? -2 : -1)
}

export const dockerParser = defineParser({
  type: 'docker',
  summary: "Lines of Docker's json-file driver; split lines are joined for each stream.",
  schema: z.strictObject({}),
  takesField: false,
  create: () => dockerWrapper,
})
