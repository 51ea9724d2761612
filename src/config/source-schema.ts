import { z } from 'zod'
import { size } from '../components/fields.ts'
import { encodingName, encodingNames } from '../core/encoding.ts'
import { nearest } from '../core/nearest.ts'
import { multilineSchema } from '../parsers/multiline/schema.ts'
import { parseSchema, timestampSchema } from '../parsers/schema.ts'
import { stepsSchema } from '../steps/schema.ts'

export const fieldValue = z.union([z.string(), z.number(), z.boolean()], {
  error: () => 'expected a string, a number, true or false',
})

export const constantFields = z.record(z.string().min(1, 'a field needs a name'), fieldValue)

/** What every source has, beside the settings of its type. */
export const sourceCommon = {
  parse: parseSchema,
  timestamp: timestampSchema,
  multiline: multilineSchema,
  encoding: z
    .string()
    .default('utf-8')
    .superRefine((value, context) => {
      if (encodingName(value) !== undefined) return
      const meant = nearest(value, encodingNames)
      const hint = meant ? `, did you mean "${meant}"?` : `, there are: ${encodingNames.join(', ')}`
      const message = `unknown encoding ${JSON.stringify(value.slice(0, 40))}${hint}`
      context.addIssue({ code: 'custom', message })
    })
    .meta({
      description:
        'Encoding of the text where the file begins with no byte order mark: `utf-8`, `utf-16le`, `gbk`, `gb18030`, `shift_jis`, `latin1`, … (docs/encodings.md). What is shipped is UTF-8.',
    }),
  max_line_bytes: size(
    '256KiB',
    'A longer line is cut here, flagged `truncated` and counted; it never stops the file.',
    {
      min: 16,
      max: 16 * 1024 ** 2,
    },
  ),
  fields: constantFields.default({}).meta({
    description:
      'Constant fields of every event of this source, by ECS name (dots make a path). They win over `enrich.fields`.',
  }),
  steps: stepsSchema(
    'Transforms of the events of this source, one after the other: objects with one key each. See docs/steps.md.',
  ),
  sinks: z
    .array(z.string())
    .min(1)
    .nullable()
    .default(null)
    .meta({ description: 'Names of the sinks that get the events of this source. `null`: all of them.' }),
}

const common = z.object(sourceCommon)
export type SourceCommon = z.infer<typeof common>
/** One source with the settings of its type, as `type` says. */
export type SourceConfig = SourceCommon & { readonly type: string } & Readonly<Record<string, unknown>>
