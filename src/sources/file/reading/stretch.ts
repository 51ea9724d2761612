import type { Chunk } from '../../../core/chunk.ts'
import { limits } from '../../../core/limits.ts'
import type { LaneResult } from '../../../lanes/lane.ts'
import { joinResults } from '../../join-results.ts'
import type { Generation, Position } from '../generation.ts'
import { completeHead, growHead, readMark, type Head } from '../identity.ts'
import type { ReadWindow } from './read-window.ts'
import { originOf } from './resumed-lane.ts'

/** What one chunk takes up: how far it goes, and what the lane made of it. */
export interface Stretch {
  readonly to: number
  readonly results: readonly LaneResult[]
  /** Where the new mark and head are found without another read. */
  readonly window?: ReadWindow
  readonly mark?: Uint8Array
  readonly goneAtMs?: number
}

/** The chunk of a stretch, behind which the generation is at `next`. */
export function chunkOf(generation: Generation, stretch: Stretch, next: Position): Chunk {
  const { position, source } = generation
  const lane = (generation.lane ??= source.lane.open(originOf(generation)))
  return {
    source: source.name,
    generation: generation.id,
    host: lane.host,
    from: position.offset,
    to: stretch.to,
    checkpoint: generation.checkpoint(next, stretch.goneAtMs ?? 0),
    moves: true,
    shared: lane.shared,
    ...joinResults(stretch.results),
    lost: generation.lost,
  }
}

/** The chunk is in the buffer: only now the generation moves on. */
export function moveOn(generation: Generation, { events, lost }: Chunk, next: Position): void {
  generation.lane?.recycle?.(events)
  generation.position = next
  generation.isAnnounced = true
  generation.reported(lost)
}

/** Where the generation is behind a stretch. What its window does not hold is read from the file. */
export async function positionAfter(generation: Generation, stretch: Stretch): Promise<Position> {
  const { position } = generation
  const { to, window } = stretch
  if (to === position.offset) return { ...position, ...laneStateOf(stretch) }
  const file = generation.file!
  const head = await completeHead(file, headAfter(position, stretch), to)
  const mark = stretch.mark ?? window?.markAt(to) ?? (await readMark(file, to)) ?? unmatchable(to)
  return { ...position, ...laneStateOf(stretch), offset: to, head, mark, tail: window?.tailAt(to) }
}

/** The same for a stretch that moves within its window, of a file whose head is complete. */
export function positionInWindow(position: Position, stretch: Stretch & { window: ReadWindow }): Position {
  const { to, window } = stretch
  const head = headAfter(position, stretch)
  const mark = window.markAt(to) ?? unmatchable(to)
  return { ...position, ...laneStateOf(stretch), offset: to, head, mark, tail: window.tailAt(to) }
}

function headAfter({ head }: Position, { to, window }: Stretch): Head {
  return window ? growHead(head, window.data.subarray(0, to - window.from), window.from) : head
}

type LaneState = Pick<Position, 'pending' | 'parser' | 'lastTime' | 'lastBump'>

function laneStateOf({ results }: Stretch): LaneState | undefined {
  const last = results.at(-1)
  if (!last) return undefined
  const { pending, parser, lastTime, lastBump } = last
  return { pending, parser, lastTime, lastBump }
}

/** The file was cut under our hands: a mark that no log holds makes the next turn see it. */
const unmatchable = (offset: number): Uint8Array =>
  new Uint8Array(Math.min(offset, limits.markBytes)).fill(0xff)
