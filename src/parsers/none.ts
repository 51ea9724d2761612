import { z } from 'zod'
import { defineParser } from './parser.ts'
import type { ParsedText } from './parser.ts'

const plain: ParsedText = { kind: 'plain' }

/** Leaves the text as it is, also where it looks like JSON. */
export const noneParser = defineParser({
  type: 'none',
  summary: 'Each line is a plain message.',
  schema: z.strictObject({}),
  takesField: false,
  create: () => ({ stage: 'text', wholeLine: 'plain', parse: () => plain }),
})
