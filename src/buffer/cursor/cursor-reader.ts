import type { Clock } from '../../core/clock.ts'
import type { File } from '../../core/file-system.ts'
import { systemErrorCode } from '../../core/file-system.ts'
import type { HotRecords } from '../log/hot-records.ts'
import { SegmentScan } from '../log/scan.ts'
import type { Segment, Segments } from '../log/segments.ts'
import type { Slabs } from '../../core/slabs.ts'
import type { StoredRecordView } from '../stored-record.ts'
import type { Visibility } from '../log/visibility.ts'
import { Patience } from './patience.ts'

export interface ReadableLog {
  readonly segments: Segments
  readonly hot: HotRecords
  readonly visibility: Visibility
  readonly slabs: Slabs
  readonly clock: Clock
}

export interface FoundRecord {
  readonly record: StoredRecordView
  readonly segment: number
  readonly at: number
  /** Bytes before it are no record. */
  readonly isAfterDamage: boolean
}

/** Walks the log for one cursor, from memory where the newest records still are, else from disk. Every sequence once. */
export class CursorReader {
  /** The last sequence that was taken. */
  lastRead: number
  readonly #log: ReadableLog
  readonly #onEnter: (segment: Segment) => void
  readonly #patience: Patience
  #segment: number
  #offset: number
  #ahead: FoundRecord | undefined
  #open: { readonly number: number; readonly file: File; scan: SegmentScan } | undefined

  constructor(
    log: ReadableLog,
    from: { readonly segment: number; readonly offset: number; readonly lastRead: number },
    onEnter: (segment: Segment) => void,
  ) {
    this.#log = log
    this.#segment = from.segment
    this.#offset = from.offset
    this.lastRead = from.lastRead
    this.#onEnter = onEnter
    this.#patience = new Patience(log.clock)
  }

  /** Where the next record is looked for. */
  get place(): { readonly segment: number; readonly offset: number } {
    return { segment: this.#segment, offset: this.#offset }
  }

  /** A record that was found but not taken yet. */
  get ahead(): FoundRecord | undefined {
    return this.#ahead
  }

  /** The next visible record in segments up to `lastSegment`, without taking it. Rejects with what the disk says. */
  async peek(lastSegment = Infinity): Promise<FoundRecord | undefined> {
    this.#ahead ??= this.#findHot(lastSegment) ?? (await this.#findOnDisk(lastSegment))
    return this.#ahead && this.#ahead.segment <= lastSegment ? this.#ahead : undefined
  }

  /** Takes what `peek` found, and the release of it. */
  take(found: FoundRecord): void {
    this.#ahead = undefined
    this.#offset = found.at + found.record.bytes
    this.lastRead = found.record.sequence
  }

  /** Goes on after `segment`, whose records are all taken. */
  leave(segment: number): void {
    const following = this.#log.segments.after(segment)
    if (this.#segment <= segment && following) this.#enter(following)
  }

  async close(): Promise<void> {
    const open = this.#open
    this.#open = undefined
    open?.scan.close()
    await open?.file.close()
  }

  #findHot(lastSegment: number): FoundRecord | undefined {
    const { hot, segments, visibility } = this.#log
    const found = hot.get(this.lastRead + 1)
    if (!found || found.record.sequence > visibility.sequence || found.segment > lastSegment) return undefined
    while (this.#segment < found.segment) this.#enter(segments.after(this.#segment)!)
    if (this.#segment > found.segment) return undefined
    this.#offset = found.at
    found.record.retain()
    return { record: found.record, segment: found.segment, at: found.at, isAfterDamage: false }
  }

  async #findOnDisk(lastSegment: number): Promise<FoundRecord | undefined> {
    for (;;) {
      const segment = this.#log.segments.get(this.#segment)
      const found = segment && (await this.#scan(segment))
      if (found) return found
      const following = this.#log.segments.after(this.#segment)
      if (!following || following.number > lastSegment) return undefined
      this.#enter(following)
    }
  }

  async #scan(segment: Segment): Promise<FoundRecord | undefined> {
    if (this.#offset >= segment.end) return undefined
    const scan = await this.#scanOf(segment)
    if (!scan) return undefined
    // Up to where it is visible now; more may become so while we read.
    const { end } = segment
    for (;;) {
      const found = await scan.next(end)
      this.#offset = found?.at ?? scan.position
      if (!found) return undefined
      // A record that a failed sync made us write twice, or one before the saved place.
      if (found.record.sequence <= this.lastRead || found.record.sequence >= segment.voidFrom) continue
      const { record, at, skipped } = found
      record.retain()
      return { record, segment: segment.number, at, isAfterDamage: skipped > 0 && segment.dataStart > 0 }
    }
  }

  async #scanOf(segment: Segment): Promise<SegmentScan | undefined> {
    if (this.#open?.number !== segment.number) {
      await this.close()
      const file = await this.#openToRead(segment)
      if (!file) return undefined
      this.#open = { number: segment.number, file, scan: this.#scanFrom(file, segment.number) }
    }
    const open = this.#open
    if (open.scan.position !== this.#offset) {
      open.scan.close()
      open.scan = this.#scanFrom(open.file, open.number)
    }
    return open.scan
  }

  #scanFrom(file: File, segment: number): SegmentScan {
    return new SegmentScan(file, this.#offset, this.#log.slabs, (at) => this.#patience.isOver(segment, at))
  }

  /** A segment that somebody removed is passed like a damaged one: what was in it shows in the counters. */
  async #openToRead(segment: Segment): Promise<File | undefined> {
    try {
      return await this.#log.segments.openToRead(segment)
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOENT') throw error
      return undefined
    }
  }

  #enter(segment: Segment): void {
    // An open file keeps its space on the disk, deleted or not: on a full disk that was all there was to gain.
    void this.close().catch(() => {})
    this.#segment = segment.number
    this.#offset = segment.dataStart
    this.#onEnter(segment)
  }
}
