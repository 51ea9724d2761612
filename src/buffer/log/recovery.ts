import type { Log } from '../../core/log.ts'
import { recordFixedBytes } from '../format/record-layout.ts'
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
  let tailBytes = 0
  for (const segment of scanned) {
    const replayed = await replay(segments, segment, state)
    holes += replayed.holes
    tailBytes = replayed.isEmpty ? tailBytes + replayed.tailBytes : replayed.tailBytes
  }
  // A broken sector may be read at a later start. What it hides now would be taken for what is written from here on.
  state.skipTo(state.lastSequence + Math.ceil(tailBytes / recordFixedBytes))
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
    state.load(segment.sources!, table, segment.preamble!)
    return index
  }
  // Nobody knows what was before the oldest record: generations that begin in the middle are no damage.
  state.isComplete = segments.list.length === 0
  return 0
}

interface Replayed {
  /** Damaged stretches that were found. */
  readonly holes: number
  readonly isEmpty: boolean
  /** Bytes behind the last record that are none. */
  readonly tailBytes: number
}

async function replay(segments: Segments, segment: Segment, state: LogState): Promise<Replayed> {
  const file = await segments.openToRead(segment)
  let holes = 0
  let end = segment.dataStart
  try {
    const scan = new SegmentScan(file, segment.dataStart)
    for (let found = await scan.next(segment.size); found; found = await scan.next(segment.size)) {
      const { record, next } = found
      if (record.sequence >= segment.voidFrom) continue
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
  const tailBytes = Math.max(0, segment.size - end)
  return { holes, isEmpty: end === segment.dataStart, tailBytes }
}
