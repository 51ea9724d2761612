import { Buffer } from 'node:buffer'
import { isBefore } from '../../core/event.ts'
import type { Instant } from '../../core/event.ts'
import type { File, FileSystem } from '../../core/file-system.ts'
import type { RecordForSink, StoredEvent } from '../buffer.ts'
import { SegmentScan } from '../log/scan.ts'
import { StoredRecordView } from '../stored-record.ts'
import { openToRead } from './segment-files.ts'
import type { LookedAt } from './segment-files.ts'
import { timesOf } from './survey.ts'

export interface StretchOptions {
  readonly fileSystem: FileSystem
  /** Oldest first, as they were when it was asked for: what is appended later is no part of it. */
  readonly segments: readonly LookedAt[]
  /** Events of this time and later. */
  readonly from: Instant
  /** Events before this time. */
  readonly to: Instant
  /** A bitmap with the events of a record that are not meant. */
  readonly notMeant: (record: StoredRecordView) => Uint8Array
  /** What else an event must be. */
  readonly matches: (event: StoredEvent) => boolean
}

interface OpenSegment {
  readonly file: File
  readonly scan: SegmentScan
  readonly end: number
  /** See `Segment`. */
  readonly voidFrom: number
}

/**
 * What lies in the log between two times of events, settled or not, record by record. It reads the files as anybody may:
 * no cursor knows of it, and it keeps no segment from being deleted.
 */
export class Stretch {
  readonly totalBytes: number
  readonly #options: StretchOptions
  #segment = 0
  #lastSequence = 0
  #doneBytes = 0
  #gone = 0
  #isStopped = false
  #open: OpenSegment | undefined

  constructor(options: StretchOptions) {
    this.#options = options
    this.totalBytes = options.segments.reduce((sum, { bytes }) => sum + bytes, 0)
  }

  /** Of `totalBytes`, how far it is. */
  get scannedBytes(): number {
    return this.#doneBytes + (this.#open?.scan.position ?? 0)
  }

  /** Segments that were deleted before it came to them. */
  get goneSegments(): number {
    return this.#gone
  }

  /** The next record that has such events, undefined behind the last one. Rejects with what the disk says. */
  async next(): Promise<RecordForSink | undefined> {
    while (!this.#isStopped) {
      this.#open ??= await this.#openNext()
      if (!this.#open) return undefined
      const { scan, end, voidFrom } = this.#open
      const found = await scan.next(end)
      if (!found) {
        await this.close()
        continue
      }
      if (found.record.sequence >= voidFrom) continue
      const events = this.#eventsOf(found.record)
      // Out of the block that it was read in, which one small record would keep whole.
      if (events.length > 0) return { record: new StoredRecordView(Buffer.from(found.record.raw)), events }
    }
    return undefined
  }

  /** `next` gives nothing more, also the one that is under way. */
  stop(): void {
    this.#isStopped = true
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    if (!open) return
    this.#doneBytes += open.end
    open.scan.close()
    await open.file.close()
  }

  async #openNext(): Promise<OpenSegment | undefined> {
    const { fileSystem, segments } = this.#options
    for (;;) {
      const looked = segments[this.#segment]
      if (!looked) return undefined
      this.#segment += 1
      const { segment, bytes } = looked
      const file = segment && (await openToRead(fileSystem, segment.path))
      if (segment && file) {
        const { dataStart, size: end, voidFrom } = segment
        return { file, scan: new SegmentScan(file, dataStart), end, voidFrom }
      }
      this.#doneBytes += bytes
      if (segment) this.#gone += 1
    }
  }

  #eventsOf(record: StoredRecordView): number[] {
    // Written twice, after a sync that failed: it counts once.
    if (record.sequence <= this.#lastSequence) return []
    this.#lastSequence = record.sequence
    const { from, to, notMeant, matches } = this.#options
    if (record.count === 0) return []
    const { low, high } = timesOf(record)
    if (!isBefore(low, to) || isBefore(high, from)) return []
    const left = notMeant(record)
    const events: number[] = []
    let event: StoredEvent | undefined
    for (let index = 0; index < record.count; index += 1) {
      if ((left[index >>> 3]! >>> (index & 7)) & 1) continue
      event = record.event(index, event)
      if (isBefore(event.time, to) && !isBefore(event.time, from) && matches(event)) events.push(index)
    }
    return events
  }
}
