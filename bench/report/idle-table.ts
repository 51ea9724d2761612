import type { IdleResult } from '../measuring/idle.ts'
import { markdownTable } from './markdown-table.ts'

export interface IdleRow {
  readonly what: string
  readonly pipeline: string
  readonly node: string
  readonly result: IdleResult
}

/** What waiting costs. */
export function idleTable(rows: readonly IdleRow[]): string {
  const head = [
    'scenario',
    'pipeline',
    'Node',
    'CPU, % of a core',
    'RSS MiB',
    'peak RSS MiB',
    'all sent after s',
  ]
  return markdownTable(
    head,
    rows.map(({ what, pipeline, node, result }) => [
      what,
      pipeline,
      node,
      result.cpuPercent.toFixed(2),
      result.rssMiB.toFixed(0),
      result.peakRssMiB.toFixed(0),
      result.readySeconds.toFixed(1),
    ]),
  )
}
