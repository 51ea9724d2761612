import { z } from 'zod'
import { membersOrFailed, textMember } from './added-members.ts'
import { isLevelWord } from './level-words.ts'
import { defineParser } from './parser.ts'
import type { AddedMember, Fit, Preset } from './parser.ts'
import { endOfIsoTime } from './time-shape.ts'

interface Line {
  readonly time: string | undefined
  readonly logger: string | undefined
  readonly level: string
  readonly message: string
}

const separator = ' - '
/** Dotted module names; also people's own. Without a bound a hostile line would become a name. */
const longestLogger = 256

export const pythonPreset: Preset = {
  stage: 'text',
  name: 'python',
  fewestLines: 1,
  inKernel: { kind: 'preset', preset: 'python' },
  parse: (text) => membersOrFailed(membersOf(text), 'python'),
  fit: fitOf,
}

/** Of the default format only what nothing else writes: `ERROR:root:text`, levels in capitals. */
function fitOf(text: string): Fit {
  const line = read(text)
  if (!line || !isLevelWord(line.level)) return 'no'
  return line.time !== undefined || line.level === line.level.toUpperCase() ? 'yes' : 'no'
}

function membersOf(text: string): AddedMember[] | undefined {
  const line = read(text)
  if (!line) return undefined
  const { time, logger, level, message } = line
  return [
    ...(time === undefined ? [] : [textMember('@timestamp', time)]),
    ...(logger === undefined ? [] : [textMember('log.logger', logger)]),
    textMember('level', level),
    textMember('message', message),
  ]
}

const read = (text: string): Line | undefined => {
  const end = endOfIsoTime(text, 0)
  return end < 0 ? readDefault(text) : readBehindTime(text, end)
}

/** `%(asctime)s - %(name)s - %(levelname)s - %(message)s`, or without the name. */
function readBehindTime(text: string, end: number): Line | undefined {
  if (!text.startsWith(separator, end)) return undefined
  const time = text.slice(0, end)
  const first = partAt(text, end + 3)
  if (!first) return undefined
  const firstWord = first.content.trim()
  const second = isLevelWord(firstWord) ? undefined : partAt(text, first.end)
  const level = (second?.content ?? firstWord).trim()
  if (second ? !/^[A-Za-z][\w ]{0,31}$/.test(level) : !isLevelWord(level)) return undefined
  const logger = second ? firstWord : undefined
  return { time, logger, level, message: text.slice((second ?? first).end) }
}

/** What stands before the next separator, and where the text goes on. */
function partAt(text: string, from: number): { content: string; end: number } | undefined {
  const length = text.slice(from, from + longestLogger).indexOf(separator)
  return length < 0 ? undefined : { content: text.slice(from, from + length), end: from + length + 3 }
}

/** logging's own default: `LEVEL:name:message`. */
function readDefault(text: string): Line | undefined {
  const levelEnd = text.slice(0, 32).indexOf(':')
  const level = text.slice(0, Math.max(levelEnd, 0))
  if (!isLevelWord(level)) return undefined
  const length = text.slice(levelEnd + 1, levelEnd + 1 + longestLogger).indexOf(':')
  const logger = text.slice(levelEnd + 1, levelEnd + 1 + Math.max(length, 0))
  if (!/^[^\s:]+$/.test(logger)) return undefined
  return { time: undefined, logger, level, message: text.slice(levelEnd + 2 + length) }
}

export const pythonParser = defineParser({
  type: 'python',
  summary: "Python's logging: `asctime - name - levelname - message`, or its default `LEVEL:name:message`.",
  schema: z.strictObject({}),
  takesField: true,
  create: () => pythonPreset,
})
