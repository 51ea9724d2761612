import { Buffer } from 'node:buffer'
import { systemErrorCode } from '../../core/file-system.ts'
import type { File } from '../../core/file-system.ts'
import { limits } from '../../core/limits.ts'
import { viewOf } from '../format/bytes.ts'
import * as layout from '../format/record-layout.ts'
import { RecordField } from '../format/record-layout.ts'
import { recordChecksum } from '../record-codec.ts'
import { slabBytes } from '../../core/slabs.ts'
import type { Slab, Slabs } from '../../core/slabs.ts'
import { StoredRecordView } from '../stored-record.ts'

/** 512 KiB are two reads' worth of ordinary records: enough that a system call costs little, and held only while used. */
const blockBytes = 512 * 1024

/** Whether the sector at this place of the file, which cannot be read, counts as damaged. */
export type GivesUp = (at: number) => boolean

export interface ScannedRecord {
  readonly record: StoredRecordView
  readonly at: number
  readonly next: number
  /** Bytes before it that are no record: damage, if there should have been one. */
  readonly skipped: number
}

/**
 * Reads the whole records of one segment in order. What fails its checksum is never handed out: from there the bytes
 * are searched for the next record that passes, whatever the damaged one says about its length.
 */
export class SegmentScan {
  /** Where the next record is looked for. */
  position: number
  readonly #file: File
  readonly #slabs: Slabs | undefined
  readonly #givesUp: GivesUp
  #block: Buffer = Buffer.alloc(0)
  #slab: Slab | undefined
  #blockAt = 0

  /**
   * With `slabs` a record that is handed out has to be retained before the next call. `givesUp` decides whether a sector
   * that cannot be read is passed over; else `next` rejects with what the disk says, and may be called again.
   */
  constructor(file: File, position: number, slabs?: Slabs, givesUp: GivesUp = () => true) {
    this.#file = file
    this.position = position
    this.#slabs = slabs
    this.#givesUp = givesUp
  }

  /** No more is asked for: its memory may be used again. */
  close(): void {
    this.#slab?.release()
    this.#slab = undefined
    this.#block = Buffer.alloc(0)
  }

  /** The next good record that ends at or before `end`, or undefined. `end` may grow between calls. */
  async next(end: number): Promise<ScannedRecord | undefined> {
    const start = this.position
    let at = start
    while (at < end) {
      const record = await this.#recordAt(at, end)
      if (record) {
        this.position = at + record.bytes
        return { record, at, next: this.position, skipped: at - start }
      }
      at = await this.#findMagic(at + 1, end)
    }
    // The last bytes may be the beginning of a magic that goes on beyond `end`.
    this.position = Math.max(start, end - (layout.recordMagic.length - 1))
    return undefined
  }

  async #recordAt(at: number, end: number): Promise<StoredRecordView | undefined> {
    if (at + layout.recordFixedBytes > end) return undefined
    await this.#load(at, layout.recordFixedBytes, end)
    const length = plausibleLength(this.#block, at - this.#blockAt)
    if (length === undefined || at + length > end) return undefined
    await this.#load(at, length, end)
    const from = at - this.#blockAt
    const bytes = this.#block.subarray(from, from + length)
    if (recordChecksum(bytes) !== bytes.readUInt32LE(RecordField.checksum)) return undefined
    const record = new StoredRecordView(bytes, this.#slab)
    return record.eventsAt + record.count * layout.eventBytes <= length ? record : undefined
  }

  /** Where the next magic at or after `from` stands, or `end`. */
  async #findMagic(from: number, end: number): Promise<number> {
    let at = from
    while (at + layout.recordFixedBytes <= end) {
      await this.#load(at, layout.recordFixedBytes, end)
      const index = this.#block.indexOf(layout.recordMagic, at - this.#blockAt)
      if (index >= 0) return Math.min(this.#blockAt + index, end)
      at = Math.max(at + 1, this.#blockAt + this.#block.length - (layout.recordMagic.length - 1))
    }
    return end
  }

  /** Makes the block hold `[at, at + length)`. A block is never written again: records that were handed out lie in it. */
  async #load(at: number, length: number, end: number): Promise<void> {
    const blockEnd = this.#blockAt + this.#block.length
    if (at >= this.#blockAt && at + length <= blockEnd) return
    // A slab is used as a whole: what one record keeps alive of it should be records too.
    const usual = this.#slabs ? slabBytes : blockBytes
    const bytes = Math.min(Math.max(length, usual), end - at)
    const slab = this.#slabs?.take(bytes)
    const block = slab ? slab.bytes.subarray(0, bytes) : Buffer.allocUnsafeSlow(bytes)
    const kept = at >= this.#blockAt && at < blockEnd ? this.#block.copy(block, 0, at - this.#blockAt) : 0
    try {
      await this.#fill(block, kept, at)
    } catch (error) {
      slab?.release()
      throw error
    }
    this.#slab?.release()
    this.#slab = slab
    this.#block = block
    this.#blockAt = at
  }

  async #fill(block: Buffer, from: number, blockAt: number): Promise<void> {
    let filled = from
    while (filled < block.length) {
      const wanted = block.length - filled
      const count = await this.#read(block, filled, wanted, blockAt + filled)
      // Shorter than its size said: somebody cut the file. Zeros fail every checksum.
      if (count === 0) block.fill(0, filled)
      filled += count === 0 ? wanted : count
    }
  }

  async #read(block: Buffer, from: number, length: number, position: number): Promise<number> {
    try {
      return await this.#file.read(block, from, length, position)
    } catch (error) {
      if (systemErrorCode(error) !== 'EIO') throw error
    }
    // To the end of the sector: from anywhere in it, 4096 bytes took half of the next one with them.
    const piece = Math.min(length, limits.sectorBytes - (position % limits.sectorBytes))
    try {
      return await this.#file.read(block, from, piece, position)
    } catch (error) {
      if (systemErrorCode(error) !== 'EIO' || !this.#givesUp(position)) throw error
      block.fill(0, from, from + piece)
      return piece
    }
  }
}

/** The length that the bytes at `at` claim, if they look like the head of a record. */
function plausibleLength(block: Buffer, at: number): number | undefined {
  const head = viewOf(block.subarray(at, at + layout.recordHeadBytes))
  if (head.getUint32(RecordField.magic, true) !== layout.recordMagicNumber) return undefined
  if (head.getUint8(RecordField.version) !== layout.recordVersion) return undefined
  if (head.getUint8(RecordField.algorithm) !== layout.checksumCrc32) return undefined
  const length = head.getUint32(RecordField.length, true)
  return length >= layout.recordFixedBytes && length <= layout.maxRecordBytes ? length : undefined
}
