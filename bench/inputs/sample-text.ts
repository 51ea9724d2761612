import type { LogFormat } from '../formats/log-format.ts'
import { Random } from './random.ts'

const seed = 42

/** About so many bytes of a format's lines, each with its newline: always the same ones. For benchmarks of one part. */
export function sampleText(format: LogFormat, bytes: number): string {
  const next = format.writer(new Random(seed))
  const lines: string[] = []
  for (let size = 0; size < bytes; size += lines.at(-1)!.length) lines.push(`${next()}\n`)
  return lines.join('')
}
