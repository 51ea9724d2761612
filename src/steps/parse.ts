import { createStage, LineInParts } from '../parsers/chain.ts'
import { fieldParserSchema } from '../parsers/schema.ts'
import { defineStep } from './step.ts'

export const parseStep = defineStep({
  type: 'parse',
  summary:
    'Parses a member as a parser of `parse` would: `{ "field": "message", "type": "logfmt" }`. What comes out replaces members of the same name.',
  schema: fieldParserSchema,
  create(config) {
    const stage = createStage(config)
    return {
      apply(event) {
        const parts = new LineInParts(event.line, event.json, event)
        parts.apply(stage)
        event.take(parts)
        return true
      },
    }
  },
})
