import type { FileStatus, UnreadablePath } from '../sources/source.ts'

/**
 * What the main side may ask of the reader: tails, lanes and appends. Today both run on one thread; all that crosses
 * here is plain data and promises, and events cross by the buffer on disk alone, so that the reader could become a worker.
 * Measured, that costs 24 MiB and more CPU for each gigabyte than one thread (bench/README.md).
 */
export interface ReaderHandle {
  /** Opens the sources. Resolves once each has had its first look at what is there. */
  start(): Promise<void>
  /** Resolves once nothing will be appended any more. Safe before `start`, and twice. */
  stop(): Promise<void>
  /** Resolves once everything that the sources hold now is in the buffer, unfinished lines included. */
  drain(): Promise<void>
  status(): ReaderStatus
}

export interface ReaderStatus {
  readonly files: readonly FileStatus[]
  readonly unreadable: readonly UnreadablePath[]
  /** Seconds for which a source's reading has stood still because the buffer was full, by source. */
  readonly blockedSeconds: ReadonlyMap<string, number>
  /** Why reading died for good, or undefined. */
  readonly failure: string | undefined
}
