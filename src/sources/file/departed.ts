import type { Checkpoint } from '../../core/chunk.ts'
import type { File, FileStat } from '../../core/file-system.ts'
import { limits } from '../../core/limits.ts'
import { isLike } from './identity.ts'

interface Departure {
  readonly checkpoint: Checkpoint
  readonly goneAtMs: number
  /** Seen to leave with a name (moved away, its folder unmounted): it may come back longer than it was. */
  readonly mayHaveGrown: boolean
}

/** More would be no help: an inode comes back soon or never. */
const maxRemembered = 10_000

/** Generations whose file is gone, remembered for a day, should it come back: moved back, mounted again, restored. */
export class Departed {
  readonly #byInode = new Map<number, Departure[]>()
  readonly #recalled = new Set<string>()
  #count = 0

  remember(departure: Departure): void {
    const { generation, inode } = departure.checkpoint
    if (this.#count >= maxRemembered || inode === 0) return
    const known = this.#byInode.get(inode)?.find((other) => other.checkpoint.generation === generation)
    if (known) this.#forget(known)
    const others = this.#byInode.get(departure.checkpoint.inode)
    if (others) others.push(departure)
    else this.#byInode.set(departure.checkpoint.inode, [departure])
    this.#count++
  }

  /** Whether a file with this inode is worth a descriptor to compare. */
  mayKnow(inode: number): boolean {
    return this.#byInode.has(inode)
  }

  /** The checkpoint of the generation that this file is, if it is one of them; it is then no longer departed. */
  async recall(file: File, stat: FileStat, nowMs: number): Promise<Checkpoint | undefined> {
    for (const candidate of [...(this.#byInode.get(stat.inode) ?? [])].reverse()) {
      const isTooOld = nowMs - candidate.goneAtMs > limits.goneGenerationMs
      const isBack = !isTooOld && (await isReturned(file, stat, candidate))
      if (isTooOld || isBack) this.#forget(candidate)
      if (isBack) {
        this.#recalled.add(candidate.checkpoint.generation)
        return candidate.checkpoint
      }
    }
    return undefined
  }

  /** It came back after it was given up: what ends its first life must not say that it is gone. */
  isRecalled(generation: string): boolean {
    return this.#recalled.has(generation)
  }

  #forget(departure: Departure): void {
    const { inode } = departure.checkpoint
    const left = (this.#byInode.get(inode) ?? []).filter((other) => other !== departure)
    if (left.length > 0) this.#byInode.set(inode, left)
    else this.#byInode.delete(inode)
    this.#count--
  }
}

/** A new file that got the old inode and begins alike must not be taken for the old one: it was written to since. */
async function isReturned(file: File, stat: FileStat, departure: Departure): Promise<boolean> {
  const { checkpoint, goneAtMs, mayHaveGrown } = departure
  if (stat.size < checkpoint.offset || checkpoint.offset === 0) return false
  if (!mayHaveGrown && stat.mtimeMs > goneAtMs) return false
  const { headLength: length, headHash: hash, mark, offset } = checkpoint
  return isLike(file, { head: { length, hash }, mark, offset })
}
