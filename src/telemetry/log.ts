import { pino } from 'pino'
import { limits } from '../core/limits.ts'
import type { Log } from '../core/log.ts'
import { cleanFields } from './log-fields.ts'
import { formatForTerminal } from './log-terminal.ts'

export const logLevels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

export interface LogOptions {
  readonly level: LogLevel
  /** Where lines go: the process's stderr, or what a test collects. */
  readonly stream: LogStream
  /** A person reads along: one line of text for each message instead of JSON. */
  readonly isTerminal: boolean
  /** Colour on a terminal; on unless told otherwise (NO_COLOR is the caller's to read). */
  readonly colour?: boolean
  /** Takes the secrets out of every string that is written. */
  redact(text: string): string
}

export interface LogStream {
  write(text: string): unknown
  /** Bytes that nobody has read yet. */
  readonly writableLength?: number
  on?(event: 'error', listener: (error: Error) => void): unknown
}

export interface AdjustableLog extends Log {
  setLevel(level: LogLevel): void
}

/** The agent's own log: JSON lines with `time`, `level` and `msg` first, or text on a terminal. */
export function createLog(options: LogOptions): AdjustableLog {
  const { stream } = options
  const redact = (text: string): string => options.redact(text)
  // Whoever reads our log may go away (`logferry run 2>&1 | head`): an unhandled error of stderr would end the agent.
  stream.on?.('error', () => {})
  const logger = pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    options.isTerminal
      ? terminalStream(stream, options.colour ?? true)
      : { write: (line) => void stream.write(line) },
  )
  let dropped = 0
  const write =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (fields: object, message: string): void => {
      if (!logger.isLevelEnabled(level)) return
      if ((stream.writableLength ?? 0) > limits.unreadLogBytes) {
        dropped += 1
        return
      }
      if (dropped > 0) logger.warn({ lines: dropped }, 'nobody read this log; lines of it were left out here')
      dropped = 0
      logger[level](cleanFields(fields, redact), redact(message))
    }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    setLevel(level) {
      logger.level = level
    },
  }
}

function terminalStream(stream: LogStream, colour: boolean): { write(line: string): void } {
  return { write: (line) => void stream.write(formatForTerminal(line, colour)) }
}
