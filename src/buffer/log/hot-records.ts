import type { StoredRecordView } from '../stored-record.ts'

/** Enough for sinks that keep up, little beside what the rest of the agent takes. */
const hotBytes = 4 * 1024 ** 2

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
    this.#records.set(hot.record.sequence, hot)
    this.#bytes += hot.record.bytes
    for (const [sequence, { record }] of this.#records) {
      if (this.#bytes <= hotBytes || sequence === hot.record.sequence) break
      this.#records.delete(sequence)
      this.#bytes -= record.bytes
    }
  }

  /** Segments below `oldest` were deleted: a sink that was not asked must not find more in memory than on disk. */
  forgetBelow(oldest: number): void {
    for (const [sequence, { record, segment }] of this.#records) {
      if (segment >= oldest) return
      this.#records.delete(sequence)
      this.#bytes -= record.bytes
    }
  }
}
