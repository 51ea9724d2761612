import { readFileSync, readdirSync, readlinkSync, statSync } from 'node:fs'
import type { CountedFile } from './counted-file.ts'
import type { TortureRig } from './torture-rig.ts'

/** Whether the agent has the file at this path open: from here on it may be renamed or deleted, and is still read. */
export function isOpen(rig: TortureRig, path: string): boolean {
  const pid = rig.agent?.child.pid
  if (pid === undefined) return false
  try {
    const { dev, ino } = statSync(path)
    return readdirSync(`/proc/${pid}/fd`).some((name) => {
      const opened = statSync(`/proc/${pid}/fd/${name}`, { throwIfNoEntry: false })
      return opened?.dev === dev && opened.ino === ino
    })
  } catch {
    return false // It is just being rotated, or the agent ends.
  }
}

/** How many lines of this writer have arrived at Elasticsearch, of those from `since` up to before `end`. */
export function seen(rig: TortureRig, { writer }: CountedFile, since = 0, end = Infinity): number {
  const mine = `"uid":"${writer}-`
  const documents = rig.elasticsearch.documents()
  let count = 0
  for (const { source } of documents) {
    const at = source.indexOf(mine)
    const sequence = at < 0 ? -1 : Number.parseInt(source.slice(at + mine.length))
    if (sequence >= since && sequence < end) count++
  }
  return count
}

/** How many files the process has open that have no name any more. */
export function deletedOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`).endsWith(' (deleted)')
    } catch {
      return false
    }
  }).length
}

/** User and system, all threads; a clock tick is 10 ms. */
export function cpuSecondsOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /s, '')
    .split(' ')
  return (Number(fields[11]) + Number(fields[12])) / 100
}
