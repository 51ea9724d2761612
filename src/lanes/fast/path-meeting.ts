import { childPath } from '../../enrich/agent-paths.ts'
import type { AgentLeaf, AgentPaths } from '../../enrich/agent-paths.ts'
import * as table from '../../kernel/wasm/meeting-table.ts'

/** How a name meets the agent's paths. */
export interface PathMeeting {
  /** `meeting…` of the kernel; undefined where only the general lane can tell. */
  readonly kind: number | undefined
  /** The name that makes room. */
  readonly name: string
  readonly shared: number
  /** What the agent writes at the end of it, undefined where it goes on. */
  readonly leaf: AgentLeaf['kind'] | undefined
  /** Where its object's members are looked for. */
  readonly inside: AgentPaths | undefined
}

const suffix = '_original'

/** Whether a name may be one that a member gets to make room: which is then taken. */
export const mayBeTaken = (key: string): boolean => key.includes(suffix)

const kinds: Readonly<Partial<Record<AgentLeaf['kind'], number>>> = {
  shared: table.meetingSame,
  level: table.meetingLevel,
  trace_id: table.meetingTrace,
  span_id: table.meetingSpan,
  stream: table.meetingStream,
  event: table.meetingRenamed,
  parser: table.meetingRenamed,
  reserved: table.meetingRenamed,
}

/**
 * What becomes of a line's own member of this name among `paths`, as `enrich/collisions.ts` has it; undefined for one in nobody's
 * way. `findsTrace`: else what is called like an id never says what the agent writes.
 */
export function meetingOf(paths: AgentPaths, key: string, findsTrace: boolean): PathMeeting | undefined {
  if (key === '') return undefined
  const segments = key.split('.')
  let node = paths
  for (const [index, segment] of segments.entries()) {
    const next = childPath(node, segment)
    if (!next) return undefined
    const isLast = index === segments.length - 1
    if (next.leaf || isLast) {
      const isFree = !node.children.has(segment + suffix)
      const kind = isLast ? kindOf(next.leaf, findsTrace) : table.meetingRenamed
      return {
        kind: isFree ? kind : undefined,
        name: segments.with(index, segment + suffix).join('.'),
        leaf: isLast ? next.leaf?.kind : undefined,
        shared: next.leaf?.kind === 'shared' ? next.leaf.index : 0,
        inside: next.leaf ? undefined : next,
      }
    }
    node = next
  }
  return undefined
}

function kindOf(leaf: AgentLeaf | undefined, findsTrace: boolean): number | undefined {
  if (!leaf) return table.meetingOuter
  const isId = leaf.kind === 'trace_id' || leaf.kind === 'span_id'
  return isId && !findsTrace ? table.meetingRenamed : kinds[leaf.kind]
}
