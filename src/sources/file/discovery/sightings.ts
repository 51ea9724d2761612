import type { FileStat } from '../../../core/file-system.ts'
import type { Log } from '../../../core/log.ts'
import type { UnreadablePath } from '../../source.ts'
import { notOpened, type NotOpened, type OpenedFile } from '../access.ts'
import type { Grabbed } from './grabs.ts'
import { familyOf } from '../rotated-names.ts'
import { Generation, startOfFile, type FileSourceState, type Position } from '../generation.ts'
import { completeHead, readMark } from '../identity.ts'
import type { Rotation, Workshop } from '../rotation.ts'

/** A file of the first walk, or of a folder that was read. */
export interface Sighted {
  readonly path: string
  readonly stat: FileStat
  readonly source: FileSourceState
}

/** Paths that match but cannot be read yet; more would be a table that an attacker fills. */
const maxTroubled = 10_000

/** What it means that a path shows this file now. Runs under the lock. */
export class Sightings {
  readonly #shop: Workshop
  readonly #rotation: Rotation
  readonly #sources: readonly FileSourceState[]
  readonly #log: Log
  /** By path: the reason that was warned of (once), or '' for a file that is only too old. Looked at again by the sweep. */
  readonly troubled = new Map<string, string>()
  readonly #overlaps = new Set<string>()

  constructor(shop: Workshop, rotation: Rotation, sources: readonly FileSourceState[], log: Log) {
    this.#shop = shop
    this.#rotation = rotation
    this.#sources = sources
    this.#log = log
  }

  /** What was warned of and is not mended yet. */
  unreadable(): UnreadablePath[] {
    return [...this.troubled].flatMap(([path, reason]) => {
      // Open since before the trouble it is read on, for as long as it stays open.
      const isRead = this.#shop.registry.at(path)?.file !== undefined
      const source = reason === '' || isRead ? undefined : this.ownerOf(path)
      return source ? [{ source: source.name, path, reason }] : []
    })
  }

