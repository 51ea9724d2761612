import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { array, assert as check, asyncProperty, constantFrom, integer, oneof, uint8Array } from 'fast-check'
import { Gzip, sliceBytes } from '../../src/kernel/gzip.ts'
import { Kernel } from '../../src/kernel/kernel.ts'

const gzip = new Gzip()

async function roundTrip(bytes: Uint8Array): Promise<Buffer> {
  const packed = await gzip.compress(bytes)
  assert.ok(gunzipSync(packed).equals(bytes))
  return packed
}

/** Bytes without a pattern, the same in every run. */
function noise(length: number, salt = ''): Buffer {
  const block = (index: number): Buffer => createHash('sha512').update(`${salt}${index}`).digest()
  return Buffer.concat(Array.from({ length: (length >> 6) + 1 }, (_, index) => block(index))).subarray(
    0,
    length,
  )
}

test('what is compressed comes back, random and repetitive, tiny and large', async () => {
  const texts = ['{"level":"info",', '"msg":"done"}\n', 'a'.repeat(300), 'ab', '\0', 'f3a9'].map((text) =>
    Buffer.from(text),
  )
  const piece = oneof(uint8Array({ maxLength: 90 }), constantFrom(...texts))
  await check(
    asyncProperty(array(piece, { maxLength: 200 }), async (pieces) => {
      await roundTrip(Buffer.concat(pieces))
    }),
  )
})

test('matches reach back over the borders of slices, as far as 32 KiB', async () => {
  await check(
    asyncProperty(
      integer({ min: 32_700, max: 32_800 }),
      integer({ min: -300, max: 300 }),
      async (distance, shift) => {
        const body = noise(sliceBytes + 40_000)
        const at = sliceBytes + shift
        body.copy(body, at, at - distance, at - distance + 200)
        await roundTrip(body)
      },
    ),
    { numRuns: 15 },
  )
  for (const length of [sliceBytes - 1, sliceBytes, sliceBytes + 1, 2 * sliceBytes, 3 * sliceBytes + 17]) {
    await roundTrip(Buffer.alloc(length, 'a line of a log\n'))
  }
})

test('codes that want to be deeper than the format allows are made to fit', async () => {
  // Frequencies as in Fibonacci's row give the deepest tree: 24 symbols want codes of 23 bits.
  const symbols: number[] = []
  let [count, next] = [1, 1]
  for (let symbol = 0; symbol < 24; symbol++) {
    for (let times = 0; times < count; times++) symbols.push(symbol * 9)
    ;[count, next] = [next, count + next]
  }
  // Shuffled, so that no matches take the place of the literals.
  const order = noise(symbols.length * 4)
  const shuffled = symbols
    .map((symbol, index) => [order.readUInt32LE(index * 4), symbol] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, symbol]) => symbol)
  const packed = await roundTrip(Buffer.from(shuffled))
  assert.ok(packed.length < shuffled.length * 0.5)
})

test('more matches than one block holds go into several', async () => {
  const words = Array.from({ length: 40 }, (_, index) => noise(7, `word ${index}`))
  const picks = noise(60_000, 'picks')
  await roundTrip(Buffer.concat([...picks].map((pick) => words[pick % 40]!)))
})

test('what cannot be compressed is stored, and grows by less than the bound says', async () => {
  const packed = await roundTrip(noise(3 * sliceBytes))
  assert.ok(packed.length < 3 * sliceBytes + 3 * 64)
  await roundTrip(noise(1))
  await roundTrip(Buffer.alloc(0))
})

test('bodies that are compressed at the same time do not mix, and equal ones give equal bytes', async () => {
  const bodies = [noise(700_000), Buffer.alloc(600_000, 'text of a line '), noise(300_000, 'other')]
  const together = await Promise.all(bodies.map((body) => gzip.compress(body)))
  for (const [index, body] of bodies.entries()) {
    assert.ok(gunzipSync(together[index]!).equals(body))
    assert.ok((await gzip.compress(body)).equals(together[index]!))
  }
})

test('nothing is written outside of the output', () => {
  const kernel = new Kernel()
  const input = kernel.reserve(100_000)
  const before = kernel.reserve(64)
  const output = kernel.reserve(100_000 + (100_000 >> 12) + 64)
  const after = kernel.reserve(64)
  kernel.bytes.fill(0xaa, before, before + 64)
  kernel.bytes.fill(0xaa, after, after + 64)
  for (const body of [noise(100_000), Buffer.alloc(100_000, 'log')]) {
    kernel.bytes.set(body, input)
    kernel.functions.deflateStart()
    kernel.functions.deflateSlice(input, input + body.length, output, true)
  }
  assert.ok(kernel.bytes.subarray(before, before + 64).every((byte) => byte === 0xaa))
  assert.ok(kernel.bytes.subarray(after, after + 64).every((byte) => byte === 0xaa))
})
