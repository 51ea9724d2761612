import { z } from 'zod'
import { parseJsonObject } from './json-object.ts'
import { defineParser } from './parser.ts'
import type { ParsedText, TextParser } from './parser.ts'

const failed: ParsedText = { kind: 'failed', error: 'json' }
const plain: ParsedText = { kind: 'plain' }

/** A whole line is only scanned (`json-line.ts`), a field's text is parsed; neither is ever printed again. */
export const jsonParser = defineParser({
  type: 'json',
  summary: 'Each line is a JSON object; its members are kept byte for byte.',
  schema: z.strictObject({}),
  takesField: true,
  create: () => ({
    stage: 'text',
    wholeLine: 'strict',
    parse(text) {
      const object = parseJsonObject(text)
      return object ? { kind: 'object', object } : failed
    },
  }),
})

/** What `auto` does with a text: JSON where it starts like it and is valid, else a plain message without an error. */
export const lenientJson: TextParser = {
  stage: 'text',
  wholeLine: 'lenient',
  parse(text) {
    const object = text.charCodeAt(0) === 0x7b ? parseJsonObject(text) : undefined
    return object ? { kind: 'object', object } : plain
  },
}
