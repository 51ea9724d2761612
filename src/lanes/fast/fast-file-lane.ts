import type { SharedMember } from '../../core/chunk.ts'
import type { EncodedEvents } from '../../core/encoded-events.ts'
import type { Encoding } from '../../core/encoding.ts'
import type { DraftEvent } from '../../core/event.ts'
import type { PendingRange } from '../../core/chunk.ts'
import * as state from '../../kernel/wasm/lane-state.ts'
import type { GeneralFileLane } from '../file-lane.ts'
import type { FileLane, LaneResult, LineBlock } from '../lane.ts'
import type { Found } from '../../steps/found.ts'
import type { Means } from '../means.ts'
import { BlockReader } from './block-reader.ts'
import type { EventArena } from './event-arena.ts'
import type { FastMeans } from './fast-means.ts'

/** How the kernel reads a file, and what steps may take for granted of it; nothing where it does not read it. */
interface FastFile {
  readonly means: Means
  readonly fast: FastMeans | undefined
  readonly facts: number
}

/** What the fast lane of a source gives to each of its files. */
export interface FastShape {
  readonly reader: BlockReader
  readonly routes: number
  readonly maxLineBytes: number
  /** Undefined for lines that the kernel does not read. */
  fastMeans(means: Means, shared: ReadonlyMap<string, Found>): FastMeans | undefined
}

const newline = 0x0a

/**
 * So many answers for one line: each begins the line anew. A line with more keys than a memo holds would ask for ever, as what
 * was answered first is forgotten by then.
 */
const mostAnswers = 64

/** So many lines at the most go through the general lane together when the kernel has refused those before them. */
const mostTogether = 256

/**
 * Gives whole blocks to the kernel. Lines that it refuses go through the file's general lane, alone, and come back in their
 * place: the chunk is a list of runs that the kernel encoded, and of drafts in between.
 */
export class FastFileLane implements FileLane {
  readonly shared: readonly SharedMember[]
  readonly host: string
  readonly #general: GeneralFileLane
  readonly #shape: FastShape
  #encoded: EncodedEvents[] = []
  /** Where the events of the chunk are that is not yet in the buffer. */
  #arena: EventArena | undefined
  /** Undefined while nothing was read. */
  #file: FastFile | undefined

  constructor(general: GeneralFileLane, shape: FastShape) {
    this.#general = general
    this.#shape = shape
    this.shared = general.shared
    this.host = general.host
  }

  process(block: LineBlock, mayWait: boolean): LaneResult | 'wait' {
    const general = this.#general
    const means = general.meansFor(block, mayWait)
    if (means === 'wait') return 'wait'
    const file = means && BlockReader.canTake(block) ? this.#fileOf(means) : undefined
    if (!file?.fast) return general.process(block, false)
    this.#encoded = []
    this.#read(block, file.means, { fast: file.fast, facts: file.facts })
    const result = general.result()
    const filtered = result.filtered + this.#shape.reader.filtered
    if (this.#encoded.length === 0) return { ...result, filtered }
    const encoded = this.#encoded
    this.#encoded = []
    return { ...result, filtered, encoded }
  }

  resume(range: PendingRange, bytes: Uint8Array, encoding?: Encoding): void {
    this.#general.resume(range, bytes, encoding)
  }

  deadline(): number | undefined {
    return this.#general.deadline()
  }

  flush(everything: boolean): LaneResult {
    return this.#general.flush(everything)
  }

  release(): void {
    this.#general.release()
  }

  recycle(events: readonly DraftEvent[]): void {
    // The shape's own reader would be made here for files that have brought no lines yet.
    this.#arena?.clear()
    this.#arena = undefined
    this.#general.recycle(events)
  }

  #fileOf(means: Means): FastFile {
    if (this.#file?.means === means) return this.#file
    const shared = this.#general.sharedFields
    const fast = this.#shape.fastMeans(means, shared)
    const facts = fast?.steps.factsOf(shared)
    return (this.#file = { means, fast: facts === undefined ? undefined : fast, facts: facts ?? 0 })
  }

  #read(block: LineBlock, means: Means, { fast, facts }: { fast: FastMeans; facts: number }): void {
    const general = this.#general
    const { reader, routes, maxLineBytes } = this.#shape
    this.#arena = reader.arena
    const { apart, keys, meanings, nestedKeys, levels, levelNumbers, levelTexts, mode, steps, zone } = fast
    meanings.shared.turnTo(this.shared)
    reader.begin(block, {
      mode,
      routes,
      maxLineBytes,
      now: general.readNow(means),
      keys: keys.address,
      levels: levels.address,
      levelNumbers: levelNumbers.address,
      levelTexts: levelTexts.address,
      zone: zone.address,
      meetings: meanings.meetings.address,
      shared: meanings.shared.address,
      nestedKeys: nestedKeys.address,
      members: apart.members,
      program: apart.program,
      slots: apart.slots,
      steps: steps.address,
      facts,
    })
    let together = 1
    let answered = 0
    for (;;) {
      const from = reader.at
      const stop = reader.read(general.bumps, this.#openStreams())
      if (stop === state.stopEnd) break
      answered = reader.at === from ? answered + 1 : 1
      const isQuestion = stop !== state.stopRefused && stop !== state.stopFull
      if (isQuestion && answered <= mostAnswers && fast.answer(stop, reader.asked)) continue
      this.#endRun()
      // Where one line after the other is refused, the general lane gets ever more of them at once: by itself each costs twice.
      together = reader.at === from ? Math.min(together * 2, mostTogether) : 1
      // Without room for one more the rest of the block goes the other way.
      const end = stop === state.stopFull ? block.bytes.length : endOfLines(block.bytes, reader.at, together)
      general.take(partOf(block, reader.at, end), means)
      reader.at = end
    }
    this.#endRun()
  }

  #endRun(): void {
    const { reader, routes } = this.#shape
    const run = reader.arena.takeRun(this.#general.made, routes)
    if (run) this.#encoded.push(run)
  }

  #openStreams(): number {
    let open = 0
    for (const stream of this.#general.openStreams) open |= stream === 'stdout' ? 1 : 2
    return open
  }
}

/** Behind so many lines from the one at `at` on, or behind the last one. */
function endOfLines(bytes: Uint8Array, at: number, count: number): number {
  let end = at
  for (let line = 0; line < count && end < bytes.length; line++) end = bytes.indexOf(newline, end) + 1
  return end
}

const partOf = ({ bytes, from }: LineBlock, at: number, end: number): LineBlock => ({
  bytes: bytes.subarray(at, end),
  from: from + at,
  to: from + end,
})
