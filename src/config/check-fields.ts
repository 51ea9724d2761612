import { constantFieldProblem } from '../enrich/agent-paths.ts'
import { failure } from './finding.ts'
import type { Finding, Path } from './finding.ts'
import type { Pieces } from './validate.ts'

/** Constant fields that no document could hold: the agent's own, or a name that is a value and the parent of another. */
export function fieldChecks({ settings, sources }: Pick<Pieces, 'settings' | 'sources'>): Finding[] {
  const shared = Object.keys(settings?.enrich.fields ?? {})
  const findings = problemsOf(shared, ['enrich', 'fields'], [])
  for (const [name, { fields }] of Object.entries(sources)) {
    findings.push(...problemsOf(Object.keys(fields), ['sources', name, 'fields'], shared))
  }
  return findings
}

function problemsOf(names: readonly string[], path: Path, others: readonly string[]): Finding[] {
  return names.flatMap((name) => {
    const own = constantFieldProblem(name)
    const related = [
      ...names.filter((other) => isAbove(other, name)),
      ...others.filter((other) => areRelated(other, name)),
    ]
    const clash =
      related[0] === undefined ? undefined : `no document can hold both "${related[0]}" and "${name}"`
    const message = own ?? clash
    return message === undefined ? [] : [failure([...path, name], message, 'key')]
  })
}

const isAbove = (parent: string, name: string): boolean => name.startsWith(`${parent}.`)
const areRelated = (a: string, b: string): boolean => isAbove(a, b) || isAbove(b, a)
