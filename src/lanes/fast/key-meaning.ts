import { firstOpenTelemetryRank, noRole } from '../../enrich/member-roles.ts'
import type { MemberRole } from '../../enrich/member-roles.ts'
import * as state from '../../kernel/wasm/lane-state.ts'

/** What `keyTrace` and `keySpan` stand for; all other roles are read from values of many forms. */
const ids = { trace_id: state.keyTrace, span_id: state.keySpan } as const
/** These mean something only where the value is an object. */
const containers = new Set(['trace_object', 'span_object', 'datadog_object', 'container'])

/** What a name means whose value is a text that was captured: none of them is an object. */
export function capturedMeaning(role: MemberRole): number {
  if (role.meetsParsed) return state.keyRefused
  const meaning = meaningOf('', { ...role, meets: false })
  // OpenTelemetry's numbers mean something else than the texts of levels that the kernel asks about.
  return (meaning & state.keyLevelNumber) === 0 ? meaning & ~state.keyRefusedObject : state.keyRefused
}

/** What a key means to the agent, in the bits that the kernel knows; `keyRefused` where only the general lane can tell. */
export function meaningOf(key: string, role: MemberRole): number {
  if (role === noRole) return 0
  if (role.meets && key !== '@timestamp') return state.keyRefused
  let meaning = role.meets ? state.keyTimestamp : 0
  for (const { rank, rest } of role.times) {
    if (rest !== '') meaning |= state.keyRefusedObject
    else if (rank < state.mostRanks) meaning |= state.keyTime | (rank << state.keyTimeRankShift)
    else return state.keyRefused
  }
  for (const { rank, rest } of role.levels) {
    if (rest !== '') meaning |= state.keyRefusedObject
    else {
      meaning |= state.keyLevel | (rank << state.keyLevelRankShift)
      if (rank >= firstOpenTelemetryRank) meaning |= state.keyLevelNumber
    }
  }
  const { trace } = role
  if (trace === undefined) return meaning
  if (trace === 'trace_id' || trace === 'span_id') return meaning | ids[trace]
  return containers.has(trace) ? meaning | state.keyRefusedObject : state.keyRefused
}
