import { z } from 'zod'
import { agentSchema } from './schema.ts'
import type { Components } from './schema.ts'
import { isObject, mapValues } from './values.ts'

export type JsonSchema = z.core.JSONSchema.BaseSchema

/** The JSON Schema of what people write (not of what comes out), for editors. */
export function configJsonSchema(components: Components): unknown {
  return withReferences(plainJsonSchema(agentSchema(components)))
}

/** The plain types only, which is what the reference shows. */
export function plainJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      // zod leaves the default out where a transform follows; the text that people would write stands in the meta data.
      const fallback = z.globalRegistry.get(zodSchema)?.['default']
      if (fallback !== undefined) jsonSchema.default = z.json().parse(fallback)
    },
  })
}

const reference = { type: 'string', pattern: '^\\$\\{.*\\}$' }
const scalarTypes: readonly unknown[] = ['number', 'integer', 'boolean']

/** A string that is exactly one `${…}` may stand for a number or a boolean: no editor should mark it. */
function withReferences(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withReferences)
  if (!isObject(schema)) return schema
  const { description, default: fallback, ...bare } = mapValues(schema, withReferences)
  const about = {
    ...(description !== undefined && { description }),
    ...(fallback !== undefined && { default: fallback }),
  }
  return scalarTypes.includes(schema['type']) ? { ...about, anyOf: [bare, reference] } : { ...about, ...bare }
}
