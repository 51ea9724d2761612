import { z } from 'zod'
import { duration, size } from '../../components/fields.ts'
import { compileGuarded, RegexError } from '../regex-guard.ts'
import type { JoinRule } from './join-rule.ts'
import { continueRule, startRule } from './pattern-rule.ts'
import { multilinePresetNames, multilinePresets } from './presets.ts'

const pattern = (description: string) =>
  z
    .string()
    .min(1)
    .max(10_000)
    .superRefine((value, context) => {
      const problem = problemOf(value)
      if (problem !== undefined)
        context.addIssue({ code: 'custom', message: `is no regular expression: ${problem}` })
    })
    .optional()
    .meta({ description })

function problemOf(value: string): string | undefined {
  try {
    compileGuarded(value)
    return undefined
  } catch (error) {
    if (error instanceof RegexError) return error.message
    throw error
  }
}

const rules = ['start', 'continue', 'preset'] as const

const settings = z
  .strictObject({
    start: pattern(
      'A JavaScript regular expression: a line that matches begins an event, all others go on with it.',
    ),
    continue: pattern('A line that matches goes on with the event before it, all others begin one.'),
    preset: z
      .enum(multilinePresetNames)
      .optional()
      .meta({ description: 'Stack traces of this language, each with the log line before it.' }),
    max_wait: duration('3s', 'An event is sent when no further line came for so long.', {
      min: 10,
      max: 3600e3,
    }),
    max_lines: z.int().min(2).max(10_000).default(500).meta({
      description:
        'The most lines of an event. The next one begins another event; the first is flagged `truncated`.',
    }),
    max_bytes: size('1MiB', 'The most bytes of an event of several lines, in the same way.', {
      min: 1024,
      max: 16 * 1024 ** 2,
    }),
  })
  .superRefine((value, context) => {
    const given = rules.filter((rule) => value[rule] !== undefined)
    if (given.length === 1) return
    const [, second] = given
    const message = second ? `"${given.join('" and "')}" exclude each other` : notOne
    context.addIssue({ code: 'custom', message, path: second ? [second] : [] })
  })

const notOne = 'needs "start", "continue" or "preset"'

/** How lines are joined, all bounds filled in. */
export type MultilineConfig = z.output<typeof settings>

/** The key `multiline` of a source. */
export const multilineSchema = z
  .union([
    z.enum(multilinePresetNames).transform((preset): MultilineConfig => settings.parse({ preset })),
    settings,
  ])
  .nullable()
  .default(null)
  .meta({
    description:
      'How lines are joined into one event: the name of a preset for stack traces, or an object with `start`, `continue` or `preset`. `null`: each line is an event. Read docs/multiline.md.',
  })

/** `timeoutMs` bounds a pattern that V8's guard does not cover. */
export function createJoinRule(config: Partial<MultilineConfig>, timeoutMs?: number): JoinRule {
  const { start, continue: goesOn, preset } = config
  if (start !== undefined) return startRule(start, timeoutMs)
  if (goesOn !== undefined) return continueRule(goesOn, timeoutMs)
  return multilinePresets[preset!]
}
