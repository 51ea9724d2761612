import { Buffer } from 'node:buffer'
import type { Kernel } from '../../../kernel/kernel.ts'

export interface Field {
  /** As it is looked up. */
  readonly name: string
  /** As it is sent. */
  readonly key: string
}

/** The kernel keeps its choice of fields in the bits of a number. */
export const mostFields = 32

/** What the agent finds itself; everything else is a member. */
const kinds: Readonly<Record<string, number>> = { level: 1, trace_id: 2, span_id: 3 }

/** What JSON may write as a backslash and one character. */
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const shortlyEscaped = /[\0-\x1f"/\\]/

const headBytes = 16
const fieldBytes = 32

/** Writes fields, `mostFields` at most, as `src/kernel/wasm/loki/fields.ts` reads them, and returns their address. */
export function writeFields(kernel: Kernel, fields: readonly Field[]): number {
  const head = Buffer.alloc(headBytes + fields.length * fieldBytes)
  const texts = fields.map(({ name, key }) => [Buffer.from(name), Buffer.from(key)] as const)
  const total = texts.reduce((sum, [name, key]) => sum + name.length + key.length, head.length)
  const list = kernel.reserve(total)
  let textAt = list + head.length
  head.writeUInt32LE(fields.length, 0)
  if (fields.some(({ name }) => shortlyEscaped.test(name))) head.writeUInt32LE(1, 4)
  for (const [index, [name, key]] of texts.entries()) {
    const at = headBytes + index * fieldBytes
    const numbers = [kinds[fields[index]!.name] ?? 0, textAt, name.length, textAt + name.length, key.length]
    for (const [place, number] of numbers.entries()) head.writeUInt32LE(number, at + 4 * place)
    name.copy(kernel.bytes, textAt)
    key.copy(kernel.bytes, textAt + name.length)
    textAt += name.length + key.length
  }
  head.copy(kernel.bytes, list)
  return list
}
