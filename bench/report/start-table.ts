import { markdownTable, median } from './markdown-table.ts'

export interface StartRow {
  readonly what: string
  readonly pipeline: string
  readonly node: string
  /** Of each run, until the first event was sent. */
  readonly milliseconds: readonly number[]
}

/** How long a cold start takes. */
export function startTable(rows: readonly StartRow[]): string {
  return markdownTable(
    ['scenario', 'pipeline', 'Node', 'median ms', 'lowest–highest'],
    rows.map(({ what, pipeline, node, milliseconds }) => [
      what,
      pipeline,
      node,
      median(milliseconds).toFixed(0),
      `${Math.min(...milliseconds).toFixed(0)}–${Math.max(...milliseconds).toFixed(0)}`,
    ]),
  )
}
