import { appendFileSync } from 'node:fs'

/** One scenario as it went, for the table of `docs/delivery.md` (`scripts/torture-table.ts`). */
export interface ReportRow {
  readonly id: string
  readonly sentence: string
  readonly lines: number
  readonly starts: number
  readonly rotations: number
  readonly lost: number
  /** More than once in a sink after its own de-duplication, and copies that came to it before that. */
  readonly doubled: number
  readonly resent: number
  readonly lostBytes: Readonly<Record<string, number>>
  readonly dropped: Readonly<Record<string, number>>
  readonly deadLettered: number
  readonly peakRssBytes: number
  readonly peakDescriptors: number
  readonly seconds: number
}

/** Appends to the file that `npm run torture` names; `npm test` names none. */
export function report(row: ReportRow): void {
  const path = process.env['LOGFERRY_TORTURE_REPORT']
  if (path !== undefined) appendFileSync(path, `${JSON.stringify(row)}\n`)
}
