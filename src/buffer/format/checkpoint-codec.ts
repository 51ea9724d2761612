import { Buffer } from 'node:buffer'
import type { Checkpoint, GenerationId, LossReason, PendingRange } from '../../core/chunk.ts'
import type { SourceCounts } from '../../core/ledger.ts'
import type { ByteReader, ByteWriter } from './bytes.ts'
import { generationBytes, putGeneration } from './generation-id.ts'

/** The numbers are stored on disk: never renumber. */
const lossReasons: readonly LossReason[] = ['truncated', 'replaced', 'deleted', 'damaged', 'sink_removed']

/** An upper bound of what `putCheckpoint` writes. */
export function checkpointBound(checkpoint: Checkpoint): number {
  let bytes = 128 + 3 * (checkpoint.path.length + checkpoint.parser.length) + checkpoint.mark.length
  for (const range of checkpoint.pending) bytes += 32 + 3 * range.stream.length
  return bytes
}

export function putCheckpoint(writer: ByteWriter, checkpoint: Checkpoint): void {
  writer.text16(checkpoint.path)
  // Device and inode as doubles: exactly what JavaScript knows of them.
  writer.f64(checkpoint.device)
  writer.f64(checkpoint.inode)
  writer.u32(checkpoint.headLength)
  writer.u32(checkpoint.headHash)
  writer.u16(checkpoint.mark.length)
  writer.raw(checkpoint.mark)
  writer.u64(checkpoint.offset)
  writer.u16(checkpoint.pending.length)
  for (const range of checkpoint.pending) putPending(writer, range)
  writer.text16(checkpoint.parser)
  writer.u32(checkpoint.lastTime.seconds)
  writer.u32(checkpoint.lastTime.nanos)
  writer.u64(checkpoint.lastBump)
  writer.u64(checkpoint.goneAtMs)
}

export function getCheckpoint(reader: ByteReader, source: string, generation: GenerationId): Checkpoint {
  return {
    source,
    generation,
    path: reader.text16(),
    device: reader.f64(),
    inode: reader.f64(),
    headLength: reader.u32(),
    headHash: reader.u32(),
    mark: reader.raw(reader.u16()),
    offset: reader.u64(),
    pending: Array.from({ length: reader.u16() }, () => getPending(reader)),
    parser: reader.text16(),
    lastTime: { seconds: reader.u32(), nanos: reader.u32() },
    lastBump: reader.u64(),
    goneAtMs: reader.u64(),
  }
}

export function putLostBytes(writer: ByteWriter, lostBytes: SourceCounts['lostBytes']): void {
  const entries = lossReasons.flatMap((reason, code) => (lostBytes[reason] ? [{ code, reason }] : []))
  writer.u8(entries.length)
  for (const { code, reason } of entries) {
    writer.u8(code)
    writer.u64(lostBytes[reason]!)
  }
}

export function getLostBytes(reader: ByteReader): SourceCounts['lostBytes'] {
  const lostBytes: SourceCounts['lostBytes'] = {}
  for (let left = reader.u8(); left > 0; left -= 1) {
    const reason = lossReasons[reader.u8()]
    const bytes = reader.u64()
    if (reason) lostBytes[reason] = bytes
  }
  return lostBytes
}

export function putCounts(writer: ByteWriter, counts: SourceCounts): void {
  writer.u64(counts.readBytes)
  writer.u64(counts.readEvents)
  writer.u64(counts.parseErrors)
  putLostBytes(writer, counts.lostBytes)
}

export const getCounts = (reader: ByteReader): SourceCounts => ({
  readBytes: reader.u64(),
  readEvents: reader.u64(),
  parseErrors: reader.u64(),
  lostBytes: getLostBytes(reader),
})

export function putGenerationId(writer: ByteWriter, generation: GenerationId): void {
  const bytes = Buffer.allocUnsafe(generationBytes)
  putGeneration(bytes, 0, generation)
  writer.raw(bytes)
}

export const getGenerationId = (reader: ByteReader): GenerationId => reader.hex(generationBytes)

function putPending(writer: ByteWriter, range: PendingRange): void {
  putGenerationId(writer, range.generation)
  writer.u64(range.from)
  writer.u64(range.to)
  writer.text16(range.stream)
}

const getPending = (reader: ByteReader): PendingRange => ({
  generation: getGenerationId(reader),
  from: reader.u64(),
  to: reader.u64(),
  stream: reader.text16(),
})
