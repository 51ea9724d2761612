import type { Cancel, Clock } from '../../../core/clock.ts'
import type { Checkpoint } from '../../../core/chunk.ts'
import type { Log } from '../../../core/log.ts'
import type { FolderListener, FolderWatch } from './folder-watch.ts'
import type { UnreadablePath } from '../../source.ts'
import { Bell } from '../bell.ts'
import { Folders } from './folders.ts'
import type { FileSourceState, Generation } from '../generation.ts'
import { Grabs } from './grabs.ts'
import { Links } from './links.ts'
import type { Lock } from '../lock.ts'
import type { Rotation, Workshop } from '../rotation.ts'
import type { Sightings } from './sightings.ts'
import { Startup } from './startup.ts'
import { Sweep } from './sweep.ts'
import { Walk, type Found } from './walk.ts'

export interface DiscoveryParts {
  readonly shop: Workshop
  readonly rotation: Rotation
  readonly sightings: Sightings
  readonly sources: readonly FileSourceState[]
  readonly lock: Lock
  readonly log: Log
  readonly sweepMs: number
  readonly watchFolders: (listener: FolderListener) => FolderWatch
}

/** Finds files: by the watches at once, by the sweep at the latest. Runs beside the reading, which may be blocked. */
export class Discovery {
  readonly #parts: DiscoveryParts
  readonly #clock: Clock
  readonly #watch: FolderWatch
  readonly #folders: Folders
  readonly #walk: Walk
  readonly #links: Links
  readonly #sweep: Sweep
  readonly #grabs: Grabs
  /** Names and folders that a watch spoke of, to be looked at now. */
  readonly #names = new Set<string>()
  readonly #toRead = new Set<string>()
  #isStopping = false
  #isPolling = false
  readonly #named = new Bell()
  readonly #swept = new Bell()
  #cancelTimer: Cancel = () => {}

