import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { StreamLines, type StreamLine, type StreamUnits } from '../../src/sources/stream-lines.ts'

async function split(
  bytes: Buffer,
  sizes: readonly number[],
  maxLineBytes: number,
  units?: StreamUnits,
): Promise<StreamLine[]> {
  const stream = new StreamLines(maxLineBytes, units)
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

test('lines of UTF-16 are the same for any way in which the bytes arrive, their places in bytes', async () => {
  const unit = fc.oneof(fc.constant(10), fc.constantFrom(0x0a0a, 0x010a, 0x0a00, 0xd83d, 0xdca9, 65))
  const input = fc.array(unit, { maxLength: 100 })
  const sizes = fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(
      input,
      sizes,
      fc.constantFrom<StreamUnits>('utf-16le', 'utf-16be'),
      async (units, parts, name) => {
        const text = String.fromCharCode(...units)
        const little = Buffer.from(text, 'utf16le')
        const lines = await split(name === 'utf-16le' ? little : little.swap16(), parts, 12, name)
        const wanted = text.split('\n')
        if (wanted.at(-1) === '') wanted.pop()
        assert.deepEqual(
          lines.map((line) => line.text),
          wanted.map((line) => line.slice(0, 6)),
        )
        let at = 0
        for (const [index, { from, to, partial }] of lines.entries()) {
          assert.equal(from, at)
          at += 2 * wanted[index]!.length + (partial ? 0 : 2)
          assert.equal(to, at)
        }
      },
    ),
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
