import { Buffer } from 'node:buffer'
import { crc32 } from 'node:zlib'
import type { Checkpoint, GenerationId } from '../../core/chunk.ts'
import type { SourceCounts } from '../../core/ledger.ts'
import { ByteReader, ByteWriter } from './bytes.ts'
import * as codec from './checkpoint-codec.ts'
import { checksumCrc32 } from './record-layout.ts'

/** A segment begins with a preamble of 64 bytes, the sources block and the checkpoint table; records follow. */
export const preambleBytes = 64
export const segmentVersion = 1
const SegmentFlag = { hasTable: 1 } as const
/** Like PNG's: not text, and broken visibly by a transfer that mends newlines. */
const segmentMagic = Buffer.from([0x89, 0x4c, 0x46, 0x53, 0x45, 0x47, 0x0d, 0x0a])

export interface Preamble {
  readonly number: number
  /** The first record has this sequence; a gap before it is no damage. */
  readonly firstSequence: number
  /**
   * So many sequences right before the first one were given to nobody in this log: a start passed them over, as what it
   * could not read may bear them. 0 in buffers from before this was kept.
   */
  readonly skippedSequences: number
  readonly createdAtMs: number
  readonly sourcesBytes: number
  readonly sourcesChecksum: number
  /** False for a segment that only holds again what a failed sync put in doubt. */
  readonly hasTable: boolean
  readonly tableBytes: number
  readonly tableChecksum: number
}

/** What stood when the segment was begun: who the bits of `routes` are, what had been read, which stretches are damaged. */
export interface SourcesBlock {
  readonly sinks: readonly string[]
  readonly counts: ReadonlyMap<string, SourceCounts>
  readonly holes: readonly KnownHole[]
}

/** A stretch whose record is damaged. Closed ones are kept while the damage can still be met, so as not to be told again. */
export interface KnownHole {
  readonly generation: GenerationId
  readonly from: number
  readonly to: number
  readonly segment: number
  readonly isOpen: boolean
}

/** A generation in the checkpoint table: its newest checkpoint, and where its records began and end. */
export interface GenerationState {
  readonly checkpoint: Checkpoint
  readonly start: number
  readonly end: number
  readonly lastSequence: number
}

export interface SegmentHeader {
  readonly number: number
  readonly firstSequence: number
  readonly skippedSequences: number
  readonly createdAtMs: number
  readonly sources: SourcesBlock
  readonly table: Iterable<GenerationState> | undefined
}

export function encodeHeader(header: SegmentHeader): Buffer {
  const sources = encodeSources(header.sources)
  const table = header.table ? encodeTable(header.table) : Buffer.alloc(0)
  const writer = new ByteWriter(Buffer.alloc(preambleBytes + sources.length + table.length))
  writer.raw(segmentMagic)
  writer.u16(segmentVersion)
  writer.u8(checksumCrc32)
  writer.u8(header.table ? SegmentFlag.hasTable : 0)
  writer.u32(sources.length)
  writer.u32(crc32(sources))
  writer.u32(table.length)
  writer.u32(crc32(table))
  writer.u32(0)
  writer.u64(header.number)
  writer.u64(header.firstSequence)
  writer.u64(header.createdAtMs)
  writer.u32(Math.min(header.skippedSequences, 2 ** 32 - 1))
  writer.u32(crc32(writer.written))
  writer.raw(sources)
  writer.raw(table)
  return writer.written
}

/** `newer`: whole, and of a version that this program does not know. The preamble's layout never changes. */
export function decodePreamble(bytes: Buffer): Preamble | 'damaged' | { readonly newer: number } {
  if (bytes.length < preambleBytes || !bytes.subarray(0, 8).equals(segmentMagic)) return 'damaged'
  if (crc32(bytes.subarray(0, preambleBytes - 4)) !== bytes.readUInt32LE(preambleBytes - 4)) return 'damaged'
  const version = bytes.readUInt16LE(8)
  if (version > segmentVersion) return { newer: version }
  const reader = new ByteReader(bytes, 12)
  const [sourcesBytes, sourcesChecksum] = [reader.u32(), reader.u32()]
  const [tableBytes, tableChecksum] = [reader.u32(), reader.u32()]
  reader.at += 4
  return {
    hasTable: (bytes[11]! & SegmentFlag.hasTable) !== 0,
    sourcesBytes,
    sourcesChecksum,
    tableBytes,
    tableChecksum,
    number: reader.u64(),
    firstSequence: reader.u64(),
    createdAtMs: reader.u64(),
    skippedSequences: reader.u32(),
  }
}

function encodeSources(sources: SourcesBlock): Buffer {
  const writer = new ByteWriter()
  writer.u16(sources.sinks.length)
  for (const name of sources.sinks) writer.text16(name)
  writer.u32(sources.counts.size)
  for (const [source, counts] of sources.counts) {
    writer.text16(source)
    codec.putCounts(writer, counts)
  }
  writer.u32(sources.holes.length)
  for (const hole of sources.holes) {
    codec.putGenerationId(writer, hole.generation)
    writer.u64(hole.from)
    writer.u64(hole.to)
    writer.u64(hole.segment)
    writer.u8(hole.isOpen ? 1 : 0)
  }
  return writer.written
}

/** Undefined where the bytes are not what the preamble says. */
export function decodeSources(bytes: Buffer, preamble: Preamble): SourcesBlock | undefined {
  if (bytes.length !== preamble.sourcesBytes || crc32(bytes) !== preamble.sourcesChecksum) return undefined
  const reader = new ByteReader(bytes)
  const sinks = Array.from({ length: reader.u16() }, () => reader.text16())
  const counts = new Map<string, SourceCounts>()
  for (let left = reader.u32(); left > 0; left -= 1) counts.set(reader.text16(), codec.getCounts(reader))
  const holes = Array.from({ length: reader.u32() }, (): KnownHole => ({
    generation: codec.getGenerationId(reader),
    from: reader.u64(),
    to: reader.u64(),
    segment: reader.u64(),
    isOpen: reader.u8() === 1,
  }))
  return { sinks, counts, holes }
}

function encodeTable(table: Iterable<GenerationState>): Buffer {
  const writer = new ByteWriter(Buffer.allocUnsafe(64 * 1024))
  for (const { checkpoint, start, end, lastSequence } of table) {
    codec.putGenerationId(writer, checkpoint.generation)
    writer.text16(checkpoint.source)
    writer.u64(start)
    writer.u64(end)
    writer.u64(lastSequence)
    codec.putCheckpoint(writer, checkpoint)
  }
  return writer.written
}

export function decodeTable(bytes: Buffer, preamble: Preamble): GenerationState[] | undefined {
  if (bytes.length !== preamble.tableBytes || crc32(bytes) !== preamble.tableChecksum) return undefined
  const reader = new ByteReader(bytes)
  const table: GenerationState[] = []
  while (reader.at < bytes.length) {
    const generation = codec.getGenerationId(reader)
    const source = reader.text16()
    const [start, end, lastSequence] = [reader.u64(), reader.u64(), reader.u64()]
    table.push({ start, end, lastSequence, checkpoint: codec.getCheckpoint(reader, source, generation) })
  }
  return table
}
