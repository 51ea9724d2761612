import type { Lock } from '../lock.ts'
import type { Generation } from '../generation.ts'
import type { Rotation, Workshop } from '../rotation.ts'
import type { Sightings } from './sightings.ts'

/** An idle descriptor closes after this; until then a deleted file is recognised without doubt. */
const idleMs = 30_000
/** A file under a name that no glob matches is followed for late writes so long after the last one. */
const unwantedMs = 3600_000
/** At the most so many stats while the lock is held, so that a rotation is seen between two slices. */
const sliceFiles = 16
/** Few files are looked at each time. */
const leastFiles = 64
/** All files are looked at within so many sweeps where watches work: 10,000 idle files cost 2 % of a core, in 10 sweeps 5. */
const sweepsPerRound = 60

/** The slow look at everything, in small slices: what the watches missed, or where there are none. */
export class Sweep {
  readonly #parts: { shop: Workshop; rotation: Rotation; sightings: Sightings; lock: Lock }
  #round: Generation[] = []
  #troubledRound: string[] = []

  constructor(parts: { shop: Workshop; rotation: Rotation; sightings: Sightings; lock: Lock }) {
    this.#parts = parts
  }

  async files(isPolling: boolean): Promise<void> {
    const { lock, shop } = this.#parts
    if (this.#round.length === 0) this.#round = [...shop.registry.all()]
    const share = isPolling ? this.#round.length : Math.ceil(shop.registry.size / sweepsPerRound)
    let left = Math.max(share, leastFiles)
    while (left > 0 && this.#round.length > 0) {
      const slice = this.#round.splice(-Math.min(left, sliceFiles))
      left -= slice.length
      await lock.run(async () => {
        const [first, ...others] = slice
        await this.#look(first!)
        for (const generation of others)
          if (generation.device !== first!.device || !this.#isUnchanged(generation))
            await this.#look(generation)
      })
    }
    await this.#lookAtTroubled()
    await shop.descriptors.closeIdle(idleMs)
  }

  /**
   * The first of a slice is looked at by the pool: should its file system hang, only that look hangs. It has answered, so the
   * few files behind it are asked here and now, which takes 3 µs each instead of 60 (10,000 idle files: most of their CPU).
   */
  #isUnchanged(generation: Generation): boolean {
    const { device, inode, mtimeMs, paths, size } = generation
    const { clock, fileSystem } = this.#parts.shop
    if (!generation.isIdle || paths.size !== 1 || generation.ending || generation.isGone) return false
    // What may have to end is the whole look's affair.
    if (clock.monotonic() - generation.grewAtMs > unwantedMs && !generation.isWanted) return false
    const [path = ''] = paths
    const stat = fileSystem.statNow?.(path)
    return (
      stat?.isFile === true &&
      stat.inode === inode &&
      stat.device === device &&
      stat.mtimeMs === mtimeMs &&
      stat.size === size
    )
  }

  async #look(generation: Generation): Promise<void> {
    if (generation.isGone || generation.ending) return
    const { rotation, shop, sightings } = this.#parts
    if (generation.isOrphan) return this.#lookAtOrphan(generation)
    // Looking changes the set.
    const paths = [...generation.paths]
    for (const path of paths) await sightings.look(path)
    const quietMs = shop.clock.monotonic() - generation.grewAtMs
    if (quietMs > unwantedMs && generation.isIdle && !generation.isWanted) {
      generation.wasMoved = true
      rotation.end(generation, 'deleted')
    }
  }

  /** No watch speaks of a file without a name: its writer may still have it open. */
  async #lookAtOrphan(generation: Generation): Promise<void> {
    const stat = await generation.file?.stat().catch(() => undefined)
    if (!stat) return this.#parts.rotation.orphaned(generation)
    // Moved away it is waited for longer than a file that is gone for good.
    const isNews = stat.links === 0 && !generation.isUnlinked
    if (isNews) generation.isUnlinked = true
    if (generation.see(stat) || isNews) this.#parts.shop.schedule.soon(generation)
  }

  async #lookAtTroubled(): Promise<void> {
    const { lock, sightings } = this.#parts
    if (this.#troubledRound.length === 0) this.#troubledRound = [...sightings.troubled.keys()]
    const slice = this.#troubledRound.splice(-sliceFiles)
    if (slice.length === 0) return
    await lock.run(async () => {
      for (const path of slice) await sightings.look(path)
    })
  }
}
