import type { Hole } from '../../../buffer/buffer.ts'
import type { Checkpoint, Chunk, LostBytes } from '../../../core/chunk.ts'
import { limits } from '../../../core/limits.ts'
import { formOf } from '../../../core/encoding.ts'
import { joinResults, madeEvents } from '../../join-results.ts'
import type { FileLane, LaneResult, LineBlock } from '../../../lanes/lane.ts'
import type { Descriptors } from '../descriptors.ts'
import { Generation, startOfFile, type FileSourceState } from '../generation.ts'
import { isLike, readExactly } from '../identity.ts'
import { learnEncoding } from './file-encoding.ts'
import { cutBlocks } from './long-line.ts'
import { originOf } from './resumed-lane.ts'
import type { Registry } from '../registry.ts'

interface HoleParts {
  readonly registry: Registry
  readonly descriptors: Descriptors
  readonly emit: (chunk: Chunk) => Promise<void>
  readonly sources: readonly FileSourceState[]
  readonly checkpoints: readonly Checkpoint[]
}

/** Reads stretches again whose record in the buffer is damaged, as long as their file still holds them. */
export class Holes {
  readonly #parts: HoleParts

  constructor(parts: HoleParts) {
    this.#parts = parts
  }

  async readAgain(holes: readonly Hole[]): Promise<void> {
    for (const hole of holes) {
      const generation = this.#parts.registry.byId(hole.generation) ?? this.#unknown(hole)
      const doneTo = await this.#read(generation, hole)
      const bytes = hole.to - doneTo
      const nothing = { from: doneTo, to: hole.to, results: [] }
      if (bytes > 0) await this.#emit(generation, nothing, [{ reason: 'damaged', bytes }])
    }
  }

  /** Where nobody knows the generation any more, its loss is still counted. */
  #unknown(hole: Hole): Generation {
    const { checkpoints, sources } = this.#parts
    const checkpoint = checkpoints.find((candidate) => candidate.generation === hole.generation)
    const source = sources.find((candidate) => candidate.name === checkpoint?.source) ?? sources[0]!
    if (checkpoint) return Generation.fromCheckpoint(source, checkpoint, 0)
    const place = { path: '', device: 0, inode: 0, position: startOfFile, nowMs: 0 }
    return new Generation(source, { id: hole.generation, ...place })
  }

  /** Resolves to where it got to. */
  async #read(generation: Generation, hole: Hole): Promise<number> {
    if (generation.isOrphan || generation.ending) return hole.from
    generation.isBusy = true
    let at = hole.from
    try {
      const hold = await this.#parts.descriptors.hold(generation)
      if (hold.kind !== 'held' || !(await isLike(generation.file!, generation.position))) return at
      await learnEncoding(generation)
      const { position, source } = generation
      const resume = { parser: position.parser, lastTime: startOfFile.lastTime, lastBump: 0 }
      const lane = (source.lane.general ?? source.lane).open({ ...originOf(generation), resume })
      await this.#lookBack(generation, lane, at)
      while (at < hole.to) {
        const blocks = await this.#blocksAt(generation, at, hole.to)
        const last = blocks.at(-1)
        if (!last) return await this.#endEarly(generation, lane, at)
        const results = blocks.map((block) => mustProcess(lane, block))
        if (last.to === hole.to) results.push(lane.flush(true))
        await this.#emit(generation, { from: at, to: last.to, results })
        at = last.to
      }
      return at
    } finally {
      generation.isBusy = false
    }
  }

  /** The file ends before the stretch does: what waits for its next line has been read, and will not come again. */
  async #endEarly(generation: Generation, lane: FileLane, at: number): Promise<number> {
    const result = lane.flush(true)
    if (madeEvents(result)) await this.#emit(generation, { from: at, to: at, results: [result] })
    return at
  }

  /**
   * Shows the lane the lines before the stretch, whose events are in the buffer: but for the last, which may have been in
   * the damaged record.
   */
  async #lookBack(generation: Generation, lane: FileLane, end: number): Promise<void> {
    const { encoding, source } = generation
    const from = Math.max(end - (source.lane.lookBackBytes ?? 0), 0)
    const bytes = from < end ? await readExactly(generation.file!, from, end - from) : undefined
    if (!bytes) return
    // The first line is a whole one only at the file's start.
    const start = from === 0 ? 0 : formOf(encoding).endOfNext(bytes, 0, from)
    if (start < 0) return
    const { blocks } = cutBlocks(bytes.subarray(start), from + start, source.maxLineBytes, encoding)
    for (const block of blocks) lane.recycle?.(mustProcess(lane, block).events)
  }

  /** The next lines of the stretch; one cut line where a whole read has no newline; none where the file ends. */
  async #blocksAt(generation: Generation, at: number, end: number): Promise<readonly LineBlock[]> {
    const { encoding, source } = generation
    const { maxLineBytes } = source
    const length = Math.min(Math.max(limits.readBytes, maxLineBytes + 2), end - at)
    const bytes = await readExactly(generation.file!, at, length)
    if (!bytes) return []
    const { blocks } = cutBlocks(bytes, at, maxLineBytes, encoding)
    if (blocks.length > 0) return blocks
    const line = formOf(encoding).cut(bytes, 0, Math.min(maxLineBytes, bytes.length))
    const isCut = bytes.length > maxLineBytes
    // The stretch was a line that had no end yet when it was sent.
    if (at + length === end)
      return [{ bytes: line, from: at, to: end, encoding, partial: true, truncated: isCut }]
    const to = await this.#lineEnd(generation, at + length, end)
    return [{ bytes: line, from: at, to, encoding, truncated: true }]
  }

  async #lineEnd(generation: Generation, from: number, end: number): Promise<number> {
    const form = formOf(generation.encoding)
    // An even number of bytes further each time: a newline of two bytes is never looked at in halves.
    for (let at = from - (from % form.unitBytes); at < end; at += limits.readBytes) {
      const bytes = await readExactly(generation.file!, at, Math.min(limits.readBytes, end - at))
      const found = bytes ? form.endOfNext(bytes, 0, at) : -1
      if (found >= 0) return at + found
    }
    return end
  }

  async #emit(
    generation: Generation,
    stretch: { from: number; to: number; results: readonly LaneResult[] },
    lost: readonly LostBytes[] = [],
  ): Promise<void> {
    const { id, source } = generation
    const { host, shared } = source.lane.open(originOf(generation))
    const { from, to, results } = stretch
    await this.#parts.emit({
      source: source.name,
      generation: id,
      host,
      from,
      to,
      checkpoint: generation.checkpoint(generation.position),
      moves: false,
      shared,
      ...joinResults(results),
      lost,
    })
  }
}

function mustProcess(lane: FileLane, block: LineBlock): LaneResult {
  const result = lane.process(block, false)
  if (result === 'wait') throw new Error('a lane waited although it must not')
  return result
}
