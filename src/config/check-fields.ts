import { failure } from './finding.ts'
import type { Finding, Path } from './finding.ts'
import type { Pieces } from './validate.ts'

/** Leaves of the document that the agent writes itself: a constant can neither be one nor lie above or below one. */
const ownLeaves = [
  '@timestamp',
  'message',
  'host.name',
  'log.file.path',
  'log.offset',
  'log.level',
  'log.flags',
  'trace.id',
  'span.id',
]
/** Where a constant may well be what is wanted: it stands in for what is switched off or not known. */
const replaceable = new Set(['host.name', 'log.level'])

/** Constant fields that no document could hold: a name that is at once a value and the parent of another. */
export function fieldChecks({ settings, sources }: Pieces): Finding[] {
  const shared = Object.keys(settings?.enrich.fields ?? {})
  const findings = clashes(shared, ['enrich', 'fields'], [])
  for (const [name, { fields }] of Object.entries(sources)) {
    findings.push(...clashes(Object.keys(fields), ['sources', name, 'fields'], shared))
  }
  return findings
}

function clashes(names: readonly string[], path: Path, others: readonly string[]): Finding[] {
  return names.flatMap((name) => {
    const at = [...path, name]
    const own = ownLeaves.find(
      (leaf) => (leaf === name && !replaceable.has(leaf)) || isAbove(leaf, name) || isAbove(name, leaf),
    )
    if (own === name) return [failure(at, `"${name}" is written by the agent itself`, 'key')]
    if (own)
      return [failure(at, `no document can hold both "${name}" and "${own}", which the agent writes`, 'key')]
    const clash = [...names, ...others].find((other) => isAbove(other, name))
    return clash ? [failure(at, `no document can hold both "${clash}" and "${name}"`, 'key')] : []
  })
}

const isAbove = (parent: string, name: string): boolean => name.startsWith(`${parent}.`)
