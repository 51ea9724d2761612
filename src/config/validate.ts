import { z } from 'zod'
import { agentShape } from './agent-schema.ts'
import type { AgentSettings } from './agent-schema.ts'
import { failure, pathText } from './finding.ts'
import type { Finding, Path } from './finding.ts'
import type { Interpolated } from './interpolate.ts'
import { parseWith } from './issues.ts'
import { nearest } from '../core/nearest.ts'
import { laterTypes } from './not-built.ts'
import { componentName, sinkSchemas, sourceSchemas } from './schema.ts'
import type { ComponentKind, Components, SinkConfig } from './schema.ts'
import type { SourceConfig } from './source-schema.ts'
import { isObject, withValueAt } from './values.ts'

/** What of a config is right, piece by piece: an error in one sink leaves the other pieces to be looked at. */
export interface Pieces {
  readonly settings: AgentSettings | undefined
  readonly sources: Readonly<Record<string, SourceConfig>>
  readonly sinks: Readonly<Record<string, SinkConfig>>
  readonly findings: readonly Finding[]
}

/** Holds the values against the schemas. Does no I/O; what needs the disk or several pieces at once is in checks.ts. */
export function validatePieces(input: Interpolated, components: Components): Pieces {
  const checker = new Checker(input)
  const { value } = input
  if (!isObject(value)) {
    const finding = failure([], 'expected an object: { "sources": …, "sinks": … }')
    return { settings: undefined, sources: {}, sinks: {}, findings: [finding] }
  }
  const settings = checker.parse(topSchema, value, [])
  const sources = checker.section('source', value['sources'], sourceSchemas(components))
  const sinks = checker.section('sink', value['sinks'], sinkSchemas(components))
  const findings = checker.findings.filter(({ path }) => !input.broken.has(pathText(path)))
  return { settings, sources, sinks, findings }
}

const topSchema = z.strictObject({
  ...agentShape,
  sources: z.unknown().optional(),
  sinks: z.unknown().optional(),
})

class Checker {
  readonly findings: Finding[] = []
  readonly #input: Interpolated

  constructor(input: Interpolated) {
    this.#input = input
  }

  /** The parsed piece, or undefined after its findings were noted. */
  parse<Output>(schema: z.ZodType<Output>, value: unknown, path: Path): Output | undefined {
    const place = { path, isSecret: (at: Path) => this.#input.fromFiles.has(pathText(at)) }
    const first = parseWith(schema, value, place)
    if (first.ok) return first.output
    const coerced = this.#coerce(value, path, first.findings)
    const result = coerced === undefined ? first : parseWith(schema, coerced, place)
    if (result.ok) return result.output
    this.findings.push(...result.findings)
    return undefined
  }

  section<Config>(
    kind: ComponentKind,
    value: unknown,
    schemas: ReadonlyMap<string, z.ZodType<Config>>,
  ): Record<string, Config> {
    const parsed: Record<string, Config> = {}
    const path = [`${kind}s`]
    if (value === undefined || (isObject(value) && Object.keys(value).length === 0)) {
      const without = kind === 'source' ? 'there is nothing to read' : 'there is nowhere to send to'
      this.findings.push(failure(path, `no ${kind} is configured, ${without}`, 'key'))
    } else if (!isObject(value)) {
      this.findings.push(failure(path, `expected an object: a ${kind} by each name`))
    } else {
      for (const [name, config] of Object.entries(value)) {
        const output = this.#component({ kind, path: [...path, name] }, config, schemas)
        if (output !== undefined) parsed[name] = output
      }
    }
    return parsed
  }

  #component<Config>(
    at: { kind: ComponentKind; path: Path },
    config: unknown,
    schemas: ReadonlyMap<string, z.ZodType<Config>>,
  ): Config | undefined {
    const { kind, path } = at
    const name = componentName.safeParse(path.at(-1))
    if (!name.success) this.findings.push(failure(path, name.error.issues[0]!.message, 'key'))
    if (!isObject(config)) {
      this.findings.push(failure(path, `expected an object with the settings of the ${kind}`))
      return undefined
    }
    const { type } = config
    const schema = typeof type === 'string' ? schemas.get(type) : undefined
    if (schema) return this.parse(schema, config, path)
    const known = [...schemas.keys()]
    this.findings.push({ ...wrongType(kind, [...path, 'type'], { type, known }), hides: path })
    return undefined
  }

  /**
   * The value with those strings as numbers or booleans that are one `${…}` and were refused as strings; undefined
   * where there are none. Asking the schema first keeps a password of digits a string.
   */
  #coerce(value: unknown, path: Path, findings: readonly Finding[]): unknown {
    let coerced: unknown
    for (const finding of findings) {
      const scalar = scalarOf(this.#input.substituted.get(pathText(finding.path)))
      if (scalar === undefined) continue
      coerced = withValueAt(coerced ?? value, finding.path.slice(path.length), scalar)
    }
    return coerced
  }
}

function scalarOf(text: string | undefined): number | boolean | undefined {
  if (text === 'true' || text === 'false') return text === 'true'
  if (text === undefined || !/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return undefined
  return Number(text)
}

function wrongType(
  kind: ComponentKind,
  path: Path,
  { type, known }: { type: unknown; known: readonly string[] },
): Finding {
  const list = known.map((one) => `"${one}"`).join(', ')
  if (type === undefined) return failure(path, `missing, expected one of ${list}`, 'key')
  if (typeof type !== 'string') return failure(path, `expected one of ${list}`)
  const later: readonly string[] = laterTypes[kind]
  if (later.includes(type))
    return failure(path, `${kind} type "${type}" is not built yet, expected one of ${list}`)
  const meant = nearest(type, known)
  return failure(
    path,
    `unknown ${kind} type ${JSON.stringify(type)}, expected one of ${list}${meant ? ` (did you mean "${meant}"?)` : ''}`,
  )
}
