import type { Clock } from '../../../core/clock.ts'
import type { Chunk } from '../../../core/chunk.ts'
import { limits } from '../../../core/limits.ts'
import { madeEvents } from '../../join-results.ts'
import type { LaneResult, LineBlock } from '../../../lanes/lane.ts'
import type { Generation } from '../generation.ts'
import { completeHead } from '../identity.ts'
import { learnEncoding, lineFormOf } from './file-encoding.ts'
import { cutBlocks, leadingZeros } from './long-line.ts'
import { packedAs } from './packed.ts'
import type { ReadBuffer, ReadWindow } from './read-window.ts'
import { chunkOf, moveOn, positionAfter, type Stretch } from './stretch.ts'

/**
 * `more`: there may be more to read. `end`: the end of the file, for now. `mismatch`: the file is no longer this generation.
 * `packed`: it is compressed, and left alone.
 */
export type TurnEnd = 'more' | 'end' | 'mismatch' | 'packed'

export interface TurnWish {
  /** At the end of the file send everything: the unfinished line, fragments. */
  readonly flush: boolean
  /** Somebody waits for this file's end: `auto` must not wait for more lines. */
  readonly hurry: boolean
}

/** Reads one file for one turn and hands what it brought to the lane and the buffer. Turns never overlap. */
export class Tailer {
  readonly #emit: (chunk: Chunk) => Promise<void>
  readonly #clock: Clock
  readonly #buffer: ReadBuffer

  constructor(emit: (chunk: Chunk) => Promise<void>, clock: Clock, buffer: ReadBuffer) {
    this.#emit = emit
    this.#clock = clock
    this.#buffer = buffer
  }

  /** One read at most (two for long lines), one chunk at most per kind of stretch. The file and the lane are open. */
  async turn(generation: Generation, wish: TurnWish): Promise<TurnEnd> {
    generation.dueAtMs = Infinity
    if (generation.skim) return this.#skimOn(generation, wish)
    const sizeBefore = generation.size
    const window = await this.#read(generation)
    if (!window || !this.#isStillWhole(generation, window, sizeBefore)) return 'mismatch'
    this.#noteGrowth(generation, window)
    generation.sureSize = Math.max(generation.sureSize, sizeBefore, window.from + window.data.length)
    generation.packedAs = generation.position.offset === 0 ? packedAs(window.data) : undefined
    if (generation.packedAs) return 'packed'
    const { blocks, restAt } = cutBlocks(
      window.data,
      generation.position.offset,
      generation.source.maxLineBytes,
      generation.encoding,
    )
    if (blocks.length > 0) {
      const mayWait = !wish.flush && !wish.hurry && !window.isFull && this.#mayWait(generation)
      const isTaken = await this.#process(generation, window, { blocks, mayWait })
      if (!isTaken) return 'end'
      // The chunk may have waited for minutes: what is known of the end of the file is old. Look again.
      if (window.isFull || restAt < window.data.length) return 'more'
    }
    return this.#atRest(generation, window, restAt, wish)
  }

  /** Writes the checkpoint alone: the generation is known from now on, and its losses are reported. */
  async announce(generation: Generation): Promise<void> {
    const { file, position } = generation
    // A start at the end has read nothing: the head still has to be taken, or nothing would tell the file apart.
    if (file)
      generation.position = { ...position, head: await completeHead(file, position.head, position.offset) }
    await this.#append(generation, { to: position.offset, results: [] })
    generation.mustAnnounce = false
  }

  /** The generation's last chunk: fragments that still waited, what was lost, and that it is gone. */
  async finish(generation: Generation): Promise<void> {
    const { ending, lane, position } = generation
    if (ending) generation.lose(ending.reason, ending.lostBytes)
    // Fragments of an earlier run that no lane could take back: their bytes went with the file.
    if (ending && !lane)
      for (const { from, to } of position.pending) generation.lose(ending.reason, to - from)
    if (!lane) generation.position = { ...position, pending: [] }
    const results = lane ? [lane.flush(true)] : []
    const isKnown = generation.isAnnounced || position.offset > 0
    if (isKnown || generation.lost.length > 0 || results.some(madeEvents))
      await this.#append(generation, { to: position.offset, results, goneAtMs: this.#clock.now() })
  }

  /** Sends the fragments that have waited long enough, or all. */
  async flushLane(generation: Generation, everything: boolean): Promise<void> {
    const lane = generation.lane
    if (!lane) return
    const deadline = lane.deadline()
    const isDue = deadline !== undefined && deadline <= this.#clock.monotonic()
    if (isDue || (everything && deadline !== undefined)) {
      const result = lane.flush(everything)
      await this.#append(generation, { to: generation.position.offset, results: [result] })
    }
    this.#wakeAt(generation, lane.deadline() ?? Infinity)
  }

  async #read(generation: Generation): Promise<ReadWindow | undefined> {
    const { position, source } = generation
    const window = await this.#buffer.read(generation.file!, position)
    if (!generation.isEncodingSure)
      await learnEncoding(generation, position.offset === 0 ? window?.data : undefined)
    // A line with a CR and a newline, of two bytes each in UTF-16.
    const wide = source.maxLineBytes + 4
    if (!window?.isFull || wide <= limits.readBytes) return window
    if (lineFormOf(generation).endOfNext(window.data, 0, window.from) >= 0) return window
    return this.#buffer.read(generation.file!, position, wide)
  }

