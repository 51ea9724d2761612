import { z } from 'zod'
import { readLogfmt } from './logfmt-pairs.ts'
import type { LogfmtPairs } from './logfmt-pairs.ts'
import { defineParser } from './parser.ts'
import type { AddedMember, ParsedText, Preset, TextParser } from './parser.ts'
import { convert } from './regex-types.ts'
import type { GroupType } from './regex-types.ts'

const failed: ParsedText = { kind: 'failed', error: 'logfmt' }

/** Keys that loggers write, and prose with a `=` in it does not; many pairs and nothing else are no prose either. */
const usualKeys = [
  'level',
  'lvl',
  'severity',
  'msg',
  'message',
  'ts',
  'time',
  't',
  'err',
  'error',
  'caller',
  'at',
]
const manyPairs = 4

function createLogfmt(types: Readonly<Record<string, GroupType>>): TextParser {
  const hasTypes = Object.keys(types).length > 0
  return {
    stage: 'text',
    inKernel: hasTypes ? { kind: 'none', because: 'types of keys' } : { kind: 'logfmt' },
    parse(text) {
      const line = readLogfmt(text)
      // A sentence that mentions `a=b` is no logfmt: its words would all become fields.
      if (!line || line.words > line.pairs || line.pairs === 0) return failed
      return { kind: 'members', members: membersOf(line, types) }
    },
  }
}

function membersOf({ values }: LogfmtPairs, types: Readonly<Record<string, GroupType>>): AddedMember[] {
  const members: AddedMember[] = []
  for (const [key, value] of values) {
    const type = Object.hasOwn(types, key) ? types[key]! : 'string'
    const member = value === true ? { key, json: 'true', value } : convert(key, value, type)
    if (member) members.push(member)
  }
  return members
}

export const logfmtPreset: Preset = {
  ...createLogfmt({}),
  name: 'logfmt',
  fewestLines: 1,
  fit(text) {
    const line = readLogfmt(text)
    if (!line || line.words > 0 || line.pairs === 0) return 'no'
    const isUsual = line.pairs > 1 && usualKeys.some((key) => line.values.has(key))
    return isUsual || line.pairs >= manyPairs ? 'yes' : 'maybe'
  },
}

export const logfmtParser = defineParser({
  type: 'logfmt',
  summary: '`key=value key="quoted value"`: each key is a member; a word without a value is true.',
  schema: z.strictObject({
    types: z
      .record(z.string(), z.enum(['int', 'float', 'bool', 'string']))
      .default({})
      .meta({
        description:
          'Types of keys that are not text. What does not fit stays text; `-` and empty text is left out.',
      }),
  }),
  takesField: true,
  create: ({ types }) => createLogfmt(types),
})
