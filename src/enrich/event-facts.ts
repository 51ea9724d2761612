import type { Severity } from '../core/event.ts'
import type { ParsedTime } from '../parsers/time-value.ts'

/** What the agent would write about one event: the line's own members are compared with it. */
export interface EventFacts {
  from: number
  time: ParsedTime
  /** The event carries the time of reading: then nothing in the line says the same. */
  isTimeOfReading: boolean
  severity: Severity
  traceId: string
  spanId: string
  /** Of the wrapper: `stdout`, `stderr` or ''. */
  stream: string
  /** Of the file's shared members, by their places. */
  sharedValue(index: number): unknown
  /** Reads a value of `@timestamp` without asking whether it is plausible. */
  readTime(value: unknown, digits: () => string | undefined): ParsedTime | undefined
}