  /** The first source that wants the path. */
  ownerOf(path: string): FileSourceState | undefined {
    const owner = this.#sources.find((source) => source.filter.matches(path))
    const other = owner && this.#sources.find((source) => source !== owner && source.filter.matches(path))
    if (owner && other && !this.#overlaps.has(`${owner.name} ${other.name}`)) {
      this.#overlaps.add(`${owner.name} ${other.name}`)
      this.#log.warn(
        { source: owner.name, other: other.name, path },
        'two sources match a file; the first reads it',
      )
    }
    return owner
  }

  /** Looks at a path again; resolves to true where it is a folder. */
  async look(path: string): Promise<boolean> {
    const stat = await this.#shop.fileSystem.stat(path).catch((error: unknown) => notOpened(error))
    if ('kind' in stat) await this.#unseen(path, stat)
    else if (stat.isDirectory) return true
    else await this.see({ path, stat })
    return false
  }

  async #unseen(path: string, reason: NotOpened): Promise<void> {
    if (reason.kind === 'refused' && this.ownerOf(path)) return this.#trouble(path, reason.reason)
    if (reason.kind !== 'missing') return
    this.troubled.delete(path)
    await this.#leave(path)
  }

  /** The path shows another file than before, or none. */
  async #leave(path: string): Promise<void> {
    const { registry } = this.#shop
    const occupant = registry.at(path)
    if (!occupant) return
    registry.detach(path)
    if (occupant.isOrphan) await this.#rotation.orphaned(occupant)
  }

  /**
   * The path showed this file a moment ago, and may show another by now: a new one becomes a generation all the same.
   * Closes the file where it is not wanted.
   */
  async seeOpen(path: string, { file, realPath }: Grabbed): Promise<void> {
    const { descriptors, registry } = this.#shop
    const stat = await file.stat().catch(() => undefined)
    const known = stat && registry.holding(stat)
    const source = this.ownerOf(path)
    if (!stat?.isFile || !source || (known && !known.ending) || !descriptors.hasRoom) return file.close()
    const opened = await source.access.accept(file, realPath)
    if (opened.kind === 'opened') await this.see({ path, stat, opened })
  }

  /** The path shows this file. `isKnown` files are only taken note of; new ones become a generation. */
  async see(sighting: {
    path: string
    stat: FileStat
    opened?: OpenedFile
  }): Promise<Generation | undefined> {
    const { path, stat, opened } = sighting
    const { registry, schedule } = this.#shop
    const known = stat.isFile ? registry.holding(stat) : undefined
    if (known && !known.ending) {
      this.troubled.delete(path)
      const isElsewhere = registry.at(path) !== known
      if (isElsewhere) await this.#arrive(path, known)
      if (known.see(stat) || isElsewhere) schedule.soon(known)
      await this.#holdEarly(known)
      return known
    }
    const predecessor = registry.predecessorAt(path)
    await this.#leave(path)
    const source = this.ownerOf(path)
    if (!source) {
      await opened?.file.close()
      return undefined
    }
    if (!stat.isFile) {
      this.#trouble(path, 'is not a regular file')
      return undefined
    }
    const generation = await (opened
      ? this.#add({ path, stat, source }, opened)
      : this.#begin({ path, stat, source }))
    if (generation && predecessor) this.#rotation.follow(generation, predecessor)
    return generation
  }

  async #arrive(path: string, generation: Generation): Promise<void> {
    await this.#leave(path)
    this.#shop.registry.attach(path, generation)
    generation.orphanedAtMs = Number.NaN
    generation.wasMoved = false
    this.troubled.delete(path)
  }

  /** What has something to read is opened now and not at its turn: by then it may have been renamed away. */
  async #holdEarly(generation: Generation): Promise<void> {
    const { descriptors } = this.#shop
    if (generation.file || generation.isIdle || generation.isBusy || !descriptors.hasRoom) return
    if (generation.unreadBytes > 0) await descriptors.hold(generation)
  }

  async #begin(sighted: Sighted): Promise<Generation | undefined> {
    const { path, stat, source } = sighted
    const { clock, departed, descriptors } = this.#shop
    if (source.ignoreOlderMs !== null && clock.now() - stat.mtimeMs > source.ignoreOlderMs) {
      if (this.troubled.size < maxTroubled) this.troubled.set(path, '')
      return undefined
    }
    // With thousands of files a descriptor for each is not to be had: those beyond are opened at their turn.
    // But for one that may have come back: unopened it would pass for a new file and be read twice.
    const mustOpen = this.#isSkipped(source) || departed.mayKnow(stat.inode)
    if (!descriptors.hasRoom && !mustOpen) return this.#add(sighted, undefined)
    await descriptors.makeRoom()
    const opened = await source.access.open(path)
    if (opened.kind === 'refused') this.#trouble(path, opened.reason)
    if (opened.kind === 'exhausted') return this.#add(sighted, undefined)
    return opened.kind === 'opened' ? this.#add(sighted, opened) : undefined
  }

  async #add(sighted: Sighted, opened: OpenedFile | undefined): Promise<Generation> {
    const { path, source } = sighted
    const { clock, departed, descriptors, registry, schedule } = this.#shop
    const stat = opened?.stat ?? sighted.stat
    const nowMs = clock.monotonic()
    const { device, inode } = stat
    const checkpoint = opened && (await departed.recall(opened.file, stat, clock.now()))
    const position = opened && !checkpoint ? await this.#firstPosition(source, opened) : startOfFile
    const generation = checkpoint
      ? Generation.fromCheckpoint(source, { ...checkpoint, device, inode }, nowMs)
      : new Generation(source, { id: this.#shop.newGeneration(), path, device, inode, position, nowMs })
    // No await from here on: a second name of the same file must find the first.
    const existing = registry.holding(stat)
    if (existing && !existing.ending) {
      await opened?.file.close()
      registry.attach(path, existing)
      return existing
    }
    registry.add(generation)
    registry.attach(path, generation)
    generation.see(stat)
    generation.mustAnnounce = checkpoint !== undefined || this.#isSkipped(source)
    this.troubled.delete(path)
    if (opened) descriptors.adopt(generation, opened)
    schedule.soon(generation)
    return generation
  }

  /** True during the first walk: start_at holds for what was there when the source first ran, never for later files. */
  isFirstWalk = true

  #isSkipped(source: FileSourceState): boolean {
    return source.startAtEnd && source.isFirstRun && this.isFirstWalk
  }

  async #firstPosition(source: FileSourceState, opened: OpenedFile): Promise<Position> {
    if (!this.#isSkipped(source)) return startOfFile
    const offset = opened.stat.size
    const head = await completeHead(opened.file, startOfFile.head, offset)
    const mark = await readMark(opened.file, offset)
    return mark ? { ...startOfFile, offset, head, mark } : startOfFile
  }

  /** New files of one walk, oldest first; those of one rotation family one after the other. */
  async seeAll(files: readonly { path: string; stat: FileStat }[]): Promise<void> {
    const oldestFirst = [...files].sort(
      (a, b) => a.stat.mtimeMs - b.stat.mtimeMs || compareAge(a.path, b.path),
    )
    const newestOf = new Map<string, Generation>()
    for (const file of oldestFirst) {
      const generation = await this.see(file)
      if (!generation) continue
      const family = familyOf(file.path)
      const before = newestOf.get(family)
      if (before) this.#rotation.readAfter(generation, before)
      newestOf.set(family, generation)
    }
  }

  #trouble(path: string, reason: string): void {
    if (this.troubled.get(path) === reason) return
    if (this.troubled.size < maxTroubled) this.troubled.set(path, reason)
    this.#log.warn({ path }, `a file that matches ${reason}`)
  }
}

/** At equal times: app.log.2 is older than app.log.1, and that older than app.log; dates grow. */
function compareAge(a: string, b: string): number {
  if (isNumbered(a) && isNumbered(b)) return Number(b.split('.').pop()) - Number(a.split('.').pop())
  if (isNumbered(a) !== isNumbered(b)) return isNumbered(a) ? -1 : 1
  return a < b ? -1 : 1
}

const isNumbered = (path: string): boolean => /\.\d{1,3}$/.test(path)
