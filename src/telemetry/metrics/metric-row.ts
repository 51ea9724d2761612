import type { AgentView } from '../view.ts'

/** A value, then the values of the row's labels in their order. */
export type Sample = readonly [value: number, ...labels: string[]]

export interface MetricRow {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** What to show now. A histogram has none: it is filled as requests end. */
  read?(agent: AgentView, counts: OwnCounts): readonly Sample[]
}

/** What telemetry counts by itself, because no part of the agent keeps it. */
export interface OwnCounts {
  readonly configReloads: Readonly<Record<ReloadResult, number>>
}

export const reloadResults = ['success', 'failure'] as const
export type ReloadResult = (typeof reloadResults)[number]

/** One sample for each reason of a fixed table: a counter that appears with its first increase hides it from `rate()`. */
export function byReason(
  name: string,
  found: Readonly<Record<string, number>>,
  known: readonly string[],
): Sample[] {
  return known.map((reason): Sample => [found[reason] ?? 0, name, reason])
}
