import { join } from 'node:path'
import { sleep } from '../../core/clock.ts'
import type { Clock } from '../../core/clock.ts'
import type { FileSystem } from '../../core/file-system.ts'
import { preambleBytes } from '../format/segment-header.ts'
import { tableIn } from '../log/segments.ts'
import type { Segment } from '../log/segments.ts'
import type { ScannedRecord } from '../log/scan.ts'
import { lookAtCursors } from './cursor-files.ts'
import type { CursorLookedAt } from './cursor-files.ts'
import { eachRecord, lookAt, lookAtSegments, openToRead } from './segment-files.ts'
import type { LookedAt } from './segment-files.ts'

export interface Finding {
  /**
   * `records`: bytes that no record's checksum fits. `missing`: records that are in no file. `header`: what a segment begins
   * with. `cursor`: a slot of a cursor. `unfinished`: the end of what was being written, now or when the agent was killed:
   * never promised to anybody, and no damage.
   */
  readonly kind: 'records' | 'missing' | 'header' | 'cursor' | 'unfinished'
  readonly path: string
  readonly at: number
  readonly bytes: number
  /** How many records are not there, where that is known. */
  readonly records?: number
  readonly text: string
}

export interface Verified {
  readonly segments: number
  readonly records: number
  readonly events: number
  readonly bytes: number
  readonly cursors: number
  readonly damage: readonly Finding[]
  readonly unfinished: readonly Finding[]
}

/** A header that is being written is whole soon. */
const lookAgainMs = 100

/** Checks every checksum in `data_dir/buffer` and `data_dir/cursors`. It reads only, and may run beside the agent. */
export async function verify(fileSystem: FileSystem, dataDir: string, clock: Clock): Promise<Verified> {
  // Before the segments: what a cursor has passed by then is in them.
  const cursors = await lookAtCursors(fileSystem, join(dataDir, 'cursors'), clock)
  const segments = await lookAtSegments(fileSystem, join(dataDir, 'buffer'))
  const lastRead = Math.max(0, ...cursors.map(({ state }) => state?.lastRead ?? 0))
  const verifier = new Verifier(fileSystem, lastRead)
  for (const [index, looked] of segments.entries()) {
    const isNewest = index === segments.length - 1
    const again = isNewest && !isWhole(looked) ? await lookLater(fileSystem, looked, clock) : looked
    if (again) await verifier.segment(again, isNewest)
  }
  verifier.end()
  return {
    segments: segments.length,
    cursors: cursors.length,
    ...verifier.counts,
    damage: [...verifier.damage, ...cursors.flatMap(damagedSlots)],
    unfinished: verifier.unfinished,
  }
}

const isWhole = ({ segment }: LookedAt): boolean => segment?.preamble !== undefined && !!segment.sources

async function lookLater(
  fileSystem: FileSystem,
  name: LookedAt,
  clock: Clock,
): Promise<LookedAt | undefined> {
  await sleep(clock, lookAgainMs)
  return lookAt(fileSystem, { number: name.number, path: name.path })
}

/** Goes through the segments in their order: what is missing shows in the numbers of the records that are there. */
class Verifier {
  readonly counts = { records: 0, events: 0, bytes: 0 }
  readonly damage: Finding[] = []
  readonly unfinished: Finding[] = []
  readonly #fileSystem: FileSystem
  readonly #lastRead: number
  /** The sequence that the next record has; undefined where nobody knows. */
  #expected: number | undefined
  /** Bytes behind the last record of the segment before: the segment behind says what they are. */
  #tail: { readonly path: string; readonly at: number; readonly bytes: number } | undefined

  constructor(fileSystem: FileSystem, lastRead: number) {
    this.#fileSystem = fileSystem
    this.#lastRead = lastRead
  }

