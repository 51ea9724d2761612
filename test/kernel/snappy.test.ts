import assert from 'node:assert/strict'
import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { array, assert as check, constantFrom, integer, nat, oneof, property, uint8Array } from 'fast-check'
import { uncompressSync } from 'snappy'
import { Kernel } from '../../src/kernel/kernel.ts'
import { Snappy, snappyBound } from '../../src/kernel/snappy.ts'

const kernel = new Kernel()
const snappy = new Snappy(kernel)

function roundTrip(bytes: Uint8Array): Buffer {
  const packed = snappy.compress(bytes)
  assert.ok(packed.length <= snappyBound(bytes.length), `${packed.length} of ${bytes.length}`)
  const back = uncompressSync(packed, { asBuffer: true })
  assert.ok(Buffer.isBuffer(back) && back.equals(bytes))
  return packed
}

/** Bytes without a pattern, the same in every run. */
function noise(length: number): Buffer {
  const block = (index: number): Buffer => createHash('sha512').update(String(index)).digest()
  return Buffer.concat(Array.from({ length: (length >> 6) + 1 }, (_, index) => block(index))).subarray(
    0,
    length,
  )
}

test('what is compressed comes back, random and repetitive, tiny and large', () => {
  const piece = oneof(
    uint8Array({ maxLength: 90 }),
    constantFrom('{"level":"info",', '"msg":"done"}\n', 'aaaaaaaaaaaaaaaa', 'ab', '\0').map((text) =>
      Buffer.from(text),
    ),
  )
  check(property(array(piece, { maxLength: 150 }), (pieces) => void roundTrip(Buffer.concat(pieces))))
})

test('lengths around 64 KiB come back, and matches as far away as a copy reaches', () => {
  for (const length of [65_535, 65_536, 65_537, 131_071, 131_072, 131_073, 200_000]) {
    roundTrip(noise(length))
    roundTrip(Buffer.alloc(length, 'log '))
  }
  check(
    property(integer({ min: 65_500, max: 65_570 }), nat(40), (distance, length) => {
      const start = noise(distance)
      roundTrip(Buffer.concat([start, start.subarray(0, 4 + length), noise(30)]))
    }),
    { numRuns: 50 },
  )
})

test('what cannot be compressed grows by less than the bound says', () => {
  const packed = roundTrip(noise(1024 ** 2))
  assert.ok(packed.length < 1024 ** 2 + 64)
})

test('the shortest literals between the shortest copies are the worst case, and stay within the bound', () => {
  // Copies of 8 bytes from far away, each behind 61 bytes that occur nowhere else.
  const known = noise(40_000)
  const pieces = Array.from({ length: 300 }, (_, index) => {
    const fresh = createHash('sha512').update(`fresh ${index}`).digest().subarray(0, 61)
    return Buffer.concat([fresh, known.subarray(index * 70, index * 70 + 8)])
  })
  roundTrip(Buffer.concat([known, ...pieces]))
})

test('nothing is written outside of the output, and equal input gives equal output', () => {
  const own = new Kernel()
  const input = own.reserve(5000)
  const before = own.reserve(64)
  const output = own.reserve(snappyBound(5000))
  const after = own.reserve(64)
  own.bytes.fill(0xaa, before, before + 64)
  own.bytes.fill(0xaa, after, after + 64)
  const body = noise(5000)
  own.bytes.set(body, input)
  const end = own.functions.snappyCompress(input, input + 5000, output)
  const first = Buffer.from(own.bytes.subarray(output, end))
  assert.ok(own.bytes.subarray(before, before + 64).every((byte) => byte === 0xaa))
  assert.ok(own.bytes.subarray(after, after + 64).every((byte) => byte === 0xaa))
  snappy.compress(Buffer.alloc(100_000, 'another body'))
  assert.deepEqual(snappy.compress(body), first)
})
