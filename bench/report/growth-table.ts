import type { GrowthResult } from '../measuring/growth.ts'
import { markdownTable, median } from './markdown-table.ts'

export interface GrowthRow {
  readonly what: string
  readonly pipeline: string
  readonly node: string
  readonly files: number
  readonly results: readonly GrowthResult[]
}

/** What a line in each of many files costs. */
export function growthTable(rows: readonly GrowthRow[]): string {
  const head = ['scenario', 'pipeline', 'Node', 'CPU s', 'lowest–highest', 'µs a file', 'all sent after s']
  return markdownTable(
    head,
    rows.map(({ what, pipeline, node, files, results }) => {
      const seconds = results.map(({ cpuSeconds }) => cpuSeconds)
      return [
        what,
        pipeline,
        node,
        median(seconds).toFixed(2),
        `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`,
        ((median(seconds) / files) * 1e6).toFixed(0),
        median(results.map(({ wallSeconds }) => wallSeconds)).toFixed(1),
      ]
    }),
  )
}