  async segment(looked: LookedAt, isNewest: boolean): Promise<void> {
    const { segment, path, bytes } = looked
    this.counts.bytes += bytes
    if (!segment) {
      const text = 'nothing in it can be read as a segment'
      if (isNewest) this.unfinished.push({ kind: 'unfinished', path, at: 0, bytes, text })
      else this.damage.push({ kind: 'header', path, at: 0, bytes, text })
      return
    }
    await this.#header(segment)
    this.#begin(segment.preamble?.firstSequence, segment.preamble?.skippedSequences)
    const end = await eachRecord(this.#fileSystem, segment, (found) => this.#record(segment, found))
    if (end === undefined) {
      // The agent needed it no more: what was in it is not missing.
      this.#expected = undefined
    } else if (end < segment.size) {
      this.#tail = { path, at: end, bytes: segment.size - end }
    }
  }

  /** Behind the newest segment: only a cursor can tell that a record was whole once. */
  end(): void {
    this.#begin(
      this.#expected !== undefined && this.#lastRead >= this.#expected ? this.#lastRead + 1 : undefined,
    )
  }

  /** The records before `first` should all have come by now, but for the `skipped` ones right before it. */
  #begin(first: number | undefined, skipped = 0): void {
    const missing = first === undefined || this.#expected === undefined ? 0 : first - skipped - this.#expected
    const tail = this.#tail
    this.#tail = undefined
    if (tail && missing > 0) this.#damaged(tail, missing)
    else if (tail)
      this.unfinished.push({ kind: 'unfinished', ...tail, text: 'a record that was not written to its end' })
    else if (missing > 0) this.#missing(missing)
    if (first !== undefined) this.#expected = Math.max(this.#expected ?? 0, first)
  }

  #record({ path, preamble }: Segment, { record, at, skipped }: ScannedRecord): void {
    const missing = this.#expected === undefined ? 0 : Math.max(0, record.sequence - this.#expected)
    const stretch = { path, at: at - skipped, bytes: skipped }
    const isHeader = preamble === undefined && stretch.at === 0
    if (skipped > 0 && (!isHeader || missing > 0)) this.#damaged(stretch, missing)
    else if (missing > 0) this.#missing(missing)
    // Written twice, after a sync that failed: it counts once.
    if (this.#expected !== undefined && record.sequence < this.#expected) return
    this.#expected = record.sequence + 1
    this.counts.records += 1
    this.counts.events += record.count
  }

  #damaged(stretch: { path: string; at: number; bytes: number }, records: number): void {
    const text = 'no record fits its checksum here'
    this.damage.push({ kind: 'records', ...stretch, ...(records > 0 && { records }), text })
  }

  #missing(records: number): void {
    const text = `the records from number ${this.#expected} on are in no file: a segment was removed by hand`
    this.damage.push({ kind: 'missing', path: '', at: 0, bytes: 0, records, text })
  }

  async #header(segment: Segment): Promise<void> {
    const { path, preamble, sources, dataStart } = segment
    const damaged = (at: number, bytes: number, text: string): void => {
      this.damage.push({ kind: 'header', path, at, bytes, text })
    }
    if (!preamble)
      return damaged(0, preambleBytes, 'the header does not fit its checksum; its records are still read')
    const { sourcesBytes, tableBytes } = preamble
    if (!sources)
      damaged(preambleBytes, sourcesBytes, 'the list of sources and sinks does not fit its checksum')
    if (!sources || !preamble.hasTable) return
    const file = await openToRead(this.#fileSystem, path)
    if (!file) return
    try {
      if (!(await tableIn(file, segment)))
        damaged(dataStart - tableBytes, tableBytes, 'the table of checkpoints does not fit its checksum')
    } finally {
      await file.close()
    }
  }
}

function damagedSlots({ path, damagedSlots: slots, state }: CursorLookedAt): Finding[] {
  const consequence = state
    ? 'the other one is whole and counts'
    : 'the sink begins at the oldest event that is there'
  return slots.map((at) => ({
    kind: 'cursor',
    path,
    at,
    bytes: 0,
    text: `a slot does not fit its checksum; ${consequence}`,
  }))
}
