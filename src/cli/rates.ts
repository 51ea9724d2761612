import type { StatusAnswer } from './status-answer.ts'
import type { Rates } from './status-tables.ts'

type Ledger = StatusAnswer['ledger']

/** What went through each second between two looks, `seconds` apart. Counters that went back are a new `data_dir`'s. */
export function ratesBetween(before: Ledger, after: Ledger, seconds: number): Rates {
  const perSecond = (one: number, other: number): number => Math.max(0, (other - one) / seconds)
  const bySource = (of: (row: Ledger[string]) => number): Map<string, number> =>
    new Map(
      Object.entries(after).map(([name, row]) => [
        name,
        before[name] ? perSecond(of(before[name]), of(row)) : 0,
      ]),
    )
  const acknowledged = new Map<string, number>()
  for (const [source, row] of Object.entries(after))
    for (const [sink, counts] of Object.entries(row.sinks)) {
      const known = before[source]?.sinks[sink]?.acknowledged ?? counts.acknowledged
      acknowledged.set(sink, (acknowledged.get(sink) ?? 0) + perSecond(known, counts.acknowledged))
    }
  return {
    readBytes: bySource((row) => row.read_bytes),
    readEvents: bySource((row) => row.read_events),
    acknowledged,
  }
}
