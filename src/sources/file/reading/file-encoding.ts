import { encodingByMark, formOf } from '../../../core/encoding.ts'
import type { Encoding } from '../../../core/encoding.ts'
import type { LineForm } from '../../../core/line-form.ts'
import type { Generation } from '../generation.ts'

const longestMark = 3

/**
 * Looks at the file's first bytes for a byte order mark, once for each generation. They come with its first read; where
 * an earlier run has read them, they are read again. Its file is open.
 */
export async function learnEncoding(
  generation: Generation,
  first?: Uint8Array,
): Promise<Encoding | undefined> {
  if (generation.isEncodingSure) return generation.encoding
  const beginning = first ?? (await beginningOf(generation))
  const { encoding, isSure } = encodingByMark(beginning, generation.source.lane.encoding)
  generation.encoding = encoding
  generation.isEncodingSure = isSure
  return encoding
}

async function beginningOf(generation: Generation): Promise<Uint8Array> {
  const bytes = new Uint8Array(longestMark)
  const count = await generation.file!.read(bytes, 0, longestMark, 0)
  return bytes.subarray(0, count)
}

export const lineFormOf = (generation: Generation): LineForm => formOf(generation.encoding)
