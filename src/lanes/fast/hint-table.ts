import { Buffer } from 'node:buffer'
import * as layout from '../../kernel/wasm/step-layout.ts'
import { card } from '../../steps/redaction/hints.ts'
import type { HintText } from '../../steps/redaction/hints.ts'
import type { KernelWords } from './kernel-words.ts'

const bucketCount = 8
/** Short texts leave the places behind them open. */
const lookedAt = [layout.hintFirstLow, layout.hintSecondLow, layout.hintThirdLow]
const anyByte = Array.from({ length: 256 }, (_, byte) => byte)
const digits = Array.from({ length: 10 }, (_, digit) => 0x30 + digit)

/** Writes the table that `kernel/wasm/hints.ts` looks texts up in; returns where it stands. */
export function writeHints(hints: readonly HintText[], write: KernelWords): number {
  const buckets = bucketsOf(hints)
  const bytes = Buffer.alloc(layout.hintBuckets + bucketCount * layout.hintBucketBytes)
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const texts = buckets[bucket] ?? []
    for (const text of texts)
      lookedAt.forEach((low, place) => {
        for (const byte of bytesAt(text, place)) {
          bytes[low + (byte & 15)]! |= 1 << bucket
          bytes[low + layout.hintHighBytes + (byte >> 4)]! |= 1 << bucket
        }
      })
    const list = texts.flatMap((text) => entryOf(text, write))
    const at = write.words([texts.length, ...list])
    bytes.writeUInt32LE(at, layout.hintBuckets + bucket * layout.hintBucketBytes)
  }
  const at = write.kernel.reserve(bytes.length)
  write.kernel.bytes.set(bytes, at)
  return at
}

/** As `kernel/wasm/step-layout.ts` has it. */
function entryOf(text: HintText, write: KernelWords): readonly number[] {
  if (text === card) return [0, layout.cardLength, 0, 0, 0]
  const start = Buffer.alloc(4)
  const small = Buffer.alloc(4)
  const mask = Buffer.alloc(4)
  start.write(text)
  for (let place = 0; place < Math.min(4, text.length); place++) {
    small[place] = isLetter(start[place]!) ? 0x20 : 0
    mask[place] = 0xff
  }
  return [...write.text(text), ...[start, small, mask].map((bytes) => bytes.readUInt32LE())]
}

/**
 * Texts that are alike share a bucket: the fewer bytes one has at each place, the less is compared in vain (2.2 µs a line with
 * the texts as they come, 1.0 so).
 */
function bucketsOf(hints: readonly HintText[]): readonly (readonly HintText[])[] {
  const buckets: HintText[][] = Array.from({ length: bucketCount }, () => [])
  // What is short first: it opens whole places.
  const texts = [...new Set(hints)].sort((a, b) => lengthOf(a) - lengthOf(b))
  for (const text of texts) {
    const costs = buckets.map((bucket) => costOf([...bucket, text]) - costOf(bucket))
    buckets[costs.indexOf(Math.min(...costs))]!.push(text)
  }
  return buckets
}

const lengthOf = (text: HintText): number => (text === card ? 0 : text.length)

/** How many of the low halves of three bytes pass. */
function costOf(bucket: readonly HintText[]): number {
  if (bucket.length === 0) return 0
  return lookedAt.reduce((product, _, place) => {
    const bytes = bucket.flatMap((text) => bytesAt(text, place))
    return (
      product * new Set(bytes.map((byte) => byte & 15)).size * new Set(bytes.map((byte) => byte >> 4)).size
    )
  }, bucket.length)
}

function bytesAt(hint: HintText, place: number): readonly number[] {
  if (hint === card) return place === 0 ? digits : [...digits, 0x20, 0x2d]
  const byte = Buffer.from(hint)[place]
  if (byte === undefined) return anyByte
  return isLetter(byte) ? [byte, byte - 0x20] : [byte]
}

const isLetter = (byte: number): boolean => byte >= 0x61 && byte <= 0x7a
