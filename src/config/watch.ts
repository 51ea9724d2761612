import type { Clock } from '../core/clock.ts'
import { sleep } from '../core/clock.ts'
import type { FileSystem } from '../core/file-system.ts'

/** How often the files of the config are looked at: `stat` of a handful of files, so it costs nothing that shows. */
const intervalMs = 1_000

/**
 * Calls `changed` when one of `files()` was edited, replaced, or switched by a link (as Kubernetes does with ConfigMaps
 * and Secrets, where inotify on the file itself sees nothing). Waits until a file has stood still for one interval, so
 * that a half-written file is not read.
 */
export async function watchConfig(options: {
  readonly files: () => readonly string[]
  readonly changed: () => Promise<void>
  /** `fingerprint` of the files when they were read; without it an edit between that and the first look is missed. */
  readonly read: string
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly signal: AbortSignal
}): Promise<void> {
  const { fileSystem, clock, signal } = options
  let applied = options.read
  let before = applied
  while (!signal.aborted) {
    await sleep(clock, intervalMs, signal)
    if (signal.aborted) return
    const now = await fingerprint(options.files(), fileSystem)
    const isStill = now === before
    before = now
    if (now === applied || !isStill) continue
    await options.changed()
    // Not a fresh look: an edit made while the change was applied would be missed. Where the change brought new files
    // to watch, the fingerprint differs once more and a reload that changes nothing follows.
    applied = now
  }
}

/** What tells a file's versions apart: a text that is another one after an edit, a replacement, or a link that was switched. */
export async function fingerprint(files: readonly string[], fileSystem: FileSystem): Promise<string> {
  const parts = await Promise.all(
    files.map(async (file) => {
      try {
        const stat = await fileSystem.stat(file)
        return `${stat.device}:${stat.inode}:${stat.size}:${stat.mtimeMs}`
      } catch {
        return 'missing'
      }
    }),
  )
  return parts.join('|')
}
