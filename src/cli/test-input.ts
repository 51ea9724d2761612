import { encodingByMark, formOf } from '../core/encoding.ts'
import type { Encoding } from '../core/encoding.ts'
import type { LineBlock } from '../lanes/lane.ts'
import { cutBlocks } from '../sources/file/reading/long-line.ts'
import type { Io } from './io.ts'

export interface TestInput {
  readonly bytes: Uint8Array
  /** Words of the command line: UTF-8, whatever the encoding of the source is. */
  readonly isText: boolean
}

/** The bytes of the lines: from the arguments, or from stdin without any or with `-`. */
export async function readLines(words: readonly string[], io: Io): Promise<TestInput> {
  const isFromStdin = words.length === 0 || (words.length === 1 && words[0] === '-')
  if (!isFromStdin) return { bytes: Buffer.from(words.map((word) => `${word}\n`).join('')), isText: true }
  if (io.stdin.isTTY === true) io.stderr.write('Lines of a log, please; Ctrl-D ends them.\n')
  const parts: Buffer[] = []
  for await (const part of io.stdin)
    parts.push(typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))
  return { bytes: Buffer.concat(parts), isText: false }
}

/** What a source would hand to its lane: whole lines together, a line beyond `maxLineBytes` cut and alone. */
export function toBlocks(
  { bytes, isText }: TestInput,
  maxLineBytes: number,
  configured?: Encoding,
): LineBlock[] {
  const encoding = isText ? undefined : encodingByMark(bytes, configured).encoding
  const { blocks, restAt } = cutBlocks(bytes, 0, maxLineBytes, encoding)
  if (restAt === bytes.length) return [...blocks]
  // The last line counts as whole, as if its newline were there.
  const form = formOf(encoding)
  const line = bytes.subarray(restAt)
  const truncated = line.length > maxLineBytes
  const cut = truncated ? form.cut(line, 0, maxLineBytes) : line
  return [...blocks, { bytes: cut, from: restAt, to: bytes.length + form.unitBytes, encoding, truncated }]
}

/** A path that the first include would match, for sources that read files; '' for the others. */
export function examplePath(include: unknown): string {
  const [first] = Array.isArray(include) ? include : []
  if (typeof first !== 'string') return ''
  return first
    .replaceAll('**/', '')
    .replaceAll(/\{([^,}]*)[^}]*\}/g, '$1')
    .replaceAll(/\[[^\]]*\]|\?/g, 'x')
    .replaceAll(/\*+/g, 'example')
}
