import { agentPaths, childPath } from '../enrich/agent-paths.ts'
import type { AgentPaths } from '../enrich/agent-paths.ts'

/** `take`: remove it or give it another name; `make`: add it or call something so. */
export type FieldUse = 'take' | 'make' | 'redact'

/** Decided from the event as the steps leave it: whoever sets these sets what the agent finds. */
const decidedByMembers = new Set(['@timestamp', 'log.level', 'trace.id', 'span.id'])

const insteadOf: Readonly<Record<string, string>> = {
  '@timestamp': 'every event has one; which member it is read from says "timestamp"',
  'host.name': 'set "enrich.host" to false, or to { "name": "…" } for another one',
  'log.file.path': 'it says where the line was read, as does log.offset',
  'log.offset': 'it says where the line was read, and is part of its id',
  'log.flags': 'it says what happened to the line when it was read',
  'log.level': 'it comes from the line\'s own level: remove or rename that member ("level", "severity", …)',
  'trace.id': 'it comes from the line\'s own ids: set "enrich.trace" to false',
  'span.id': 'it comes from the line\'s own ids: set "enrich.trace" to false',
  parse_error: 'it says that a parser did not fit: change "parse", or drop such events with has(parse_error)',
}

/**
 * Why a step cannot do this with a field, and what to do instead; undefined where it can. The agent writes its own fields
 * into the document behind the steps, so a step would seem to do nothing.
 */
export function agentFieldProblem(
  use: FieldUse,
  name: string,
  constants: ReadonlySet<string>,
): string | undefined {
  if (constants.has(name))
    return `"${name}" is a constant field, which the agent writes behind all steps: change "fields" or "enrich.fields"`
  if (use === 'make' && decidedByMembers.has(name)) return undefined
  if (!isWritten(name)) return undefined
  const instead =
    insteadOf[name] ??
    (name.startsWith('kubernetes.')
      ? 'it is read from the path of the file'
      : name.startsWith('host.')
        ? 'see "enrich.host"'
        : 'choose another name')
  return `the agent writes "${name}" itself, behind all steps: ${instead}`
}

function isWritten(name: string): boolean {
  let node: AgentPaths | undefined = agentPaths([], false)
  for (const segment of name.split('.')) {
    node = childPath(node, segment)
    if (!node) return false
  }
  return node.leaf !== undefined && node.leaf.kind !== 'parser'
}
