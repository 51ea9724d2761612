import { z } from 'zod'
import { agentShape } from '../src/config/agent-schema.ts'
import { plainJsonSchema } from '../src/config/json-schema.ts'
import type { JsonSchema } from '../src/config/json-schema.ts'
import { componentSchema } from '../src/config/schema.ts'
import type { ComponentKind, Components } from '../src/config/schema.ts'
import { stepDefinitions } from '../src/steps/registry.ts'

/** `docs/config.md`: every key with type, default and meaning, per component. */
export function configReference(components: Components): string {
  return `${[
    ...opening,
    '## The agent',
    '',
    ...table(rowsOf(plainJsonSchema(z.strictObject(agentShape)))),
    '',
    '## Sources',
    '',
    'An object with a source by each name: `"sources": { "app": { "type": "file", … } }`. A file belongs to the first source that matches it.',
    ...components.sources.flatMap((definition) => component('source', definition)),
    '',
    '## Steps',
    '',
    'A list of objects with one key each, run one after the other: `"steps": [{ "drop": { "if": "level == \'debug\'" } }, { "redact": {} }]`. Guide: [steps.md](steps.md).',
    ...stepDefinitions.flatMap(step),
    '',
    '## Sinks',
    '',
    'An object with a sink by each name: `"sinks": { "es": { "type": "elasticsearch", … } }`.',
    ...components.sinks.flatMap((definition) => component('sink', definition)),
  ].join('\n')}\n`
}

const opening = [
  '<!-- Made by `npm run generate` from the schemas. Do not edit. -->',
  '# Configuration',
  '',
  'JSON in one file; comments and trailing commas are allowed. An unknown key is an error that names the line, the column and the',
  'nearest known key, and all errors are shown at once: `logferry validate`. For editors there is `agent.config.schema.json`.',
  '',
  '- **`${…}`** is expanded inside strings: `${NAME}` from the environment, `${NAME:-default}` where it is unset or empty, `${file:/path}`',
  '  from a file (one final newline removed). `$$` is a literal `$`. A missing one is an error. A string that is exactly one `${…}` may stand',
  '  for a number or a boolean.',
  '- **Sizes**: `"5MiB"`, `"300KB"`, or bytes. **Durations**: `"500ms"`, `"5s"`, `"1m"`, `"2h"`, `"7d"`, or milliseconds.',
  '- **Names** of sources and sinks: `a-z`, `0-9`, `_`, `-`. **Paths** that are relative start at the folder of the config file.',
  '- **Secrets** are everything from `${file:}`, everything under `auth`, user info in URLs, values of `headers`, and `admin.token`. They are',
  '  shown nowhere.',
  '- **Reload**: SIGHUP, or an edit of this file or of a `${file:}`. What is wrong keeps the old config; `data_dir` and `buffer` need a restart.',
  '',
]

interface Definition {
  readonly type: string
  readonly summary: string
}

function component(
  kind: ComponentKind,
  definition: Definition & Parameters<typeof componentSchema>[1],
): string[] {
  const rows = rowsOf(plainJsonSchema(componentSchema(kind, definition)))
  return [
    '',
    `### ${kind} \`${definition.type}\``,
    '',
    definition.summary,
    '',
    ...table(rows.filter(({ key }) => key !== 'type')),
  ]
}

function step({ type, summary, schema }: Definition & { readonly schema: z.ZodType }): string[] {
  const rows = rowsOf(plainJsonSchema(schema))
  const form = rows.length > 0 ? table(rows) : []
  return ['', `### step \`${type}\``, '', summary, '', ...form].slice(0, rows.length > 0 ? undefined : -1)
}

interface Row {
  readonly key: string
  readonly type: string
  readonly fallback: string
  readonly description: string
}

/** A row for each key, objects within objects as dotted keys. */
function rowsOf(schema: JsonSchema, prefix = ''): Row[] {
  const required = new Set(schema.required)
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    if (typeof property === 'boolean') return []
    const key = `${prefix}${name}`
    const inner = objectIn(property)
    const row = {
      key,
      type: typeText(property),
      fallback: required.has(name) ? '**required**' : fallbackText(property),
      description: property.description ?? '',
    }
    return [row, ...(inner ? rowsOf(inner, `${key}.`) : [])]
  })
}

/** The object whose keys get rows of their own, also where it is one of several forms. */
function objectIn(schema: JsonSchema): JsonSchema | undefined {
  if (schema.properties) return schema
  const objects = (schema.anyOf ?? []).flatMap((one): JsonSchema[] => {
    const inner = objectIn(one)
    return inner ? [inner] : []
  })
  return objects.length === 1 ? objects[0] : mergedObjects(objects)
}

/** `auth` is one of several objects: their keys are listed together. */
function mergedObjects(objects: readonly JsonSchema[]): JsonSchema | undefined {
  if (objects.length === 0) return undefined
  return { properties: Object.assign({}, ...objects.map(({ properties }) => properties)) }
}

function typeText(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(schema.const)
  if (schema.enum) return schema.enum.map(code).join(', ')
  const forms = schema.anyOf ?? schema.oneOf
  if (forms) return [...new Set(forms.map(typeText))].join(' or ')
  if (Array.isArray(schema.type)) return quantityText(schema)
  if (schema.type === 'array')
    return `list of ${schema.items && typeof schema.items === 'object' && !Array.isArray(schema.items) ? typeText(schema.items) : 'any'}`
  if (schema.type === 'object') return 'object'
  return typeof schema.type === 'string' ? (typeNames[schema.type] ?? schema.type) : ''
}

const typeNames: Readonly<Record<string, string>> = { integer: 'whole number', boolean: '`true` or `false`' }

/** Sizes and durations are strings or numbers to JSON Schema; their default says which they are. */
function quantityText({ type, default: fallback }: JsonSchema): string {
  if (Array.isArray(type) && type.includes('boolean')) return 'string, number, `true` or `false`'
  if (Array.isArray(type) && !type.includes('number')) return type.join(' or ')
  if (typeof fallback === 'string' && fallback.endsWith('B')) return 'size'
  return 'duration'
}

function fallbackText({ default: fallback, properties }: JsonSchema): string {
  // The defaults of an object's keys stand in the keys' own rows.
  return fallback === undefined || (properties && JSON.stringify(fallback) === '{}') ? '' : code(fallback)
}

const code = (value: unknown): string => `\`${JSON.stringify(value)}\``

function table(rows: readonly Row[]): string[] {
  return [
    '| key | type | default | what |',
    '|---|---|---|---|',
    ...rows.map(
      ({ key, type, fallback, description }) =>
        `| \`${key}\` | ${cell(type)} | ${cell(fallback)} | ${cell(description)} |`,
    ),
  ]
}

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ')
