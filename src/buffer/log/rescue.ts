import type { File } from '../../core/file-system.ts'
import type { SourceCounts } from '../../core/ledger.ts'
import type { HotRecords } from './hot-records.ts'
import { SegmentScan } from './scan.ts'
import type { Segment } from './segments.ts'
import type { StoredRecordView } from '../stored-record.ts'

export interface Doubtful {
  readonly segment: Segment
  readonly file: File
  /** Where its unsynced part begins. */
  readonly from: number
  readonly hot: HotRecords
}

/** Records that a failed sync put in doubt are neither in memory nor readable any more: only the sources have them. */
export class RecordsLostError extends Error {
  override readonly name = 'RecordsLostError'
}

/**
 * The records `first` to `last` of a segment that is not trusted any more: from memory where they are still there,
 * else as the kernel still has them, if they pass their checksum. Throws RecordsLostError when one is in neither.
 */
export async function readUnsynced(
  doubtful: Doubtful,
  range: { readonly first: number; readonly last: number },
): Promise<StoredRecordView[]> {
  const records: StoredRecordView[] = []
  const scan = new SegmentScan(doubtful.file, doubtful.from)
  for (let sequence = range.first; sequence <= range.last; sequence += 1) {
    const record = doubtful.hot.get(sequence)?.record ?? (await find(scan, doubtful.segment.size, sequence))
    if (!record) throw new RecordsLostError(`record ${sequence} of ${doubtful.segment.path} is lost`)
    records.push(record)
  }
  return records
}

async function find(scan: SegmentScan, end: number, sequence: number): Promise<StoredRecordView | undefined> {
  for (;;) {
    const found = await scan.next(end)
    if (!found || found.record.sequence === sequence) return found?.record
    if (found.record.sequence > sequence) return undefined
  }
}

/** The read counters before the first of these records. */
export function countsBefore(
  counts: ReadonlyMap<string, SourceCounts>,
  records: readonly StoredRecordView[],
): Map<string, SourceCounts> {
  const before = new Map(counts)
  for (const record of records.toReversed()) {
    before.set(record.source, {
      ...record.counts,
      readBytes: record.counts.readBytes - (record.to - record.from),
      readEvents: record.readEvents - record.count - record.filtered,
    })
  }
  return before
}
