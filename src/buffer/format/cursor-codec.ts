import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import { dropReasons } from '../../core/ledger.ts'
import type { SinkCounts } from '../../core/ledger.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import { checksumCrc32 } from './record-layout.ts'

/** A place in the log: the record with this sequence, or the first after it, stands at or behind `offset`. */
export interface LogPlace {
  readonly segment: number
  readonly offset: number
  readonly sequence: number
}

/** A record that was handed out and is not behind the cursor yet. */
export interface OpenRecordState {
  readonly sequence: number
  readonly source: string
  readonly count: number
  /** Bit i: event i is settled. */
  readonly settled: Uint8Array
}

export interface CursorState {
  /** The sink was not configured when this was saved: what is deleted before it returns is `dropped{sink_removed}`. */
  readonly isParked: boolean
  /** The oldest record that is not settled. */
  readonly base: LogPlace
  /** The last record that was handed out or passed. */
  readonly lastRead: number
  /** Each source's `readEvents` after that record. */
  readonly seen: ReadonlyMap<string, number>
  readonly counts: ReadonlyMap<string, SinkCounts>
  readonly open: readonly OpenRecordState[]
  readonly state: Readonly<Record<string, unknown>>
}

export const cursorVersion = 1
export const slotHeadBytes = 32
/** Both slots have fixed places; what is not written of them takes no disk. 64 MiB stand open at most, bitmaps are small. */
export const slotBytes = 8 * 1024 ** 2
const slotMagic = Buffer.from([0x89, 0x4c, 0x46, 0x43, 0x55, 0x52, 0x0d, 0x0a])

export function encodeSlot(body: Buffer, turn: number): Buffer {
  if (slotHeadBytes + body.length > slotBytes)
    throw new RangeError(`a cursor of ${body.length} bytes fits no slot`)
  const writer = new ByteWriter(Buffer.alloc(slotHeadBytes + body.length))
  writer.raw(slotMagic)
  writer.u16(cursorVersion)
  writer.u8(checksumCrc32)
  writer.u8(0)
  writer.u64(turn)
  writer.u32(body.length)
  writer.u32(0)
  writer.u32(crc32(body, crc32(writer.written)))
  writer.raw(body)
  return writer.written
}

export type Slot = { readonly turn: number; readonly body: Buffer } | { readonly newer: number }

/** Undefined for a slot that is damaged or was never written. */
export function decodeSlot(bytes: Buffer): Slot | undefined {
  if (bytes.length < slotHeadBytes || !bytes.subarray(0, 8).equals(slotMagic)) return undefined
  const length = bytes.readUInt32LE(20)
  if (slotHeadBytes + length > bytes.length) return undefined
  const body = bytes.subarray(slotHeadBytes, slotHeadBytes + length)
  const checksum = crc32(body, crc32(bytes.subarray(0, slotHeadBytes - 4)))
  if (checksum !== bytes.readUInt32LE(slotHeadBytes - 4)) return undefined
  const version = bytes.readUInt16LE(8)
  return version > cursorVersion ? { newer: version } : { turn: new ByteReader(bytes, 12).u64(), body }
}

export function encodeCursor(cursor: CursorState): Buffer {
  const writer = new ByteWriter(Buffer.allocUnsafe(4096))
  writer.u8(cursor.isParked ? 1 : 0)
  writer.u64(cursor.base.segment)
  writer.u64(cursor.base.offset)
  writer.u64(cursor.base.sequence)
  writer.u64(cursor.lastRead)
  writer.u32(cursor.seen.size)
  for (const [source, readEvents] of cursor.seen) {
    writer.text16(source)
    writer.u64(readEvents)
  }
  writer.u32(cursor.counts.size)
  for (const [source, counts] of cursor.counts) putSinkCounts(writer, source, counts)
  writer.u32(cursor.open.length)
  for (const open of cursor.open) {
    writer.u64(open.sequence)
    writer.text16(open.source)
    writer.u32(open.count)
    writer.raw(open.settled)
  }
  writer.text32(JSON.stringify(cursor.state))
  return writer.written
}

/** Throws a RangeError or a SyntaxError for bytes that are no cursor, which a checksum has ruled out before. */
export function decodeCursor(body: Buffer): CursorState {
  const reader = new ByteReader(body)
  return {
    isParked: reader.u8() === 1,
    base: { segment: reader.u64(), offset: reader.u64(), sequence: reader.u64() },
    lastRead: reader.u64(),
    seen: new Map(Array.from({ length: reader.u32() }, () => [reader.text16(), reader.u64()])),
    counts: new Map(Array.from({ length: reader.u32() }, () => [reader.text16(), getSinkCounts(reader)])),
    open: Array.from({ length: reader.u32() }, () => getOpenRecord(reader)),
    state: getState(reader.text32()),
  }
}

/** The order of `dropReasons` is part of the format: new reasons go to its end. */
function putSinkCounts(writer: ByteWriter, source: string, counts: SinkCounts): void {
  writer.text16(source)
  writer.u64(counts.acknowledged)
  writer.u64(counts.deadLettered)
  writer.u64(counts.filtered)
  writer.u8(dropReasons.length)
  for (const reason of dropReasons) writer.u64(counts.dropped[reason] ?? 0)
}

function getSinkCounts(reader: ByteReader): SinkCounts {
  const [acknowledged, deadLettered, filtered] = [reader.u64(), reader.u64(), reader.u64()]
  const dropped: SinkCounts['dropped'] = {}
  const reasons = reader.u8()
  for (let index = 0; index < reasons; index += 1) {
    const count = reader.u64()
    const reason = dropReasons[index]
    if (count > 0 && reason) dropped[reason] = count
  }
  return { acknowledged, deadLettered, filtered, dropped }
}

function getOpenRecord(reader: ByteReader): OpenRecordState {
  const [sequence, source, count] = [reader.u64(), reader.text16(), reader.u32()]
  return { sequence, source, count, settled: reader.raw(Math.ceil(count / 8)) }
}

function getState(text: string): Record<string, unknown> {
  const state: unknown = JSON.parse(text)
  return typeof state === 'object' && state !== null ? { ...state } : {}
}
