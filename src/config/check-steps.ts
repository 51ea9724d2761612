import { failure, warning } from './finding.ts'
import type { Finding, Path } from './finding.ts'
import { nearest } from '../core/nearest.ts'
import { agentFieldProblem } from '../steps/agent-fields.ts'
import type { FieldUse } from '../steps/agent-fields.ts'
import type { Pieces } from './validate.ts'
import { isObject, textsOf, valueAt } from './values.ts'
import { leftInLine } from './check-raw-line.ts'

/**
 * What the schema of a step cannot see: sinks, what the agent itself writes, and what a sink would send all the same. It
 * looks at the values as written, so that one broken step hides nothing about the others.
 */
export function stepChecks(pieces: Pieces, raw: unknown, sinkNames: readonly string[]): Finding[] {
  return [
    ...listsOf(raw, sinkNames).flatMap((list) => listChecks(raw, list, sinkNames)),
    ...leftInLine(pieces),
  ]
}

interface StepsOf {
  readonly path: Path
  /** The source, '' for the steps of all of them. */
  readonly source: string
  /** Sinks that its events may go to. */
  readonly open: readonly string[]
  readonly constants: ReadonlySet<string>
}

function listsOf(raw: unknown, sinkNames: readonly string[]): StepsOf[] {
  const keysAt = (path: Path): string[] => {
    const value = valueAt(raw, path)
    return isObject(value) ? Object.keys(value) : []
  }
  const names = keysAt(['sources'])
  const ofAgent = keysAt(['enrich', 'fields'])
  const ofSources = names.flatMap((name) => keysAt(['sources', name, 'fields']))
  return [
    { path: ['steps'], source: '', open: sinkNames, constants: new Set([...ofAgent, ...ofSources]) },
    ...names.map((source) => {
      const sinks = valueAt(raw, ['sources', source, 'sinks'])
      return {
        path: ['sources', source, 'steps'],
        source,
        open: Array.isArray(sinks) ? textsOf(sinks) : sinkNames,
        constants: new Set([...ofAgent, ...keysAt(['sources', source, 'fields'])]),
      }
    }),
  ]
}

function listChecks(
  raw: unknown,
  { path, source, open, constants }: StepsOf,
  known: readonly string[],
): Finding[] {
  const steps = valueAt(raw, path)
  return (Array.isArray(steps) ? steps : []).flatMap((step: unknown, index) => {
    const at = [...path, index, 'route', 'sinks']
    const sinks = textsOf(valueAt(raw, at))
    return [
      ...sinks.flatMap((sink, place) => sinkCheck(sink, [...at, place], { open, of: source, known })),
      ...(isObject(step) ? fieldChecks(step, [...path, index], constants) : []),
    ]
  })
}

function sinkCheck(
  sink: string,
  path: Path,
  { open, of, known }: { open: readonly string[]; of: string; known: readonly string[] },
): Finding[] {
  if (open.includes(sink)) return []
  if (known.includes(sink)) {
    const message = `source "${of}" does not send to "${sink}": name it in its "sinks" too, or leave it out here`
    return [failure(path, message)]
  }
  const meant = nearest(sink, known)
  const hint = meant ? `, did you mean "${meant}"?` : `, there are: ${known.join(', ')}`
  return [failure(path, `no sink has the name ${JSON.stringify(sink)}${hint}`)]
}

function fieldChecks(
  step: Readonly<Record<string, unknown>>,
  path: Path,
  constants: ReadonlySet<string>,
): Finding[] {
  const [type, settings] = Object.entries(step)[0] ?? ['', undefined]
  const check = (use: FieldUse, name: string, at: Path, where: 'key' | 'value'): Finding[] => {
    const problem = agentFieldProblem(use, name, constants)
    return problem === undefined ? [] : [failure([...path, type, ...at], problem, where)]
  }
  switch (type) {
    case 'drop':
    case 'keep':
      return alwaysCheck(type, settings, [...path, type, 'if'])
    case 'remove':
      return textsOf(settings).flatMap((name, index) => [
        ...check('take', name, [index], 'value'),
        ...repeated(textsOf(settings), index, [...path, type, index]),
      ])
    case 'rename':
      return Object.entries(isObject(settings) ? settings : {}).flatMap(([from, to]) => [
        ...check('take', from, [from], 'key'),
        ...check('make', String(to), [from], 'value'),
      ])
    case 'add':
      return Object.keys(isObject(settings) ? settings : {}).flatMap((name) =>
        check('make', name, [name], 'key'),
      )
    case 'redact':
      return textsOf(isObject(settings) ? settings['fields'] : []).flatMap((name, index) =>
        check('redact', name, ['fields', index], 'value'),
      )
    default:
      return []
  }
}

function repeated(names: readonly string[], index: number, path: Path): Finding[] {
  const name = names[index]!
  return names.indexOf(name) === index ? [] : [failure(path, `"${name}" is removed by this step already`)]
}

/** Left over from trying something out: it would filter everything, or nothing. */
function alwaysCheck(type: 'drop' | 'keep', settings: unknown, path: Path): Finding[] {
  const condition = isObject(settings) ? settings['if'] : undefined
  const text = typeof condition === 'string' ? condition.trim() : ''
  if (text !== 'true' && text !== 'false') return []
  const filtersAll = (type === 'drop') === (text === 'true')
  return [warning(path, filtersAll ? 'filters out every event' : 'does nothing: no event is filtered out')]
}
