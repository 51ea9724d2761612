import { firstOpenTelemetryRank } from '../../enrich/member-roles.ts'
import type { MemberRole, Place } from '../../enrich/member-roles.ts'
import type { TraceRole } from '../../enrich/trace.ts'
import * as state from '../../kernel/wasm/lane-state.ts'

/** What the kernel reads; the values of all other roles have many forms. */
const ids = { trace_id: state.keyTrace, span_id: state.keySpan, traceparent: state.keyParent } as const
/** These mean something only where the value is an object. */
export const containers: ReadonlySet<TraceRole> = new Set<TraceRole>([
  'trace_object',
  'span_object',
  'datadog_object',
  'container',
])

/** What a name means whose value is a text that was captured: none of them is an object. */
export function capturedMeaning(role: MemberRole): number {
  return role.meetsParsed ? state.keyRefused : meaningOfText(role)
}

/** The same where it does not matter whether it is in the way of a field of ours. */
export function meaningOfText(role: MemberRole): number {
  const meaning = meaningOfPlaces(role.times, role.levels, role.trace)
  // OpenTelemetry's numbers mean something else than the texts of levels that the kernel asks about.
  return (meaning & state.keyLevelNumber) === 0 ? meaning : state.keyRefused
}

/** In the bits that the kernel knows, leaving out what lies within its object; `keyRefused` where only the general lane can tell. */
export function meaningOfPlaces(
  times: readonly Place[],
  levels: readonly Place[],
  trace: TraceRole | undefined,
): number {
  let meaning = 0
  for (const { rank, rest } of times) {
    if (rest !== '') continue
    if (rank >= state.mostRanks) return state.keyRefused
    meaning |= state.keyTime | (rank << state.keyTimeRankShift)
  }
  for (const { rank, rest } of levels) {
    if (rest !== '') continue
    meaning |= state.keyLevel | (rank << state.keyLevelRankShift)
    if (rank >= firstOpenTelemetryRank) meaning |= state.keyLevelNumber
  }
  if (trace === undefined || containers.has(trace)) return meaning
  const isKnown = trace === 'trace_id' || trace === 'span_id' || trace === 'traceparent'
  return isKnown ? meaning | ids[trace] : state.keyRefused
}
