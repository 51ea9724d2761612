import type { Chunk } from '../../../core/chunk.ts'
import type { Clock } from '../../../core/clock.ts'
import { limits } from '../../../core/limits.ts'
import type { LaneResult } from '../../../lanes/lane.ts'
import type { Descriptors } from '../descriptors.ts'
import type { Generation, Position } from '../generation.ts'
import { hasHeadNow, type Head } from '../identity.ts'
import { cutBlocks } from './long-line.ts'
import type { ReadBuffer, ReadWindow } from './read-window.ts'
import { resumedLane } from './resumed-lane.ts'
import { chunkOf, moveOn, positionInWindow } from './stretch.ts'

/** So many files at most have their turns together: behind them their chunks go into the buffer, and busy files are next. */
const mostFiles = 64
/** A file system that has answered is asked directly for so long: should it hang then, the whole agent does. */
const promptMs = 100
/** Nothing else happens for so long: a disk that has to turn for each of its files shortens the rounds. */
const mostBlockedMs = 20

export interface RoundParts {
  readonly descriptors: Descriptors
  readonly buffer: ReadBuffer
  readonly clock: Clock
  readonly emit: (chunk: Chunk) => Promise<void>
}

interface Taken {
  readonly generation: Generation
  /** Undefined where nothing new was in the file. */
  readonly made: { readonly chunk: Chunk; readonly next: Position } | undefined
}

/**
 * Plain turns of many files, taken together: some whole lines at the end of a file that is known well. The calls go straight
 * to the file system instead of through the pool of threads, and the chunks into the buffer with one write: a line more in
 * each of 10,000 files took six trips to the pool each. Whatever is not plain is left to a turn of its own, untouched.
 */
export class Round {
  readonly #parts: RoundParts
  readonly #taken: Taken[] = []
  #answered = { device: Number.NaN, atMs: Number.NaN }
  #beganMs = 0

  constructor(parts: RoundParts) {
    this.#parts = parts
  }

  get isFull(): boolean {
    return this.#taken.length >= mostFiles
  }

  /** A turn by the pool that began then has read its file. */
  answered({ device }: Generation, atMs: number): void {
    this.#answered = { device, atMs }
  }

  /** Reads what is new in the file and gives it to the lane; false where that wants a turn of its own. */
  take(generation: Generation): boolean {
    if (this.#taken.length === 0) this.#begin()
    const { position } = generation
    if (!isPlain(generation, position) || !this.#mayAsk(generation)) return false
    const window = this.#read(generation, position)
    const results = window && this.#process(generation, window)
    if (!results) return false
    const to = window.from + window.data.length
    if (to > generation.readTo) {
      generation.readTo = to
      generation.grewAtMs = this.#parts.clock.monotonic()
    }
    generation.size = Math.max(generation.size, to)
    generation.sureSize = Math.max(generation.sureSize, to)
    generation.isBusy = true
    const stretch = { to, results, window }
    const next = positionInWindow(position, stretch)
    const made = results.length > 0 ? { chunk: chunkOf(generation, stretch, next), next } : undefined
    this.#taken.push({ generation, made })
    return true
  }

  /** Resolves to the files that were read to their end, once what they had is in the buffer. */
  async end(): Promise<readonly Generation[]> {
    const taken = this.#taken.splice(0)
    try {
      // In their order, which the buffer keeps.
      await Promise.all(taken.flatMap(({ made }) => (made ? [this.#parts.emit(made.chunk)] : [])))
    } finally {
      for (const { generation } of taken) generation.isBusy = false
    }
    for (const { generation, made } of taken) if (made) moveOn(generation, made.chunk, made.next)
    return taken.map(({ generation }) => generation)
  }

  #begin(): void {
    this.#parts.buffer.rewind()
    this.#beganMs = this.#parts.clock.monotonic()
  }

  #mayAsk({ device }: Generation): boolean {
    const now = this.#parts.clock.monotonic()
    const { device: answered, atMs } = this.#answered
    return device === answered && now - atMs < promptMs && now - this.#beganMs < mostBlockedMs
  }

  #read(generation: Generation, position: Plain): ReadWindow | undefined {
    const { buffer, descriptors } = this.#parts
    const wasOpen = generation.file !== undefined
    const sizeBefore = generation.size
    if (!descriptors.holdNow(generation)) return undefined
    const file = generation.file!
    const window = buffer.readNow(file, position)
    const isShorter = window && window.from + window.data.length < sizeBefore
    // While it was closed its inode could have been given to another file; the tail of a small one reaches to its beginning.
    const isSame =
      wasOpen || (window && (position.tail.length === position.offset || hasHeadNow(file, position.head)))
    // Nobody compares the beginning of an open file: the turn by the pool has to open this one.
    if (!isSame) descriptors.closeNow(generation)
    return isSame && !isShorter ? window : undefined
  }

  /** Undefined where there is more than whole lines, or the lane wants more of them. */
  #process(generation: Generation, { data, from }: ReadWindow): LaneResult[] | undefined {
    const { encoding, source } = generation
    const { blocks, restAt } = cutBlocks(data, from, source.maxLineBytes, encoding)
    if (restAt < data.length) return undefined
    const lane = (generation.lane ??= resumedLane(generation))
    const results: LaneResult[] = []
    for (const block of blocks) {
      const result = lane.process(block, results.length === 0)
      if (result === 'wait') return undefined
      results.push(result)
    }
    return results
  }
}

type Plain = Position & { readonly tail: Head }

/** Read before in this run, with nothing that waits for it, for which it waits, or that it has to say beside its lines. */
function isPlain(generation: Generation, position: Position): position is Plain {
  const { head, offset, pending, tail } = position
  const isKnown = tail !== undefined && head.length === Math.min(offset, limits.headBytes)
  const isLeftAlone =
    !generation.isGone &&
    !generation.ending &&
    !generation.mustLook &&
    !generation.isLeftOut &&
    !generation.predecessor &&
    generation.followers.size === 0 &&
    generation.drainTo === undefined
  const isAtLine =
    !generation.skim &&
    pending.length === 0 &&
    generation.dueAtMs === Infinity &&
    generation.isEncodingSure &&
    !generation.mustAnnounce
  return isKnown && isLeftAlone && isAtLine && generation.unreadBytes <= limits.promptReadBytes
}
