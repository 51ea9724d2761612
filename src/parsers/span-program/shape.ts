import { asciiRangeOf } from './character-set.ts'
import type { ByteRange } from './instruction.ts'
import type { PatternNode } from './pattern-tree.ts'

/** Bytes of a line that are compared at once: a vector. */
export const shapeLength = 16

/** The bytes of a part that is always of one length, each of one range; `undefined` if it is no such part. */
export function shapeOf(part: PatternNode): ByteRange[] | undefined {
  if (part.kind === 'bytes') return Array.from(part.bytes, (byte) => ({ from: byte, to: byte }))
  if (part.kind === 'character') {
    const range = asciiRangeOf(part.set)
    return range && [range]
  }
  // Longer ones are a run of 16 bytes a step too, and one instruction.
  if (part.kind !== 'repetition' || part.least !== part.most || part.most > shapeLength) return undefined
  const one = part.body.kind === 'character' ? shapeOf(part.body) : undefined
  return one && Array.from({ length: part.most }, () => one).flat()
}
