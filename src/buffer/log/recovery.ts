import type { Log } from '../../core/log.ts'
import type { LogState } from './log-state.ts'
import { SegmentScan } from './scan.ts'
import type { Segment, Segments } from './segments.ts'

/**
 * What the log says after a crash: the newest checkpoint table that is whole, and the records from that segment on.
 * Returns the segments that were read, which may hold what was never synced.
 */
export async function recover(segments: Segments, state: LogState, log: Log): Promise<readonly Segment[]> {
  const start = await loadNewestTable(segments, state)
  const scanned = segments.list.slice(start)
  let holes = 0
  for (const segment of scanned) holes += await replay(segments, segment, state)
  if (holes > 0)
    log.error(
      { stretches: holes },
      'the buffer is damaged; these stretches are read again where the files still exist',
    )
  return scanned
}

/** Index of the segment to read on from. */
async function loadNewestTable(segments: Segments, state: LogState): Promise<number> {
  for (let index = segments.list.length - 1; index >= 0; index -= 1) {
    const segment = segments.list[index]!
    const table = await segments.readTable(segment)
    if (!table) continue
    state.load(segment.sources!, table)
    state.lastSequence = segment.preamble!.firstSequence - 1
    return index
  }
  // Nobody knows what was before the oldest record: generations that begin in the middle are no damage.
  state.isComplete = segments.list.length === 0
  return 0
}

/** Returns the number of damaged stretches. */
async function replay(segments: Segments, segment: Segment, state: LogState): Promise<number> {
  const file = await segments.openToRead(segment)
  let holes = 0
  let end = segment.dataStart
  try {
    const scan = new SegmentScan(file, segment.dataStart)
    for (let found = await scan.next(segment.size); found; found = await scan.next(segment.size)) {
      const { record, next } = found
      end = next
      // Written twice after a failed sync, or a stale block of a file that was deleted.
      if (record.sequence <= state.lastSequence) continue
      const missing = state.replay(record)
      if (missing && state.holes.add({ generation: record.generation, ...missing }, segment.number))
        holes += 1
    }
  } finally {
    await file.close()
  }
  // A torn tail is nothing that was ever promised: cursors need not look at it.
  segment.end = Math.min(segment.size, end)
  return holes
}