  /** A file that shrank but still holds what we read of it lost its tail (a torn line that its writer cut off). */
  #isStillWhole(generation: Generation, window: ReadWindow, sizeBefore: number): boolean {
    const end = window.from + window.data.length
    if (window.isFull || end >= sizeBefore) return true
    // Nothing of it was taken yet, so nothing can tell whether it is still the same: only append-only files are.
    if (generation.position.offset === 0) return false
    generation.lose('truncated', sizeBefore - end)
    generation.size = end
    generation.sureSize = end
    generation.readTo = Math.min(generation.readTo, end)
    return true
  }

  #noteGrowth(generation: Generation, window: ReadWindow): void {
    const end = window.from + window.data.length
    if (end > generation.readTo) {
      generation.readTo = end
      generation.grewAtMs = this.#clock.monotonic()
    }
    if (end > generation.size) generation.size = end
  }

  #mayWait(generation: Generation): boolean {
    const now = this.#clock.monotonic()
    if (Number.isNaN(generation.waitingSinceMs)) generation.waitingSinceMs = now
    const isWaiting = now < generation.waitingSinceMs + limits.autoWaitMs
    if (isWaiting) this.#wakeAt(generation, generation.waitingSinceMs + limits.autoWaitMs)
    return isWaiting
  }

  /** False where the lane wants more lines first: nothing was taken. */
  async #process(
    generation: Generation,
    window: ReadWindow,
    work: { blocks: readonly LineBlock[]; mayWait: boolean },
  ): Promise<boolean> {
    const results: LaneResult[] = []
    let to = generation.position.offset
    for (const block of work.blocks) {
      const result = generation.lane!.process(block, work.mayWait && results.length === 0)
      if (result === 'wait') return false
      results.push(result)
      to = block.to
    }
    generation.waitingSinceMs = Number.NaN
    generation.dueAtMs = Infinity
    await this.#append(generation, { to, results, window })
    return true
  }

  /** At the end of the file: an unfinished line waits there, or a long one begins. */
  async #atRest(
    generation: Generation,
    window: ReadWindow,
    restAt: number,
    wish: TurnWish,
  ): Promise<TurnEnd> {
    const rest = window.data.subarray(restAt)
    if (rest.length > generation.source.maxLineBytes) return this.#beginSkim(generation, window, rest)
    if (window.isFull) return 'more'
    const { encoding } = generation
    const form = lineFormOf(generation)
    // In UTF-16 half a unit, and half a pair, wait for the rest; in UTF-8 they are sent, as they always were.
    const whole = form.unitBytes === 2 ? form.cut(rest, 0, rest.length) : rest
    if (leadingZeros(whole, form.unitBytes) < whole.length && this.#isQuiet(generation, wish)) {
      const from = generation.position.offset
      const block = { bytes: whole, from, to: from + whole.length, encoding, partial: true }
      await this.#process(generation, window, { blocks: [block], mayWait: false })
    }
    await this.flushLane(generation, wish.flush)
    return 'end'
  }

  #isQuiet(generation: Generation, wish: TurnWish): boolean {
    const dueAt = generation.grewAtMs + limits.partialLineMs
    if (wish.flush || this.#clock.monotonic() >= dueAt) return true
    this.#wakeAt(generation, dueAt)
    return false
  }

  async #beginSkim(generation: Generation, window: ReadWindow, rest: Uint8Array): Promise<TurnEnd> {
    const { unitBytes } = lineFormOf(generation)
    const zeros = leadingZeros(rest, unitBytes)
    const end = window.from + window.data.length
    if (zeros > 0 && zeros < rest.length - (rest.length % unitBytes)) {
      await this.#append(generation, { to: end - rest.length + zeros, results: [], window })
      return 'more'
    }
    const to = end - (end % unitBytes)
    generation.skim = { kind: zeros > 0 ? 'zeros' : 'line', to, mark: window.markAt(to)! }
    return 'more'
  }

  async #skimOn(generation: Generation, wish: TurnWish): Promise<TurnEnd> {
    const skim = generation.skim!
    const sizeBefore = generation.size
    const window = await this.#buffer.read(generation.file!, { offset: skim.to, mark: skim.mark })
    if (!window || (!window.isFull && skim.to + window.data.length < sizeBefore)) return 'mismatch'
    this.#noteGrowth(generation, window)
    const form = lineFormOf(generation)
    const { data } = window
    const length = data.length - (data.length % form.unitBytes)
    if (skim.kind === 'zeros') {
      const zeros = leadingZeros(data, form.unitBytes)
      if (zeros < length) return this.#endSkim(generation, window, zeros)
    } else {
      const end = form.endOfNext(data, 0, skim.to)
      if (end >= 0) return this.#endSkim(generation, window, end)
    }
    const to = skim.to + length
    generation.skim = { ...skim, to, mark: window.markAt(to)! }
    if (window.isFull) return 'more'
    if (skim.kind === 'line' && this.#isQuiet(generation, wish)) {
      const isTaken = await this.#takeLongLine(generation, { to, mark: generation.skim.mark, partial: true })
      if (!isTaken) return 'mismatch'
    }
    await this.flushLane(generation, wish.flush)
    return 'end'
  }

  /** `end`: where the zeros end, or the line with its newline. */
  async #endSkim(generation: Generation, window: ReadWindow, end: number): Promise<TurnEnd> {
    const at = window.from + end
    if (generation.skim!.kind === 'zeros') {
      generation.skim = undefined
      await this.#append(generation, { to: at, results: [], window })
      return 'more'
    }
    const isTaken = await this.#takeLongLine(generation, { to: at, mark: window.markAt(at)! })
    return isTaken ? 'more' : 'mismatch'
  }

  /** Reads the line's beginning again, which was not kept: many files with long lines must not fill the memory. */
  async #takeLongLine(
    generation: Generation,
    line: { to: number; mark: Uint8Array; partial?: boolean },
  ): Promise<boolean> {
    const { position, source } = generation
    const window = await this.#buffer.read(generation.file!, position, source.maxLineBytes + 1)
    if (!window?.isFull) return false
    const bytes = lineFormOf(generation).cut(window.data, 0, source.maxLineBytes)
    const block: LineBlock = {
      bytes,
      encoding: generation.encoding,
      from: position.offset,
      to: line.to,
      truncated: true,
      partial: line.partial ?? false,
    }
    const result = generation.lane!.process(block, false)
    if (result === 'wait') throw new Error('a lane waited although it must not')
    generation.skim = undefined
    await this.#append(generation, { to: line.to, results: [result], mark: line.mark })
    this.#buffer.shrink()
    return true
  }

  /** Builds the chunk, waits until it is in the buffer, and only then moves on. */
  async #append(generation: Generation, stretch: Stretch): Promise<void> {
    const next = await positionAfter(generation, stretch)
    const chunk = chunkOf(generation, stretch, next)
    await this.#emit(chunk)
    moveOn(generation, chunk, next)
  }

  #wakeAt(generation: Generation, atMs: number): void {
    if (atMs < generation.dueAtMs) generation.dueAtMs = atMs
  }
}
