import { z } from 'zod'
import { agentSchema } from './schema.ts'
import type { Components } from './schema.ts'

export type JsonSchema = z.core.JSONSchema.BaseSchema

/** The JSON Schema of what people write (not of what comes out), for editors. */
export function configJsonSchema(components: Components): JsonSchema {
  return z.toJSONSchema(agentSchema(components), {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => {
      keepDefault(zodSchema, jsonSchema)
      const { type, description, default: fallback } = jsonSchema
      if (type !== 'number' && type !== 'integer' && type !== 'boolean') return
      // A string that is exactly one `${…}` may stand for a number or a boolean: no editor should mark it.
      const bare = { ...jsonSchema }
      for (const key of Object.keys(jsonSchema)) delete jsonSchema[key]
      delete bare.description
      delete bare.default
      jsonSchema.anyOf = [bare, { type: 'string', pattern: '^\\$\\{.*\\}$' }]
      if (description !== undefined) jsonSchema.description = description
      if (fallback !== undefined) jsonSchema.default = fallback
    },
  })
}

/** The same with the plain types only, which is what the reference shows. */
export function plainJsonSchema(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, {
    io: 'input',
    override: ({ zodSchema, jsonSchema }) => keepDefault(zodSchema, jsonSchema),
  })
}

/** zod leaves the default out where a transform follows; the text that people would write stands in the meta data. */
function keepDefault(schema: z.core.$ZodType, jsonSchema: JsonSchema): void {
  const fallback = z.globalRegistry.get(schema)?.['default']
  if (fallback !== undefined) jsonSchema.default = z.json().parse(fallback)
}
