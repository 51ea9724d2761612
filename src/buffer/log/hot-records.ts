import type { StoredRecordView } from '../stored-record.ts'

/** Enough for sinks that keep up, little beside what the rest of the agent takes. */
const hotBytes = 4 * 1024 ** 2

/** What a view of a record takes beside its bytes (measured: 1.9 KiB). Without it a trickle of records of one line took 40 MiB. */
const viewBytes = 2048

export interface HotRecord {
  readonly record: StoredRecordView
  segment: number
  at: number
}

/** The newest records, still in memory: sinks that keep up never read the disk, and share one copy. */
export class HotRecords {
  /** By sequence, oldest first. */
  readonly #records = new Map<number, HotRecord>()
  #bytes = 0

  get(sequence: number): HotRecord | undefined {
    return this.#records.get(sequence)
  }

  add(hot: HotRecord): void {
    hot.record.retain()
    this.#records.set(hot.record.sequence, hot)
    this.#bytes += hot.record.bytes + viewBytes
    for (const { record } of this.#records.values()) {
      if (this.#bytes <= hotBytes || record === hot.record) break
      this.#forget(record)
    }
  }

  /** Segments below `oldest` were deleted: a sink that was not asked must not find more in memory than on disk. */
  forgetBelow(oldest: number): void {
    for (const { record, segment } of this.#records.values()) {
      if (segment >= oldest) return
      this.#forget(record)
    }
  }

  #forget(record: StoredRecordView): void {
    this.#records.delete(record.sequence)
    this.#bytes -= record.bytes + viewBytes
    record.release()
  }
}
