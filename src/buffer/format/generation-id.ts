import type { Buffer } from 'node:buffer'
import type { GenerationId } from '../../core/chunk.ts'

export const generationBytes = 12

/** Writes the 24 hex digits of a generation as 12 bytes; returns where they end. */
export function putGeneration(target: Buffer, at: number, generation: GenerationId): number {
  const written = target.write(generation, at, generationBytes, 'hex')
  // A shorter id would be stored as another one, and two files would become one.
  if (written !== generationBytes || generation.length !== 2 * generationBytes) {
    throw new RangeError(`a generation id has 24 hex digits: ${generation}`)
  }
  return at + generationBytes
}

export const getGeneration = (bytes: Buffer, at: number): GenerationId =>
  bytes.toString('hex', at, at + generationBytes)
