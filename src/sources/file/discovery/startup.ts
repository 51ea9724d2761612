import type { Checkpoint } from '../../../core/chunk.ts'
import type { FileStat } from '../../../core/file-system.ts'
import { Generation, type FileSourceState } from '../generation.ts'
import { isLike } from '../identity.ts'
import type { Rotation, Workshop } from '../rotation.ts'
import type { Sibling } from '../siblings.ts'

/** Finds the files of the checkpoints again after a start: under their names, under others, or as copies. */
export class Startup {
  readonly #shop: Workshop
  readonly #rotation: Rotation
  /** Not found yet, by inode; the newest last. */
  readonly #lost = new Map<number, Generation[]>()
  readonly #settled: Sibling[] = []

  constructor(shop: Workshop, rotation: Rotation) {
    this.#shop = shop
    this.#rotation = rotation
  }

  /** Resolves to the files that were found, whether or not `found` had them. */
  async bind(
    checkpoints: readonly Checkpoint[],
    sources: readonly FileSourceState[],
    found: readonly Sibling[],
  ): Promise<readonly Sibling[]> {
    for (const [index, checkpoint] of dropInherited(checkpoints).entries()) {
      const source = sources.find((candidate) => candidate.name === checkpoint.source)
      // The buffer still lists what it has lost to its heir. Once that has sent it, no start could tell any more.
      const mustAnnounce = checkpoint !== checkpoints[index]
      if (source) this.#expect(source, checkpoint, mustAnnounce)
    }
    await this.#tryAll(found)
    await this.#searchFolders()
    for (const generation of this.#remaining()) await this.#searchCopy(generation)
    for (const generation of this.#remaining()) this.#giveUp(generation)
    return this.#settled
  }

  /** Side by side: after a restart with 10,000 files each costs some eight system calls. */
  async #tryAll(found: readonly Sibling[]): Promise<void> {
    const files = found.values()
    const worker = async (): Promise<void> => {
      for (const file of files) await this.#tryAt(file)
    }
    await Promise.all(Array.from({ length: 8 }, worker))
  }

  #expect(source: FileSourceState, checkpoint: Checkpoint, mustAnnounce: boolean): void {
    const { clock, departed } = this.#shop
    // The marker that a source has run: no file.
    if (checkpoint.path === '') return
    if (checkpoint.goneAtMs > 0)
      return departed.remember({ checkpoint, goneAtMs: checkpoint.goneAtMs, mayHaveGrown: false })
    const generation = Generation.fromCheckpoint(source, checkpoint, clock.monotonic())
    generation.mustAnnounce = mustAnnounce
    const others = this.#lost.get(checkpoint.inode)
    if (others) others.push(generation)
    else this.#lost.set(checkpoint.inode, [generation])
  }

  #remaining(): readonly Generation[] {
    return [...this.#lost.values()].flat()
  }

  /** Takes the newest generation with this inode whose head and mark the file still has. */
  async #tryAt(file: Sibling): Promise<boolean> {
    const { registry } = this.#shop
    const candidates = this.#lost.get(file.stat.inode)
    if (!candidates || !file.stat.isFile || registry.holding(file.stat)) return false
    for (const generation of newestAndSameDeviceFirst(candidates, file.stat))
      if (await this.#isAt(generation, file)) {
        // A hard link was quicker.
        if (!registry.holding(file.stat)) this.#settle(generation, file)
        return true
      }
    return false
  }

  async #isAt(generation: Generation, file: Sibling): Promise<boolean> {
    if (file.stat.size < generation.position.offset) return false
    const opened = await generation.source.access.open(file.path)
    // Unreadable for now: by its inode it is ours, and it is compared again when it can be opened.
    if (opened.kind === 'refused') return file.stat.device === generation.device
    if (opened.kind !== 'opened') return false
    const isSame = await isLike(opened.file, generation.position).catch(() => false)
    await opened.file.close()
    return isSame
  }

  #settle(generation: Generation, file: Sibling): void {
    const { registry, schedule } = this.#shop
    this.#found(generation)
    this.#settled.push(file)
    generation.device = file.stat.device
    generation.inode = file.stat.inode
    registry.add(generation)
    registry.attach(file.path, generation)
    generation.see(file.stat)
    schedule.soon(generation)
  }

  #found(generation: Generation): void {
    for (const [inode, generations] of this.#lost) {
      const left = generations.filter((other) => other !== generation)
      if (left.length === 0) this.#lost.delete(inode)
      else if (left.length < generations.length) this.#lost.set(inode, left)
    }
  }

  /** Renamed while we were away, perhaps to a name that no glob matches: each folder is read once. */
  async #searchFolders(): Promise<void> {
    const folders = new Set<string>()
    for (const generation of this.#remaining())
      for (const folder of await this.#shop.siblings.foldersOf(generation)) folders.add(folder)
    for (const folder of folders) await this.#searchFolder(folder)
  }

  async #searchFolder(folder: string): Promise<void> {
    for await (const listing of this.#shop.siblings.listings(folder)) {
      // Names that are known, too: what was found at one a moment ago may have been moved on by a rotation since.
      for (const sibling of listing) await this.#tryAt(sibling)
      if (this.#lost.size === 0) return
    }
  }

  /** Copied and truncated while we were away: the copy has the rest. */
  async #searchCopy(generation: Generation): Promise<void> {
    const { registry, siblings } = this.#shop
    const copy = await siblings.copyOf(generation)
    if (!copy || copy === 'own') return
    await copy.opened.file.close()
    if (!registry.holding(copy.opened.stat))
      this.#settle(generation, { path: copy.path, stat: copy.opened.stat })
  }

  #giveUp(generation: Generation): void {
    const { clock, departed, registry } = this.#shop
    registry.addGone(generation)
    generation.wasMoved = true
    generation.wasGivenUp = true
    // At once, not when its last chunk is written: a file that was only missed is seen again in the same walk, and would
    // be read a second time from its beginning.
    const checkpoint = generation.checkpoint(generation.position)
    departed.remember({ checkpoint, goneAtMs: clock.now(), mayHaveGrown: true })
    this.#rotation.end(generation, 'deleted')
  }
}

function newestAndSameDeviceFirst(candidates: readonly Generation[], stat: FileStat): readonly Generation[] {
  const isElsewhere = (generation: Generation): number => (generation.device === stat.device ? 0 : 1)
  return [...candidates].reverse().sort((a, b) => isElsewhere(a) - isElsewhere(b))
}

/**
 * A fragment passes to the next generation in two chunks, the heir's first. After a crash between them both list it: it
 * is the heir's.
 */
export function dropInherited(checkpoints: readonly Checkpoint[]): readonly Checkpoint[] {
  const inherited = new Set<string>()
  for (const { generation, pending } of checkpoints)
    for (const range of pending)
      if (range.generation !== generation) inherited.add(`${range.generation} ${range.from} ${range.to}`)
  if (inherited.size === 0) return checkpoints
  return checkpoints.map((checkpoint) => {
    const pending = checkpoint.pending.filter(
      ({ generation, from, to }) =>
        generation !== checkpoint.generation || !inherited.has(`${generation} ${from} ${to}`),
    )
    return pending.length === checkpoint.pending.length ? checkpoint : { ...checkpoint, pending }
  })
}