  constructor(parts: DiscoveryParts) {
    const { log, lock, rotation, shop, sightings, sources } = parts
    this.#parts = parts
    this.#clock = shop.clock
    this.#watch = parts.watchFolders({
      onName: (file, isNaming) => this.#onName(file, isNaming),
      onFolder: (folder) => this.#request(this.#toRead, folder),
      onTrouble: (folder, code) => this.#onTrouble(folder, code),
    })
    const { fileSystem, registry } = shop
    this.#folders = new Folders(fileSystem, sources)
    this.#walk = new Walk({ folders: this.#folders, watch: this.#watch, registry, fileSystem, log })
    this.#grabs = new Grabs(fileSystem)
    this.#links = new Links(this.#watch, this.#folders)
    this.#sweep = new Sweep({ shop, rotation, sightings, lock })
  }

  /** The first walk: known files are found again, then new ones, the oldest first. */
  async start(checkpoints: readonly Checkpoint[]): Promise<void> {
    const { lock, rotation, shop, sightings, sources } = this.#parts
    await lock.run(async () => {
      const found: Found = { files: [], doubtful: [] }
      for (const root of this.#folders.roots) await this.#walk.from(root, found)
      const settled = await new Startup(shop, rotation).bind(checkpoints, sources, found.files)
      const files = new Map([...settled, ...found.files].map((file) => [file.path, file]))
      await sightings.seeAll([...files.values()])
      for (const file of found.doubtful) await sightings.look(file)
      sightings.isFirstWalk = false
      for (const generation of shop.registry.all()) this.#links.note(generation)
    })
    this.#armSweep()
  }

  /** Names as the watches tell them, and beside it the slow sweep: a rename is not to wait for 10,000 stats. */
  async run(): Promise<void> {
    await Promise.all([this.#runNames(), this.#runSweep()])
  }

  async #runNames(): Promise<void> {
    while (!this.#isStopping) {
      const file = takeFirst(this.#names)
      const folder = file === undefined ? takeFirst(this.#toRead) : undefined
      if (file !== undefined) await this.#lookAt(file)
      else if (folder !== undefined) await this.#read(folder)
      else await this.#named.wait()
    }
  }

  async #runSweep(): Promise<void> {
    while (!this.#isStopping) {
      await this.#swept.wait()
      if (!this.#isStopping) await this.#doSweep()
    }
  }

  /** Everything once, now: for a drain. */
  async scanAll(): Promise<void> {
    const { lock, sightings } = this.#parts
    for (const folder of this.#folders.roots) await this.#read(folder)
    const followed = [...this.#parts.shop.registry.paths()]
    await lock.run(async () => {
      for (const file of followed) await sightings.look(file)
    })
  }

  /** Its file could not be opened: what do its names show now? The caller holds the lock. */
  async lookAgain(generation: Generation): Promise<void> {
    const { rotation, sightings } = this.#parts
    // Looking changes the set.
    const names = [...generation.paths]
    for (const name of names) await sightings.look(name)
    await rotation.orphaned(generation)
  }

  /** Files that match and may not be read, and folders that may not be listed. */
  unreadable(): UnreadablePath[] {
    const { sightings, sources } = this.#parts
    const folders = this.#walk
      .closedFolders()
      .flatMap(([folder, code]) =>
        sources
          .filter(({ filter }) => filter.fixedParts.includes(folder) || filter.mayContain(folder, false))
          .map(({ name }) => ({ source: name, path: folder, reason: `may not be listed (${code})` })),
      )
    return [...folders, ...sightings.unreadable()]
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    this.#cancelTimer()
    this.#named.ring()
    this.#swept.ring()
    await this.#watch.close()
    await this.#grabs.close()
  }

  #onName(file: string, isNaming: boolean): void {
    const { registry, schedule } = this.#parts.shop
    const aliases = this.#links.aliasesOf(file)
    if (isNaming) for (const alias of aliases) this.#request(this.#names, alias)
    if (isNaming && this.#isWanted(file)) this.#grabs.take(file)
    if (isNaming) return this.#request(this.#names, file)
    const followed = [file, ...aliases].flatMap((name) => registry.at(name) ?? [])
    for (const generation of followed) schedule.soon(generation)
    // A file that could not be read may be readable now (chmod).
    if (followed.length === 0 && this.#isWanted(file)) this.#request(this.#names, file)
  }

  #isWanted(file: string): boolean {
    return this.#parts.sources.some((source) => source.filter.matches(file))
  }

  #onTrouble(folder: string, code: string): void {
    if (code !== 'ENOSPC' && code !== 'EMFILE') return
    this.#watch.remove(folder)
    if (this.#isPolling) return
    this.#isPolling = true
    this.#parts.log.warn(
      { folder, code },
      'the system gives no more inotify watches (fs.inotify.max_user_watches, max_user_instances); files are polled',
    )
  }

  #request(set: Set<string>, name: string): void {
    set.add(name)
    this.#named.ring()
  }

  async #lookAt(file: string): Promise<void> {
    const { lock, shop, sightings } = this.#parts
    const isFolder = await lock.run(async () => {
      for (const grabbed of this.#grabs.of(file)) await sightings.seeOpen(file, grabbed)
      return sightings.look(file)
    })
    if (isFolder && this.#folders.isWanted(file)) return this.#read(file)
    const generation = shop.registry.at(file)
    if (generation) this.#links.note(generation)
  }

  async #read(folder: string): Promise<void> {
    const { lock, sightings } = this.#parts
    const found = await this.#walk.from(folder)
    await lock.run(async () => {
      for (const file of found.doubtful) await sightings.look(file)
      await sightings.seeAll(found.files)
    })
    for (const file of found.files) this.#noteAt(file.path)
  }

  #noteAt(file: string): void {
    const generation: Generation | undefined = this.#parts.shop.registry.at(file)
    if (generation) this.#links.note(generation)
  }

  async #doSweep(): Promise<void> {
    await this.#checkFolders()
    await this.#sweep.files(this.#isPolling)
    this.#links.prune()
    this.#armSweep()
  }

  async #checkFolders(): Promise<void> {
    for (const folder of new Set([...this.#folders.roots, ...this.#folders.known])) {
      const state = await this.#folders.check(folder)
      if (state === 'same') continue
      if (state === 'new' || state === 'gone') {
        // The old watch, if there is one, is on a folder that is gone.
        this.#watch.remove(folder)
        for (const source of this.#parts.sources) source.access.forgetRoots()
      }
      const isMissing = state === 'gone' && !this.#folders.known.includes(folder)
      if (!isMissing) await this.#read(folder)
      if (state === 'gone') this.#folders.forget(folder)
    }
  }

  #armSweep(): void {
    if (this.#isStopping) return
    this.#cancelTimer = this.#clock.after(this.#parts.sweepMs, () => this.#swept.ring())
  }
}

function takeFirst(set: Set<string>): string | undefined {
  for (const value of set) {
    set.delete(value)
    return value
  }
  return undefined
}
