import type { PendingRange } from '../../../core/chunk.ts'
import type { FileLane } from '../../../lanes/lane.ts'
import type { Descriptors } from '../descriptors.ts'
import type { Generation } from '../generation.ts'
import { isLike, readExactly } from '../identity.ts'
import type { Registry } from '../registry.ts'
import { learnEncoding } from './file-encoding.ts'
import { resumedLane } from './resumed-lane.ts'
import type { Tailer } from './tailer.ts'

/** Opens lanes, and gives them back the fragments that were read but not yet joined. */
export class Inheritance {
  readonly #registry: Registry
  readonly #descriptors: Descriptors
  readonly #tailer: Tailer

  constructor(parts: { registry: Registry; descriptors: Descriptors; tailer: Tailer }) {
    this.#registry = parts.registry
    this.#descriptors = parts.descriptors
    this.#tailer = parts.tailer
  }

  /** The generation's file is open. */
  async openLane(generation: Generation): Promise<void> {
    if (generation.lane) return
    const { heirOf, position } = generation
    generation.heirOf = undefined
    if (heirOf && position.offset === 0 && position.pending.length === 0)
      await this.#inherit(generation, heirOf)
    generation.lane ??= await this.#resume(generation)
  }

  /**
   * A rotation between the two parts of a line (CRI P and F). Two chunks, the heir's first: after a crash between them
   * both list the fragment, and the start gives it to the heir (startup.ts).
   */
  async #inherit(heir: Generation, predecessor: Generation): Promise<void> {
    const { pending, parser } = predecessor.position
    if (predecessor.isGone || predecessor.ending || pending.length === 0) return
    heir.position = { ...heir.position, pending, parser }
    heir.lane = await this.#resume(heir)
    await this.#tailer.announce(heir)
    predecessor.position = { ...predecessor.position, pending: [] }
    predecessor.lane?.release?.()
    predecessor.lane = await this.#resume(predecessor)
    await this.#tailer.announce(predecessor)
  }

  async #resume(generation: Generation): Promise<FileLane> {
    const lane = resumedLane(generation)
    for (const range of generation.position.pending) {
      const bytes = await this.#bytesOf(range)
      if (bytes) lane.resume(range, bytes, this.#registry.byId(range.generation)?.encoding)
      else generation.lose('deleted', range.to - range.from)
    }
    return lane
  }

  async #bytesOf(range: PendingRange): Promise<Uint8Array | undefined> {
    const holder = this.#registry.byId(range.generation)
    if (!holder) return undefined
    const wasBusy = holder.isBusy
    holder.isBusy = true
    try {
      const hold = await this.#descriptors.hold(holder)
      if (hold.kind !== 'held' || !(await isLike(holder.file!, holder.position))) return undefined
      await learnEncoding(holder)
      return await readExactly(holder.file!, range.from, range.to - range.from)
    } finally {
      holder.isBusy = wasBusy
    }
  }
}
