import { z } from 'zod'
import { nearest } from '../core/nearest.ts'
import { wrappers } from './auto.ts'
import { parserDefinitions } from './registry.ts'
import { compileTimePattern } from './time.ts'
import { TimePatternError } from './time-strptime.ts'
import { timeZone } from './time-zone.ts'

/** One parser: its name, or an object with its settings, and for some the field that it reads. */
export type ParserConfig =
  | string
  | { readonly type: string; readonly field?: string | undefined; readonly [key: string]: unknown }

/** One parser, or a chain of them. */
export type ParseConfig = ParserConfig | readonly ParserConfig[]

export interface TimestampConfig {
  readonly field?: string | undefined
  readonly format?: string | undefined
  readonly timezone?: string | undefined
}

const builtNames = parserDefinitions.map((definition) => definition.type)
const needsSettings = new Set(['regex'])

const wrapperNames = new Set<string>(wrappers.map((wrapper) => wrapper.name))

/** Parsers that can be asked for by name alone, for what is in a wrapper. */
export const innerParserNames: readonly string[] = builtNames.filter(
  (type) => !needsSettings.has(type) && !wrapperNames.has(type),
)

const name = z.enum(builtNames).superRefine((value, context) => {
  if (!needsSettings.has(value)) return
  context.addIssue({ code: 'custom', message: `"${value}" needs settings: { "type": "${value}", … }` })
})

const field = z.string().min(1).meta({
  description:
    'Read this member of the event instead of its message. What comes out replaces members of the same name.',
})

const built = parserDefinitions.map(({ type, schema, takesField, summary }) => {
  const base: z.ZodObject = schema
  return base
    .safeExtend({ type: z.literal(type), ...(takesField ? { field: field.optional() } : {}) })
    .meta({ description: summary })
})

type AnyObject = z.ZodObject<{ type: z.ZodLiteral<string> }>

// oxlint-disable-next-line no-unsafe-type-assertion -- the list is made at run time and never empty
const objects = built as unknown as [AnyObject, ...AnyObject[]]

const oneOf = (options: typeof objects, names: readonly string[]) =>
  z.discriminatedUnion('type', options, {
    error: ({ code, input }) => {
      if (code !== 'invalid_union') return undefined
      const type = typeof input === 'object' && input !== null && 'type' in input ? input.type : undefined
      const meant = typeof type === 'string' ? nearest(type, names) : undefined
      return `"type" must be one of ${names.join(', ')}${meant === undefined ? '' : ` (did you mean "${meant}"?)`}`
    },
  })

const object = oneOf(objects, builtNames)

const fieldNames = parserDefinitions.filter(({ takesField }) => takesField).map(({ type }) => type)
// oxlint-disable-next-line no-unsafe-type-assertion -- as above
const fieldObjects = objects.filter((one) => 'field' in one.shape) as typeof objects

/** A parser of a member, for the step `parse`. */
// oxlint-disable-next-line no-unsafe-type-assertion -- the types of a list that is made at run time say too little
export const fieldParserSchema = oneOf(fieldObjects, fieldNames) as unknown as z.ZodType<
  Exclude<ParserConfig, string>
>

const chain = z
  .array(z.union([name, object]))
  .min(1)
  .max(16)
  .superRefine((parsers, context) => {
    parsers.forEach((parser, index) => {
      const type = typeof parser === 'string' ? parser : parser.type
      if (index === 0 || !['auto', 'cri', 'docker'].includes(type)) return
      context.addIssue({ code: 'custom', path: [index], message: `"${type}" can only stand first` })
    })
  })

const anyParse = z.union([name, object, chain]).default('auto').meta({
  description:
    'How lines are taken apart: the name of a parser, an object with its settings, or a list: a chain.',
})

/** The key `parse` of a source. */
// oxlint-disable-next-line no-unsafe-type-assertion -- the types of a list that is made at run time say too little
export const parseSchema = anyParse as unknown as z.ZodType<ParseConfig, ParseConfig | undefined>

const formats = new Set(['auto', 'rfc3339', 'unix', 'unix_ms', 'unix_us', 'unix_ns'])

const format = z
  .string()
  .max(200)
  .superRefine((value, context) => {
    const problem = formatProblem(value)
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem })
  })

function formatProblem(value: string): string | undefined {
  if (formats.has(value)) return undefined
  try {
    compileTimePattern(value)
    return undefined
  } catch (error) {
    if (!(error instanceof TimePatternError)) throw error
    return value.includes('%') ? error.message : notAFormat
  }
}

const notAFormat = [
  `expected ${[...formats].join(', ')}`,
  'a strptime pattern such as "%d/%b/%Y:%H:%M:%S %z"',
  'or a Go layout such as "2006-01-02 15:04:05"',
].join(', ')

/** The key `timestamp` of a source. */
export const timestampSchema = z
  .strictObject({
    field: z.string().min(1).optional().meta({
      description:
        'The member that holds the time; a name or a dotted path. Without it the usual names are tried.',
    }),
    format: format.default('auto').meta({
      description:
        '`auto`, `rfc3339`, `unix`, `unix_ms`, `unix_us`, `unix_ns`, a strptime pattern, or a Go layout.',
    }),
    timezone: z
      .string()
      .refine(
        (value) => timeZone(value) !== undefined,
        'expected a time zone such as "Europe/Berlin" or "+08:00"',
      )
      .optional()
      .meta({ description: 'Of times that name none. Default: the time zone of the host.' }),
  })
  .optional()
  .meta({ description: "Where the event's time is found and how it is written." })
