import path from 'node:path'
import { FSWatcher } from 'chokidar'
import { systemErrorCode } from '../../../core/file-system.ts'

export interface FolderListener {
  /** Something happened to the name `file` (absolute). `isNaming`: created, renamed or deleted, not just written to. */
  onName(file: string, isNaming: boolean): void
  /** Something happened that has no name: read the folder. */
  onFolder(folder: string): void
  /** No watch is to be had here (inotify's limits, say): only the sweep sees this folder. */
  onTrouble(folder: string, code: string): void
}

/** Watches for single folders. Its events are hints: the sweep finds what they missed. */
export interface FolderWatch {
  /** The folder exists (chokidar would watch its parents in its place). */
  add(folder: string): void
  /** Also before a folder that was made anew is added again: the old watch is on the old inode. */
  remove(folder: string): void
  close(): Promise<void>
}

/**
 * chokidar lists and stats a watched folder again at every event in it: 100 of 10,000 files written to each second took
 * 25 % of a core, 0.3 % without (Node 20.20, chokidar 5.0.0). The listing is ours to do.
 */
class UnlistingWatcher extends FSWatcher {
  override _readdirp(): undefined {
    return undefined
  }
}

/** inotify on folders, never on files, through chokidar. */
export class InotifyWatch implements FolderWatch {
  readonly #listener: FolderListener
  /** One watcher each: chokidar remembers every path that was ever taken out of a watcher. */
  #isClosed = false
  readonly #watchers = new Map<string, Watched>()

  constructor(listener: FolderListener) {
    this.#listener = listener
  }

  add(folder: string): void {
    // A walk may still be under way when the agent stops.
    if (this.#isClosed || this.#watchers.has(folder)) return
    const watcher = new UnlistingWatcher({
      depth: 0,
      atomic: false,
      ignoreInitial: true,
      ignorePermissionErrors: true,
      ignored: (_path, stats) => !!stats && !stats.isDirectory(),
    })
    watcher.on('raw', (event: string, name: unknown) => {
      if (typeof name === 'string' && name !== '')
        this.#listener.onName(path.join(folder, name), event === 'rename')
      else this.#listener.onFolder(folder)
    })
    watcher.on('error', (error: unknown) => this.#listener.onTrouble(folder, systemErrorCode(error)))
    const isReady = new Promise<void>((resolve) => watcher.once('ready', resolve))
    this.#watchers.set(folder, { watcher, isReady })
    watcher.add(folder)
  }

  remove(folder: string): void {
    const watched = this.#watchers.get(folder)
    this.#watchers.delete(folder)
    // It only collects closers; there is nothing that could fail later.
    if (watched) void closeWhenReady(watched)
  }

  async close(): Promise<void> {
    this.#isClosed = true
    const watchers = [...this.#watchers.values()]
    this.#watchers.clear()
    await Promise.all(watchers.map(closeWhenReady))
  }
}

interface Watched {
  readonly watcher: FSWatcher
  readonly isReady: Promise<void>
}

/** chokidar loses a watch that it is just arming when it is closed: the process would never end. */
async function closeWhenReady({ watcher, isReady }: Watched): Promise<void> {
  await isReady
  await watcher.close()
}
