import type { Label, Push, PushEntry } from './push.ts'

/**
 * `logproto.PushRequest` written by hand (pkg/push/push.proto of Loki 3.7.8):
 *
 *   PushRequest   1: StreamAdapter
 *   StreamAdapter 1: labels text, 2: EntryAdapter (repeated)
 *   EntryAdapter  1: Timestamp { 1: seconds, 2: nanos }, 2: line, 3: LabelPair { 1: name, 2: value } (repeated)
 *
 * A general protobuf library makes an object per entry and copies each line twice; this writes it once. The stream's
 * length is known only after its entries, so its header is written last, right before them.
 */
export class PushProtobuf {
  #bytes = Buffer.allocUnsafeSlow(64 * 1024)

  /** The message as bytes; they are valid until the next call. */
  encode(push: Push): Uint8Array {
    const start = headBytes(push.labels.text)
    this.#reserve(start + push.entries.reduce((sum, entry) => sum + entryBound(entry), 0))
    const bytes = this.#bytes
    let at = start
    for (const entry of push.entries) at = writeEntry(bytes, at, entry)
    return bytes.subarray(writeHead(bytes, push.labels.text, start, at), at)
  }

  #reserve(length: number): void {
    if (this.#bytes.length >= length) return
    this.#bytes = Buffer.allocUnsafeSlow(Math.max(length, this.#bytes.length * 2))
  }
}

/** Metadata as fields 3 of an entry, made once for all entries that share it. */
export function encodeMetadata(pairs: readonly Label[]): Uint8Array {
  const bytes = Buffer.alloc(pairs.reduce((sum, pair) => sum + pairFieldBound(pair), 0))
  let at = 0
  for (const pair of pairs) at = writePair(bytes, at, pair)
  return bytes.subarray(0, at)
}

/** Room for what stands before the entries: the text of the labels, and lengths. */
export function headBytes(labels: string): number {
  return 16 + Buffer.byteLength(labels)
}

/** Writes what stands before the entries `[start, end)`, right before them, and returns where that begins. */
export function writeHead(bytes: Buffer, labels: string, start: number, end: number): number {
  const length = Buffer.byteLength(labels)
  const labelsField = 1 + varintLength(length) + length
  const streamLength = labelsField + end - start
  const first = start - labelsField - varintLength(streamLength) - 1
  writeText(bytes, writeVarint(bytes, writeTag(bytes, first, 1), streamLength), 1, labels)
  return first
}

/** Tags, lengths and a timestamp take 33 bytes at most. */
const entryOverhead = 40

/** An upper estimate of what the entry takes. */
export function entryBound({ line, metadata }: PushEntry): number {
  let length = line.length + metadata.shared.protobuf.length + entryOverhead
  for (const pair of metadata.own) length += pairFieldBound(pair)
  return length
}

/** Writes the entry as field 2 of a StreamAdapter, and returns the end. */
export function writeEntry(bytes: Buffer, start: number, entry: PushEntry): number {
  const { seconds, nanos, line, metadata } = entry
  const { protobuf } = metadata.shared
  const timeLength = 2 + varintLength(seconds) + varintLength(nanos)
  const lineLength = line.length
  let length = 2 + timeLength + 1 + varintLength(lineLength) + lineLength + protobuf.length
  for (const pair of metadata.own) length += pairFieldLength(pair)
  let at = writeVarint(bytes, writeTag(bytes, start, 2), length)
  bytes[at++] = 0x0a
  bytes[at++] = timeLength
  bytes[at++] = 0x08
  at = writeVarint(bytes, at, seconds)
  bytes[at++] = 0x10
  at = writeVarint(bytes, at, nanos)
  at = writeVarint(bytes, writeTag(bytes, at, 2), lineLength)
  bytes.set(line, at)
  at += lineLength
  if (protobuf.length > 0) bytes.set(protobuf, at)
  at += protobuf.length
  for (const pair of metadata.own) at = writePair(bytes, at, pair)
  return at
}

function pairFieldBound([name, value]: Label): number {
  return 18 + (name.length + value.length) * 3
}

function pairLength([name, value]: Label): number {
  const nameLength = Buffer.byteLength(name)
  const valueLength = Buffer.byteLength(value)
  return 2 + varintLength(nameLength) + nameLength + varintLength(valueLength) + valueLength
}

function pairFieldLength(pair: Label): number {
  const length = pairLength(pair)
  return 1 + varintLength(length) + length
}

function writePair(bytes: Buffer, start: number, pair: Label): number {
  const at = writeVarint(bytes, writeTag(bytes, start, 3), pairLength(pair))
  return writeText(bytes, writeText(bytes, at, 1, pair[0]), 2, pair[1])
}

function writeText(bytes: Buffer, start: number, field: number, text: string): number {
  const length = Buffer.byteLength(text)
  const at = writeVarint(bytes, writeTag(bytes, start, field), length)
  if (length === text.length && length <= 40) {
    // ASCII; below some forty characters the loop is cheaper than the call into the native writer.
    for (let index = 0; index < length; index++) bytes[at + index] = text.charCodeAt(index)
  } else bytes.write(text, at)
  return at + length
}

/** The tag of a length-delimited field. */
function writeTag(bytes: Buffer, at: number, field: number): number {
  bytes[at] = (field << 3) | 2
  return at + 1
}

/** `value` is 0 to 2^32-1: `>>>` keeps it unsigned where `>>` would go negative in 2038. */
function writeVarint(bytes: Buffer, start: number, value: number): number {
  let at = start
  let rest = value
  while (rest > 0x7f) {
    bytes[at++] = (rest & 0x7f) | 0x80
    rest >>>= 7
  }
  bytes[at++] = rest
  return at
}

function varintLength(value: number): number {
  if (value < 0x80) return 1
  if (value < 0x4000) return 2
  if (value < 0x20_0000) return 3
  return value < 0x1000_0000 ? 4 : 5
}
