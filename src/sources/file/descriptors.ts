import type { Clock } from '../../core/clock.ts'
import { closeNow } from './access.ts'
import type { NotOpened, OpenedFile } from './access.ts'
import type { Generation } from './generation.ts'
import { hasHead } from './identity.ts'

/** `other`: another file bears the name. `changed`: the same file, but its beginning is not what we read. */
export type Hold = { readonly kind: 'held' | 'other' | 'changed' } | NotOpened

/** For sockets, the buffer, what Node has open itself (some 35), and the files that were grabbed (64 at the most). */
const reserved = 128
const fewest = 8

/**
 * How many files may be open at a system limit. Without it a start at a low `ulimit -n` filled the limit with log files,
 * and the admin port or the first connection to a sink found none left.
 */
export const poolFor = (wanted: number, systemLimit: number): number =>
  Math.max(Math.min(wanted, systemLimit - reserved), fewest)

/**
 * The descriptors of all sources, bounded: sockets and the buffer need theirs. The least recently used one closes for
 * the next; files that nobody can open again (renamed away, deleted) are kept longest, within a part of the budget.
 */
export class Descriptors {
  readonly #clock: Clock
  #max: number
  /** In the order of their last use. */
  readonly #open = new Set<Generation>()

  constructor(clock: Clock, max: number) {
    this.#clock = clock
    this.#max = max
  }

  get count(): number {
    return this.#open.size
  }

  get hasRoom(): boolean {
    return this.#open.size < this.#max
  }

  /** Makes sure that the generation's own file is open. The caller keeps it busy while it uses the descriptor. */
  async hold(generation: Generation): Promise<Hold> {
    generation.usedAtMs = this.#clock.monotonic()
    if (generation.file) {
      this.#open.delete(generation)
      this.#open.add(generation)
      return { kind: 'held' }
    }
    let last: Hold = { kind: 'missing', reason: 'is gone' }
    for (const path of generation.paths) {
      await this.makeRoom()
      const opened = await generation.source.access.open(path)
      last = opened.kind === 'opened' ? await this.#keepIfSame(generation, opened) : opened
      if (opened.kind === 'exhausted') await this.#learnLimit()
      if (last.kind !== 'missing' && last.kind !== 'other') break
    }
    return last
  }

  /**
   * The same before it returns, where the file has one name and all goes well; false: `hold` tells. Blocks: only for a file
   * system that has answered a moment ago. The caller looks at what stands in the file: nothing of it was compared.
   */
  holdNow(generation: Generation): boolean {
    if (!generation.file && !this.#openNow(generation)) return false
    generation.usedAtMs = this.#clock.monotonic()
    this.#open.delete(generation)
    this.#open.add(generation)
    return true
  }

  #openNow(generation: Generation): boolean {
    const [path, other] = generation.paths
    if (path === undefined || other !== undefined || !this.#makeRoomNow()) return false
    const opened = generation.source.access.openNow(path)
    if (!opened) return false
    const { inode, device, size } = opened.stat
    const isSame =
      inode === generation.inode && device === generation.device && size >= generation.position.offset
    if (isSame) this.adopt(generation, opened)
    else closeNow(opened.file)
    return isSame
  }

  #makeRoomNow(): boolean {
    if (this.#open.size < this.#max) return true
    const victim = this.#oldestIdle()
    if (!victim) return false
    this.#letGoOfLane(victim)
    this.closeNow(victim)
    return true
  }

  closeNow(generation: Generation): void {
    const { file } = generation
    generation.file = undefined
    this.#open.delete(generation)
    if (file) closeNow(file)
  }

  async #keepIfSame(generation: Generation, opened: OpenedFile): Promise<Hold> {
    const { inode, device } = opened.stat
    const isSame = inode === generation.inode && device === generation.device
    // While it was closed its inode could have been given to another file.
    const isAsRead =
      isSame &&
      opened.stat.size >= generation.position.offset &&
      (await hasHead(opened.file, generation.position.head).catch(() => false))
    if (!isAsRead || generation.file || generation.isGone) {
      await opened.file.close()
      return { kind: isAsRead ? 'held' : isSame ? 'changed' : 'other' }
    }
    this.adopt(generation, opened)
    return { kind: 'held' }
  }

  /** Takes an open file over as the generation's own. */
  adopt(generation: Generation, opened: Pick<OpenedFile, 'file' | 'realPath'>): void {
    generation.file = opened.file
    // The same text once, not twice, for each of 10,000 files.
    generation.realPath = opened.realPath === generation.path ? generation.path : opened.realPath
    generation.usedAtMs = this.#clock.monotonic()
    this.#open.add(generation)
  }

  /** Hands the descriptor on: a truncated file goes on as the next generation. */
  handOver(from: Generation, to: Generation): void {
    const { file, realPath } = from
    from.file = undefined
    this.#open.delete(from)
    if (file) this.adopt(to, { file, realPath })
  }

  async close(generation: Generation): Promise<void> {
    const file = generation.file
    generation.file = undefined
    this.#open.delete(generation)
    await file?.close().catch(() => {})
  }

  async makeRoom(): Promise<void> {
    while (this.#open.size >= this.#max) {
      const victim = this.#victim()
      if (!victim) return
      await this.#letGo(victim)
    }
  }

  async closeIdle(idleMs: number): Promise<void> {
    const before = this.#clock.monotonic() - idleMs
    for (const generation of this.#open) {
      if (generation.usedAtMs > before) return
      if (isReopenable(generation) && generation.isIdle) await this.#letGo(generation)
    }
  }

  async #letGo(generation: Generation): Promise<void> {
    this.#letGoOfLane(generation)
    await this.close(generation)
  }

  /** An idle file's lane goes too: its checkpoint has all that a new one needs, and of 10,000 files most are idle. */
  #letGoOfLane(generation: Generation): void {
    const { lane, position } = generation
    const isWaiting = position.pending.length > 0 || lane?.deadline() !== undefined
    if (generation.isIdle && !generation.isBusy && !isWaiting) generation.lane = undefined
  }

  async closeAll(): Promise<void> {
    await Promise.all([...this.#open].map((generation) => this.close(generation)))
  }

  /** Most often the very first: who has to choose among all of them looks at each. */
  #oldestIdle(): Generation | undefined {
    for (const generation of this.#open)
      if (generation.isIdle && !generation.isBusy && isReopenable(generation)) return generation
    return undefined
  }

  /** Idle ones first, then any that can be opened again, then the oldest of those that cannot: what they held is lost. */
  #victim(): Generation | undefined {
    let [oldest, idle, held]: (Generation | undefined)[] = []
    let heldForever = 0
    for (const generation of this.#open) {
      if (generation.isBusy) continue
      if (isReopenable(generation)) {
        oldest ??= generation
        if (generation.isIdle) idle ??= generation
      } else {
        held ??= generation
        heldForever++
      }
    }
    return heldForever > this.#max / 2 ? held : (idle ?? oldest ?? held)
  }

  /** The system's limit is lower than ours: stay below it from now on, with some to spare for sockets. */
  async #learnLimit(): Promise<void> {
    this.#max = Math.max(Math.min(this.#max, Math.floor(this.#open.size * 0.75)), fewest)
    await this.makeRoom()
  }
}

const isReopenable = (generation: Generation): boolean => !generation.isOrphan && !generation.isUnlinked
