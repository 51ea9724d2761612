/** How many, and the first few of them. */
export interface Tally {
  readonly lost: string
  readonly invented: string
  readonly doubled: string
}

/** As a tally names them. */
export const few = (uids: readonly string[]): string => `${uids.length} ${uids.slice(0, 10).join(' ')}`.trim()

/** Compares what was written with what a sink has, by the uid in each line. */
export function tally(written: readonly string[], lines: readonly string[]): Tally {
  const uidIn = (line: string): string =>
    /"uid":"([^"]+)"/.exec(line)?.[1] ?? `no uid in ${line.slice(0, 200)}`
  return tallyUids(written, lines.map(uidIn))
}

export function tallyUids(written: readonly string[], stored: readonly string[]): Tally {
  const seen = new Map<string, number>()
  for (const uid of stored) seen.set(uid, (seen.get(uid) ?? 0) + 1)
  const expected = new Set(written)
  return {
    lost: few(written.filter((uid) => !seen.has(uid))),
    invented: few([...seen.keys()].filter((uid) => !expected.has(uid))),
    doubled: few([...seen].filter(([, count]) => count > 1).map(([uid]) => uid)),
  }
}

export const nothingWrong: Tally = { lost: '0', invented: '0', doubled: '0' }
