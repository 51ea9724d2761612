import { z } from 'zod'
import type { DeliveryConfig } from '../components/fields.ts'
import type { SinkDefinition, SourceDefinition } from '../components/definition.ts'
import { agentShape } from './agent-schema.ts'
import type { AgentSettings } from './agent-schema.ts'
import { sourceCommon } from './source-schema.ts'
import type { SourceConfig } from './source-schema.ts'

export interface Components {
  readonly sources: readonly SourceDefinition[]
  readonly sinks: readonly SinkDefinition[]
}

/** One sink with the settings of its type, and those by which delivery treats it. */
export type SinkConfig = DeliveryConfig & { readonly type: string } & Readonly<Record<string, unknown>>

/** The config as the agent uses it: defaults filled in, sizes in bytes, durations in ms, paths absolute. */
export interface AgentConfig extends AgentSettings {
  readonly sources: Readonly<Record<string, SourceConfig>>
  readonly sinks: Readonly<Record<string, SinkConfig>>
}

export type ComponentKind = 'source' | 'sink'

/** What the config of one component of this type looks like, `type` included. */
export function componentSchema(
  kind: ComponentKind,
  definition: SourceDefinition | SinkDefinition,
): z.ZodObject {
  const type = z.literal(definition.type).meta({ description: definition.summary })
  if (!(definition.schema instanceof z.ZodObject)) {
    throw new TypeError(`the schema of the ${kind} "${definition.type}" is not an object`)
  }
  const { shape } = definition.schema
  // The component's own wins, should it know better than what all have. `safeExtend` keeps its refinements.
  const common = kind === 'source' ? withoutKeys(sourceCommon, Object.keys(shape)) : {}
  return definition.schema.safeExtend({ type, ...common }).strict()
}

/** The schemas of all types of one kind, by type. */
export const sourceSchemas = once(({ sources }: Components): ReadonlyMap<string, z.ZodType<SourceConfig>> => {
  return new Map(sources.map((one) => [one.type, typed<SourceConfig>(componentSchema('source', one))]))
})

export const sinkSchemas = once(({ sinks }: Components): ReadonlyMap<string, z.ZodType<SinkConfig>> => {
  return new Map(sinks.map((one) => [one.type, typed<SinkConfig>(componentSchema('sink', one))]))
})

/** A schema compiles itself at its first use, which takes longer than checking any config: a manifest's are made once. */
function once<Made>(make: (components: Components) => Made): (components: Components) => Made {
  const made = new WeakMap<Components, Made>()
  return (components) => {
    const schemas = made.get(components) ?? make(components)
    made.set(components, schemas)
    return schemas
  }
}

/** The shape is put together at run time, so the compiler cannot see it; the manifest's tests hold every component to it. */
function typed<Config>(schema: z.ZodType): z.ZodType<Config> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return schema as z.ZodType<Config>
}

function withoutKeys<Value>(
  members: Readonly<Record<string, Value>>,
  keys: readonly string[],
): Record<string, Value> {
  return Object.fromEntries(Object.entries(members).filter(([key]) => !keys.includes(key)))
}

export const componentName = z.string().regex(/^[a-z0-9_-]+$/, 'a name may hold a-z, 0-9, "_" and "-" only')

const sectionTexts = {
  source:
    'Where events come from, by a name of your own. A file belongs to the first source that matches it.',
  sink: 'Where events go, by a name of your own.',
} as const

/** The whole config, for the JSON Schema and the reference. Loading goes piece by piece, so that one error hides no other. */
export function agentSchema({ sources, sinks }: Components): z.ZodObject {
  return z.strictObject({
    ...agentShape,
    sources: section('source', sources),
    sinks: section('sink', sinks),
  })
}

function section(kind: ComponentKind, definitions: readonly (SourceDefinition | SinkDefinition)[]) {
  const options = definitions.map((definition) => componentSchema(kind, definition))
  const [first, ...others] = options
  if (!first) throw new RangeError(`the manifest lists no ${kind}`)
  return z.record(componentName, z.union([first, ...others])).meta({ description: sectionTexts[kind] })
}
