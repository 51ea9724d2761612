import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { StreamLines, type StreamLine } from '../../src/sources/stream-lines.ts'

async function split(bytes: Buffer, sizes: readonly number[], maxLineBytes: number): Promise<StreamLine[]> {
  const stream = new StreamLines(maxLineBytes)
  const lines: StreamLine[] = []
  let at = 0
  for (const size of [...sizes, bytes.length]) {
    lines.push(...stream.push(bytes.subarray(at, at + size)))
    at += size
  }
  return [...lines, ...(await stream.end())]
}

/** The obvious way, with everything in memory. */
function naive(bytes: Buffer, maxLineBytes: number): StreamLine[] {
  const lines: StreamLine[] = []
  for (let from = 0; from < bytes.length; from = lines.at(-1)!.to) {
    const end = bytes.indexOf(10, from)
    const line = bytes.subarray(from, end < 0 ? bytes.length : end).toString('latin1')
    const text = line.slice(0, maxLineBytes)
    const to = end < 0 ? bytes.length : end + 1
    lines.push({ text, from, to, truncated: text.length < line.length, partial: end < 0 })
  }
  return lines
}

test('lines, offsets and cuts are the same for any way in which the bytes arrive', async () => {
  const byte = fc.oneof(fc.constant(10), fc.integer({ min: 0, max: 255 }))
  const input = fc.array(byte, { maxLength: 400 }).map((bytes) => Buffer.from(bytes))
  const sizes = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(input, sizes, fc.integer({ min: 1, max: 40 }), async (bytes, parts, maxLineBytes) => {
      assert.deepEqual(await split(bytes, parts, maxLineBytes), naive(bytes, maxLineBytes))
    }),
    { numRuns: 300 },
  )
})

test('many lines in one read, and a line of 100 MB that is not kept', () => {
  const stream = new StreamLines(1000)
  assert.equal(stream.push(Buffer.from('x\n'.repeat(50_000))).length, 50_000)
  const part = Buffer.alloc(1024 * 1024, 'y')
  for (let count = 0; count < 100; count++) assert.deepEqual(stream.push(part), [])
  const [line] = stream.push(Buffer.from('\n'))
  assert.equal(line!.text.length, 1000)
  assert.equal(line!.to - line!.from, 100 * 1024 * 1024 + 1)
  assert.equal(line!.truncated, true)
})
