import type { LineBlock } from '../lanes/lane.ts'
import type { Io } from './io.ts'

const newline = 0x0a

/** The bytes of the lines, each with its newline: from the arguments, or from stdin without any or with `-`. */
export async function readLines(words: readonly string[], io: Io): Promise<Uint8Array> {
  const isFromStdin = words.length === 0 || (words.length === 1 && words[0] === '-')
  if (!isFromStdin) return Buffer.from(words.map((word) => `${word}\n`).join(''))
  if (io.stdin.isTTY === true) io.stderr.write('Lines of a log, please; Ctrl-D ends them.\n')
  const parts: Buffer[] = []
  for await (const part of io.stdin)
    parts.push(typeof part === 'string' ? Buffer.from(part) : Buffer.from(part))
  const bytes = Buffer.concat(parts)
  return bytes.length > 0 && bytes.at(-1) !== newline ? Buffer.concat([bytes, Buffer.from('\n')]) : bytes
}

/** What a source would hand to its lane: whole lines together, a line beyond `maxLineBytes` cut and alone. */
export function toBlocks(bytes: Uint8Array, maxLineBytes: number): LineBlock[] {
  const blocks: LineBlock[] = []
  let blockFrom = 0
  for (let from = 0; from < bytes.length;) {
    const to = bytes.indexOf(newline, from) + 1 || bytes.length
    if (to - 1 - from > maxLineBytes) {
      if (from > blockFrom) blocks.push({ bytes: bytes.subarray(blockFrom, from), from: blockFrom, to: from })
      const end = characterStart(bytes, from + maxLineBytes)
      blocks.push({ bytes: bytes.subarray(from, end), from, to, truncated: true })
      blockFrom = to
    }
    from = to
  }
  if (blockFrom < bytes.length)
    blocks.push({ bytes: bytes.subarray(blockFrom), from: blockFrom, to: bytes.length })
  return blocks
}

/** The last place up to `at` where a UTF-8 character begins, so that none is cut in two. */
function characterStart(bytes: Uint8Array, at: number): number {
  let start = at
  while (start > at - 4 && (bytes[start]! & 0xc0) === 0x80) start -= 1
  return start
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
