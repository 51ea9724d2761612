import type { StepConfig } from '../steps/schema.ts'
import { warning } from './finding.ts'
import type { Finding, Path } from './finding.ts'
import type { SourceConfig } from './source-schema.ts'
import type { Pieces } from './validate.ts'
import { isObject, textsOf } from './values.ts'

/**
 * A parser takes a line of text apart and the text stays. Where members are removed or redacted and a sink sends the
 * line as it is, what was to go would still stand in there.
 */
export function leftInLine({ settings, sources, sinks }: Pieces): Finding[] {
  const raw = Object.keys(sinks).filter(
    (name) => sinks[name]!.type === 'loki' && (sinks[name]!['line'] ?? 'raw') === 'raw',
  )
  if (raw.length === 0) return []
  return Object.entries(sources).flatMap(([name, source]) => {
    const sink = raw.find((one) => (source.sinks ?? [one]).includes(one))
    if (sink === undefined) return []
    const own = (source.steps ?? []).map((step, index) => ({ step, path: ['sources', name, 'steps', index] }))
    const all = (settings?.steps ?? []).map((step, index) => ({ step, path: ['steps', index] }))
    return [...own, ...all].flatMap(({ step, path }) => stepCheck(step, path, { name, source, sink }))
  })
}

function stepCheck(
  step: StepConfig,
  path: Path,
  { name, source, sink }: { name: string; source: SourceConfig; sink: string },
): Finding[] {
  const isSure = takesTextApart(source)
  const { remove, redact } = step
  if (Array.isArray(remove) && isSure) {
    return [warning([...path, 'remove'], textOf({ name, sink, what: 'removed members stay' }))]
  }
  const fields = isObject(redact) ? redact['fields'] : undefined
  if (!Array.isArray(fields) || textsOf(fields).includes('message')) return []
  if (!isSure && source.parse !== 'auto') return []
  const what = isSure
    ? 'what is redacted stays'
    : 'where auto takes a line of text apart, what is redacted stays'
  return [warning([...path, 'redact', 'fields'], textOf({ name, sink, what }))]
}

function textOf({ name, sink, what }: { name: string; sink: string; what: string }): string {
  const where = `in the line of source "${name}", which sink "${sink}" sends as it was written`
  return `${what} ${where}: set "line": "json" there, or redact "message" too`
}

const wholeParsers = new Set(['auto', 'none', 'json', 'cri', 'docker'])

/** Members come out of a text, by a parser of the source or by a step. */
function takesTextApart({ parse, steps }: SourceConfig): boolean {
  const parsers: readonly unknown[] = Array.isArray(parse) ? parse : [parse]
  const types = parsers.map((one) => (isObject(one) ? one['type'] : one))
  const isParsedAgain = (steps ?? []).some((step) => step['parse'] !== undefined)
  const hasField = parsers.some((one) => isObject(one) && one['field'] !== undefined)
  return (
    isParsedAgain || hasField || types.some((type) => typeof type === 'string' && !wholeParsers.has(type))
  )
}
