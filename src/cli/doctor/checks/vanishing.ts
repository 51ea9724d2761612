import { basename, dirname, join } from 'node:path'
import { formatCounted, formatDuration } from '../../../admin/quantities.ts'
import type { DirectoryEntry } from '../../../core/file-system.ts'
import type { Host } from '../../host/host.ts'
import { named, ok } from '../finding.ts'
import type { Check } from '../subject.ts'

/** An agent may well stand still for so long: an update, a reboot, somebody who looks for a wrong key. */
const comfortableMs = 60 * 60_000
/** Files whose neighbours are looked at. */
const mostFiles = 500
/** Old ones of one file: the oldest of so many tell enough. */
const mostOlds = 100

/** How long the agent may stand still before a file is gone, by the old ones that lie beside it. */
interface Lifetime {
  readonly file: string
  readonly olds: number
  /** From the oldest old file's last line to now. */
  readonly spanMs: number
}

export const vanishingCheck: Check = {
  name: 'vanishing',
  async run({ host, survey }) {
    const { files } = await survey()
    const lives = files
      .filter(({ packed, isClosed }) => packed === undefined && !isClosed)
      .slice(0, mostFiles)
    // Once each: one with 10,000 files takes a while.
    const listings = new Map<string, DirectoryEntry[]>()
    for (const folder of new Set(lives.map(({ path }) => dirname(path))))
      listings.set(folder, await host.fileSystem.readdir(folder).catch(() => []))
    const lifetimes: Lifetime[] = []
    for (const { path } of lives) {
      const olds = oldsOf(path, listings.get(dirname(path)) ?? [])
      const lifetime = await lifetimeOf(path, olds, host)
      if (lifetime) lifetimes.push(lifetime)
    }
    const short = lifetimes.filter(({ spanMs }) => spanMs < comfortableMs).sort((a, b) => a.spanMs - b.spanMs)
    const [shortest] = short
    if (!shortest)
      return [
        ok(
          lifetimes.length === 0
            ? 'no rotated files that vanish soon'
            : `rotated files stay for over ${formatDuration(comfortableMs)}`,
        ),
      ]
    return [
      {
        severity: 'warning',
        seen: `${named(short.map(({ file }) => file))}: ${formatCounted(shortest.olds, 'old file')} kept, which reach back ${formatDuration(shortest.spanMs)}`,
        why: `An agent that stands still for longer than that finds the oldest deleted: what it had not read is lost_bytes.`,
        mend: 'Keep more old files, or larger ones (logrotate: `rotate`; kubelet: containerLogMaxFiles and containerLogMaxSize; Docker: max-file and max-size).',
      },
    ]
  },
}

/** The old files of a live one, in the listing of its folder. */
function oldsOf(path: string, entries: readonly DirectoryEntry[]): string[] {
  const live = basename(path)
  // An old file is not rotated any more itself.
  if (/\.\d+(?:\.\w+)?$/.test(live) && !/^\d+\.log$/.test(live)) return []
  const olds = entries.filter(({ name, isDirectory }) => !isDirectory && isOldOf(name, live))
  return olds.map(({ name }) => join(dirname(path), name))
}

async function lifetimeOf(
  file: string,
  olds: readonly string[],
  { fileSystem, nowMs }: Host,
): Promise<Lifetime | undefined> {
  // One that has only just been rotated for the first time tells nothing about how long it stays.
  if (olds.length < 2) return undefined
  const stats = await Promise.all(
    olds.slice(0, mostOlds).map((old) => fileSystem.stat(old).catch(() => undefined)),
  )
  const times = stats.flatMap((stat) => (stat ? [stat.mtimeMs] : []))
  return times.length < 2 ? undefined : { file, olds: olds.length, spanMs: nowMs() - Math.min(...times) }
}

/** `app.log.1`, `app.log-20261120.gz`, `0.log.20261120-101112`: the whole name first, as `app-worker.log` is another file. */
const isOldOf = (name: string, live: string): boolean =>
  name.length > live.length && name.startsWith(live) && /^[.-].*\d/.test(name.slice(live.length))
