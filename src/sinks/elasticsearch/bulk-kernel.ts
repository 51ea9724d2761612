import { Kernel } from '../../kernel/kernel.ts'
import type { ByteWriter } from '../../render/byte-writer.ts'
import type { RecordParts } from '../../render/document.ts'
import { wordTable } from '../../render/document-words.ts'
import { jobBytes, JobField, sharedBytes, SharedField } from './bulk-job.ts'

/** Larger records, which hold lines of megabytes, are left to TypeScript: as large as a slab of the buffer. */
const mostRecordBytes = 2 * 1024 ** 2
/** Shared members of all sources together are some hundred bytes; who configures more has them written by TypeScript. */
const mostSharedBytes = 64 * 1024
const mostShared = 1024
/** An index name has 255 bytes at most, and an escape makes six of one. */
const mostActionBytes = 4096

/**
 * Bodies are written here piece by piece and copied out: the copy costs 0.2 CPU s/GB (of 0.65, bench/bulk-bodies.ts;
 * pieces of 128 KiB cost as much again), and keeps bodies that are in flight out of the kernel's memory, which can only
 * grow. An event that may need more (a text of 170 KB) is left to TypeScript.
 */
const pieceBytes = 1024 ** 2

/** Events of one record that go to one index. */
export interface BulkRun {
  /** The record's bytes as they lie in the buffer. */
  readonly record: Buffer
  readonly parts: RecordParts
  /** The first event, and the one behind the last. */
  readonly first: number
  readonly end: number
  /** The line before each document: whole, or up to where the place of the event ends its id. */
  readonly action: Buffer
  readonly hasId: boolean
  /** The run ends before the first event of a time before or after these seconds, both included. */
  readonly fromSecond: number
  readonly lastSecond: number
}

/** Writes bulk bodies with the kernel, a run of events at a time, byte for byte as `BulkEncoder` does event by event. */
export class BulkKernel {
  readonly #kernel = new Kernel()
  readonly #recordAt = this.#kernel.reserve(mostRecordBytes)
  readonly #textAt = this.#kernel.reserve(mostSharedBytes)
  readonly #endsAt = this.#kernel.reserve(mostShared * 4)
  readonly #actionAt = this.#kernel.reserve(mostActionBytes)
  readonly #pieceAt = this.#kernel.reserve(pieceBytes)
  readonly #jobAt = this.#kernel.reserve(jobBytes)
  readonly #sharedAt = this.#kernel.reserve(sharedBytes)
  /** Nothing is reserved any more, so these views stay. */
  readonly #bytes: Buffer
  readonly #job: Uint32Array
  /** What lies in the kernel's memory now. */
  #record: Buffer | undefined
  #action: Buffer | undefined

  constructor() {
    const words = wordTable()
    const wordsAt = this.#kernel.reserve(words.length)
    this.#bytes = this.#kernel.bytes
    this.#bytes.set(words, wordsAt)
    this.#job = this.#placesAt(this.#jobAt, jobBytes)
    this.#job[JobField.words] = wordsAt
    this.#job[JobField.shared] = this.#sharedAt
    this.#job[JobField.outEnd] = this.#pieceAt + pieceBytes
  }

  /**
   * Writes the run's events to `out`, up to the first one that is of another time or that the kernel leaves to
   * TypeScript; returns how many it wrote, 0 to all.
   */
  frame(run: BulkRun, out: ByteWriter): number {
    if (!this.#takeRecord(run) || !this.#takeAction(run.action)) return 0
    const job = this.#job
    job[JobField.end] = run.end
    job[JobField.hasId] = run.hasId ? 1 : 0
    job[JobField.fromSecond] = run.fromSecond
    job[JobField.lastSecond] = run.lastSecond
    let at = run.first
    while (at < run.end) {
      job[JobField.first] = at
      job[JobField.out] = this.#pieceAt
      const framed = this.#kernel.functions.frameBulk(this.#jobAt)
      if (framed === 0) break
      at += framed
      out.copyPart(this.#bytes, this.#pieceAt, job[JobField.out]!)
    }
    return at - run.first
  }

  /**
   * The runs of a record come one after the other: it is copied once for each body that has events of it. Another record
   * has another Buffer, even where it lies in the same memory.
   */
  #takeRecord({ record, parts }: BulkRun): boolean {
    if (record === this.#record) return true
    const { sharedAndOffset, memberEnds } = parts
    const textBytes = memberEnds.at(-1) ?? 0
    if (record.length > mostRecordBytes || textBytes > mostSharedBytes || memberEnds.length > mostShared) {
      return false
    }
    this.#bytes.set(record, this.#recordAt)
    this.#job[JobField.record] = this.#recordAt
    this.#job[JobField.recordBytes] = record.length
    sharedAndOffset.copy(this.#bytes, this.#textAt, 0, textBytes)
    this.#placesAt(this.#endsAt, mostShared * 4).set(memberEnds)
    const shared = this.#placesAt(this.#sharedAt, sharedBytes)
    shared[SharedField.text] = this.#textAt
    shared[SharedField.textBytes] = textBytes
    shared[SharedField.count] = memberEnds.length
    shared[SharedField.ends] = this.#endsAt
    this.#record = record
    return true
  }

  #takeAction(action: Buffer): boolean {
    if (action === this.#action) return true
    if (action.length > mostActionBytes) return false
    this.#bytes.set(action, this.#actionAt)
    this.#job[JobField.action] = this.#actionAt
    this.#job[JobField.actionBytes] = action.length
    this.#action = action
    return true
  }

  #placesAt(at: number, bytes: number): Uint32Array {
    return new Uint32Array(this.#bytes.buffer, at, bytes / 4)
  }
}

let shared: BulkKernel | undefined

/** One for all sinks of a thread: its calls are synchronous, and nothing of one stays that another needs. */
export function bulkKernel(): BulkKernel {
  shared ??= new BulkKernel()
  return shared
}
