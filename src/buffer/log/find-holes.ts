import type { GenerationId } from '../../core/chunk.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import type { Hole } from '../buffer.ts'
import type { GenerationState } from '../format/segment-header.ts'
import type { Damage, SequenceRange } from './known-gaps.ts'
import { stretchBefore } from './log-state.ts'
import { SegmentScan } from './scan.ts'
import type { Segments } from './segments.ts'
import type { StoredRecordView } from '../stored-record.ts'

export interface HoleInSegment {
  readonly hole: Hole
  readonly segment: number
}

/**
 * Which stretches of which generations the damage in these segments took: what their tables and records do not join up.
 * Reads the segments whole, so it is asked only when damage was met. `now` is the state after the newest record. Through
 * `disk`, which should be patient: what it refuses to read (EIO) is damage here, and a stretch too many is read twice. So is
 * what the cursor was not given, though the disk may read it by now: the cursor has counted it as dropped.
 */
export async function findHoles(
  segments: Segments,
  damage: Damage & { readonly disk: FileSystem },
  now: ReadonlyMap<GenerationId, GenerationState>,
): Promise<{ readonly holes: readonly HoleInSegment[]; readonly gaps: readonly SequenceRange[] }> {
  const { disk } = damage
  const { last, table: after } = await firstTableAfter(segments, damage.last, disk)
  const first = await lastTableUpTo(segments, damage.first, disk)
  const meant = segments.list.filter(({ number }) => number >= first && number <= last)
  const seams = new Seams(damage.missing, meant[0]?.preamble?.firstSequence)
  // What is appended while we read must be in neither the records nor the state that they are compared with.
  const end = new Map(now)
  const sizes = meant.map((segment) => segment.size)
  for (const [index, segment] of meant.entries()) {
    const table = await segments.readTable(segment, disk)
    if (table) seams.table(table, segment.number)
    const file = await segments.openToRead(segment, disk)
    await forEachRecord(file, { from: segment.dataStart, end: sizes[index]! }, (record) => {
      if (record.sequence < segment.voidFrom) seams.record(record, segment.number)
    })
  }
  seams.table(after ?? [...end.values()], damage.last)
  seams.end(segments.after(last)?.preamble?.firstSequence)
  return seams
}

/**
 * A segment that a failed sync made us write again has no table, and holds records that may be damaged where they stood
 * first: only the table behind it says how far everything had come. `last` is the segment before that table.
 */
async function firstTableAfter(
  segments: Segments,
  from: number,
  disk: FileSystem,
): Promise<{ readonly last: number; readonly table: GenerationState[] | undefined }> {
  let last = from
  for (let next = segments.after(last); next; next = segments.after(last)) {
    const table = await segments.readTable(next, disk)
    if (table) return { last, table }
    last = next.number
  }
  return { last, table: undefined }
}

/**
 * The same at the other end: without a table in front of it nobody knows where what is missing began, and a whole record of
 * a generation that has no other one there was taken for nothing.
 */
async function lastTableUpTo(segments: Segments, from: number, disk: FileSystem): Promise<number> {
  for (const segment of segments.list.filter(({ number }) => number <= from).toReversed())
    if (await segments.readTable(segment, disk)) return segment.number
  return from
}

async function forEachRecord(
  file: File,
  { from, end }: { readonly from: number; readonly end: number },
  action: (record: StoredRecordView) => void,
): Promise<void> {
  try {
    const scan = new SegmentScan(file, from)
    for (let found = await scan.next(end); found; found = await scan.next(end)) action(found.record)
  } finally {
    await file.close()
  }
}

/** Where each generation's records ended, and what does not join on there. */
class Seams {
  readonly holes: HoleInSegment[] = []
  /** Sequences of which no record was met. */
  readonly gaps: SequenceRange[] = []
  readonly #missing: SequenceRange
  /** Of no sequence from here to the next record was a record met. */
  #gapFrom: number
  readonly #ends = new Map<GenerationId, number>()
  /** Without a table at the beginning nobody knows how far generations had come that have not been met yet. */
  #isComplete = false
  /** Of the newest record so far. */
  #sequence = 0

  /** `first`: the sequence at which the segments begin, where that is known. Nobody looked at what lies before. */
  constructor(missing: SequenceRange, first = missing.from) {
    this.#missing = missing
    this.#gapFrom = Math.min(first, missing.from)
  }

  table(table: readonly GenerationState[], segment: number): void {
    for (const { checkpoint, start, end } of table) {
      const { generation } = checkpoint
      const known = this.#ends.get(generation) ?? (this.#isComplete ? start : end)
      this.#add({ generation, from: known, to: end }, segment)
      this.#ends.set(generation, Math.max(known, end))
    }
    this.#isComplete = true
  }

  record(record: StoredRecordView, segment: number): void {
    // Cursors pass over what comes behind a newer record, as all of a segment that was written again does where a power
    // cut left the end of the first one: what only stands there is missed like what stands nowhere.
    const { sequence } = record
    if (sequence <= this.#sequence) return
    if (sequence >= this.#missing.from && sequence < this.#missing.to) return
    this.end(sequence)
    this.#sequence = sequence
    this.#gapFrom = sequence + 1
    if (!record.moves) return
    const { generation } = record
    const known = this.#ends.get(generation)
    if (known !== undefined || this.#isComplete) {
      const missing = stretchBefore(record, known)
      if (missing) this.#add({ generation, ...missing }, segment)
    }
    this.#ends.set(generation, Math.max(known ?? 0, record.to))
  }

  /** The next record that there is has this sequence, as far as anybody knows. */
  end(next: number | undefined): void {
    if (next !== undefined && next > this.#gapFrom) this.gaps.push({ from: this.#gapFrom, to: next })
  }

  #add(hole: Hole, segment: number): void {
    if (hole.from < hole.to) this.holes.push({ hole, segment })
  }
}
