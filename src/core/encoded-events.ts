import type { Instant } from './event.ts'

/**
 * Events in the form in which a record stores them (docs/buffer-format.md): a kernel has made them, and they are copied into
 * the record as they are. Their memory is their maker's, and stays as it is until `append` resolves.
 */
export interface EncodedEvents {
  /** So many of the chunk's drafts stand before them. */
  readonly after: number
  readonly count: number
  readonly earliest: Instant
  readonly latest: Instant
  /** Of every one of them. */
  readonly routes: number
  readonly entriesBytes: number
  readonly heapBytes: number
  /** Copies the entries to `at`, with all places in them counted from `heapAt` on. */
  copyEntries(target: Uint8Array, at: number, heapAt: number): void
  copyHeap(target: Uint8Array, at: number): void
}
