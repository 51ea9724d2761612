import { existsSync, readFileSync } from 'node:fs'
import type { ReportRow } from '../test/torture/harness/report.ts'

/** `node out/scripts/torture-table.js FILE`: the report of a torture run as the table of `docs/delivery.md`, in Markdown. */
function table(path: string): string {
  if (!existsSync(path)) return `nothing was reported to ${path}\n`
  const rows: ReportRow[] = readFileSync(path, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line): ReportRow => JSON.parse(line))
    .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const total = rows.reduce(
    (sum, row) => ({
      lines: sum.lines + row.lines,
      starts: sum.starts + row.starts,
      rotations: sum.rotations + row.rotations,
      lost: sum.lost + row.lost,
      doubled: sum.doubled + row.doubled,
      resent: sum.resent + row.resent,
    }),
    { lines: 0, starts: 0, rotations: 0, lost: 0, doubled: 0, resent: 0 },
  )
  return [
    '| scenario | lines | starts | rotations | missing | doubled | copies recognised | accounted for | peak memory |',
    '|---|--:|--:|--:|--:|--:|--:|---|--:|',
    ...rows.map(rowOf),
    `| **${rows.length} scenarios** | **${total.lines}** | **${total.starts}** | **${total.rotations}** | **${total.lost}** | **${total.doubled}** | **${total.resent}** | | |`,
    '',
  ].join('\n')
}

function rowOf(row: ReportRow): string {
  const mebibytes = Math.round(row.peakRssBytes / 2 ** 20)
  const what = `**${row.id}** ${row.sentence.replaceAll('|', '\\|')}`
  return `| ${what} | ${row.lines} | ${row.starts} | ${row.rotations} | ${row.lost} | ${row.doubled} | ${row.resent} | ${accounted(row)} | ${mebibytes} MiB |`
}

/** What the ledger says about lines that did not arrive as others do. */
function accounted({ lostBytes, dropped, deadLettered }: ReportRow): string {
  return [
    ...Object.entries(lostBytes).map(([reason, bytes]) => `${bytes} bytes lost: ${reason}`),
    ...Object.entries(dropped).map(([reason, count]) => `${count} dropped: ${reason}`),
    ...(deadLettered > 0 ? [`${deadLettered} dead letters`] : []),
  ].join(', ')
}

process.stdout.write(table(process.argv[2] ?? 'out/torture.ndjson'))
