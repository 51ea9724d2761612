import { z } from 'zod'
import { size } from '../components/fields.ts'
import { notBuiltKey } from './not-built.ts'
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
  multiline: notBuiltKey('multiline', 'How lines are joined into one event.'),
  encoding: z
    .string()
    .default('utf-8')
    .superRefine((value, context) => {
      if (/^utf-?8$/i.test(value)) return
      context.addIssue({
        code: 'custom',
        message: `encoding ${JSON.stringify(value.slice(0, 40))} is not built yet, only "utf-8" is`,
      })
    })
    .meta({
      description: 'Encoding of the text. Only `utf-8` in this version; a byte order mark is stripped.',
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
