import { z } from 'zod'
import { defineParser } from './parser.ts'
import type { AddedMember, ParsedText, TextParser } from './parser.ts'
import { compileGuarded, RegexError } from './regex-guard.ts'
import { convert } from './regex-types.ts'
import type { GroupType } from './regex-types.ts'
import { compileSpanProgram } from './span-program/compile-span-program.ts'

const failed: ParsedText = { kind: 'failed', error: 'regex' }
const timedOut: ParsedText = { kind: 'failed', error: 'regex_timeout' }

const pattern = z
  .string()
  .max(10_000)
  .superRefine((value, context) => {
    const problem = problemOf(value)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })
  .meta({
    description:
      'A JavaScript regular expression with named groups, `(?<name>…)` or `(?P<name>…)`. Each group is a member.',
  })

function problemOf(value: string): string | undefined {
  try {
    return compileGuarded(value).groups.length > 0 ? undefined : 'needs a named group, such as (?<message>.*)'
  } catch (error) {
    if (error instanceof RegexError) return `is no regular expression: ${error.message}`
    throw error
  }
}

/**
 * For a text of several lines: `.` takes newlines too. Patterns are written for one line and end in `(?<message>.*)$`, which
 * would fit none of the events that `multiline` joins, or keep their first line alone.
 */
function withDotAll(source: string): string {
  const start = /^\(\?([ims]+)\)/.exec(source)
  return start ? `(?s${start[1]})${source.slice(start[0].length)}` : `(?s)${source}`
}

/** As a program of the kernel, where the pattern can be one and each group is text or a number. */
function inKernel(
  source: string,
  types: Readonly<Record<string, GroupType>>,
): NonNullable<TextParser['inKernel']> {
  const program = compileSpanProgram(source)
  if ('refusal' in program) return { kind: 'none', because: program.refusal }
  const narrow = (name: string): 'string' | 'int' | 'float' => {
    const type = types[name] ?? 'string'
    return type === 'bool' ? 'string' : type
  }
  const hasTruth = program.groups.some(({ name }) => types[name] === 'bool')
  return hasTruth
    ? { kind: 'none', because: 'a group of type bool' }
    : { kind: 'program', program, typeOf: narrow }
}

export const regexParser = defineParser({
  type: 'regex',
  summary: 'Named groups of a regular expression become members.',
  schema: z
    .strictObject({
      pattern,
      types: z
        .record(z.string(), z.enum(['int', 'float', 'bool', 'string']))
        .default({})
        .meta({
          description:
            'Types of groups that are not text. What does not fit stays text; `-` and empty text is left out.',
        }),
    })
    .superRefine(({ pattern: source, types }, context) => {
      if (problemOf(source) !== undefined) return
      const groups = compileGuarded(source).groups
      for (const name of Object.keys(types)) {
        if (groups.includes(name)) continue
        context.addIssue({
          code: 'custom',
          path: ['types', name],
          message: `the pattern has no group "${name}"`,
        })
      }
    }),
  takesField: true,
  create({ pattern: source, types }) {
    const regex = compileGuarded(source)
    const regexOverLines = compileGuarded(withDotAll(source))
    const groups = [...new Set(regex.groups)].map((name) => ({ name, type: types[name] ?? 'string' }))
    return {
      stage: 'text',
      inKernel: inKernel(source, types),
      parse(text) {
        const match = (text.includes('\n') ? regexOverLines : regex).exec(text)
        if (match === 'timeout') return timedOut
        if (!match?.groups) return failed
        const members: AddedMember[] = []
        for (const { name, type } of groups) {
          const member = convert(name, match.groups[name], type)
          if (member) members.push(member)
        }
        return { kind: 'members', members }
      },
    }
  },
})
