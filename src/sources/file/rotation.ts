import type { Clock } from '../../core/clock.ts'
import type { Checkpoint, LossReason } from '../../core/chunk.ts'
import type { FileSystem } from '../../core/file-system.ts'
import type { Departed } from './departed.ts'
import type { Descriptors } from './descriptors.ts'
import { Generation, startOfFile } from './generation.ts'
import type { Registry } from './registry.ts'
import type { Schedule } from './schedule.ts'
import type { Siblings } from './siblings.ts'

/** All that the parts of the file source share. */
export interface Workshop {
  readonly registry: Registry
  readonly descriptors: Descriptors
  readonly schedule: Schedule
  readonly siblings: Siblings
  readonly departed: Departed
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly newGeneration: () => string
}

/**
 * What becomes of a generation whose file went elsewhere. All of this runs under the one lock that keeps changes of
 * who is at which path apart; none of it emits.
 */
export class Rotation {
  readonly #shop: Workshop

  constructor(shop: Workshop) {
    this.#shop = shop
  }

  /** No name of it is known any more: renamed to where nobody looks, replaced, or deleted. */
  async orphaned(generation: Generation): Promise<void> {
    const { fileSystem, schedule, siblings } = this.#shop
    if (generation.isGone || generation.ending || !generation.isOrphan) return
    generation.orphanedAtMs = this.#shop.clock.monotonic()
    const stat = await generation.file?.stat().catch(() => undefined)
    if (stat) generation.see(stat)
    generation.isUnlinked = stat?.links === 0
    generation.wasMoved = stat !== undefined && stat.links > 0
    if (!generation.isUnlinked) {
      const atTarget = await fileSystem.lstat(generation.realPath).catch(() => undefined)
      const isThere = atTarget?.inode === generation.inode && atTarget.device === generation.device
      const name = isThere ? generation.realPath : (await siblings.byInode(generation))?.path
      if (name !== undefined) await this.#arrive(name, generation)
    }
    if (generation.isOrphan && !generation.file) this.end(generation, this.#lossReason(generation))
    schedule.soon(generation)
  }

  /** Whoever is still noted there has moved on in the same chain of renames, and is looked for in turn. */
  async #arrive(name: string, generation: Generation): Promise<void> {
    const { registry } = this.#shop
    const occupant = registry.at(name)
    registry.attach(name, generation)
    if (occupant && occupant !== generation && occupant.isOrphan) await this.orphaned(occupant)
  }

  /** The file no longer holds what was read from it: truncated, and perhaps written anew. */
  async refilled(generation: Generation): Promise<void> {
    const { descriptors, registry, schedule, siblings } = this.#shop
    if (generation.isGone || generation.ending) return
    const copy = await siblings.copyOf(generation)
    const successor = await this.#succeed(generation)
    if (copy && copy !== 'own') {
      const { opened, path } = copy
      await descriptors.close(generation)
      registry.moveInode(generation, opened.stat)
      registry.attach(path, generation)
      descriptors.adopt(generation, opened)
      generation.size = opened.stat.size
      generation.see(opened.stat)
    } else {
      await descriptors.close(generation)
      // What a copy brings as a file of its own is not lost.
      const sizeNow = successor?.size ?? 0
      this.end(generation, 'truncated', copy === 'own' ? 0 : generation.lostBytesAt(sizeNow))
    }
    if (successor) this.follow(successor, generation)
    schedule.soon(generation)
  }

  /** The next generation takes over inode, paths and descriptor. */
  async #succeed(generation: Generation): Promise<Generation | undefined> {
    const { clock, descriptors, fileSystem, newGeneration, registry, schedule } = this.#shop
    const paths = [...generation.paths]
    const path = paths.find((name) => generation.source.filter.matches(name))
    const stat =
      (await generation.file?.stat().catch(() => undefined)) ??
      (path ? await fileSystem.stat(path).catch(() => undefined) : undefined)
    for (const name of paths) registry.detach(name)
    registry.releaseInode(generation)
    // A file that is known only because it was renamed away, or that is gone meanwhile, has no next generation.
    if (path === undefined || !stat?.isFile) return undefined
    const successor = new Generation(generation.source, {
      id: newGeneration(),
      path,
      device: stat.device,
      inode: stat.inode,
      position: startOfFile,
      nowMs: clock.monotonic(),
    })
    registry.add(successor)
    for (const name of paths) registry.attach(name, successor)
    descriptors.handOver(generation, successor)
    successor.see(stat)
    if (generation.drainTo !== undefined) successor.drainTo = stat.size
    schedule.soon(successor)
    return successor
  }

  /** `successor` came after `generation` at the same path: its lines come after the other's, and it inherits fragments. */
  follow(successor: Generation, generation: Generation): void {
    successor.heirOf = generation
    this.readAfter(successor, generation)
  }

  /** `later` has its first turn when `earlier` was read to its end. */
  readAfter(later: Generation, earlier: Generation): void {
    if (earlier.isGone || earlier === later || this.#isBehind(earlier, later)) return
    later.predecessor = earlier
    earlier.follow(later)
    this.#shop.schedule.soon(earlier)
  }

  #isBehind(generation: Generation, other: Generation): boolean {
    for (let at = generation.predecessor; at; at = at.predecessor) if (at === other) return true
    return false
  }

  /** Its last chunk is due; what was not read by now is lost. */
  end(generation: Generation, reason: LossReason, lostBytes = generation.unreadBytes): void {
    generation.ending ??= { reason, lostBytes }
    this.#shop.schedule.soon(generation)
  }

  /** Called when its last chunk is in the buffer. */
  async bury(generation: Generation): Promise<void> {
    const { clock, departed, descriptors, registry, schedule } = this.#shop
    const isDeleted = generation.isUnlinked || generation.ending?.reason === 'truncated'
    const mayHaveGrown = generation.wasMoved
    generation.isGone = true
    schedule.forget(generation)
    registry.remove(generation)
    await descriptors.close(generation)
    this.release(generation)
    const checkpoint: Checkpoint = generation.checkpoint({ ...generation.position, pending: [] })
    // A deleted file never comes back: a new one with its inode and the same beginning must not be taken for it.
    const isBack = generation.wasGivenUp && departed.isRecalled(generation.id)
    if (!isDeleted && !isBack) departed.remember({ checkpoint, goneAtMs: clock.now(), mayHaveGrown })
  }

  /** Those that waited for its end have their turn now. */
  release(generation: Generation): void {
    for (const follower of generation.followers) {
      if (follower.predecessor === generation) follower.predecessor = undefined
      this.#shop.schedule.soon(follower)
    }
    generation.forgetFollowers()
  }

  #lossReason(generation: Generation): LossReason {
    return this.#shop.registry.at(generation.path) ? 'replaced' : 'deleted'
  }
}
