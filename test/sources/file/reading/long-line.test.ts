import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { cutAtCharacter } from '../../../../src/core/line-form.ts'
import { cutBlocks } from '../../../../src/sources/file/reading/long-line.ts'

interface Piece {
  readonly text: string
  readonly to: number
  readonly truncated: boolean
}

/** The obvious way, line by line. */
function naive(data: Buffer, max: number): Piece[] {
  const found: Piece[] = []
  let at = 0
  for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10, at)) {
    const text = data.subarray(at, end).toString('latin1')
    const content = text.replace(/^\0+/, '').replace(/\r$/, '')
    const truncated = content.length > max
    found.push({ text: truncated ? content.slice(0, max) : text, to: end + 1, truncated })
    at = end + 1
  }
  return found
}

function pieces(data: Buffer, max: number): Piece[] {
  const { blocks, restAt } = cutBlocks(data, 0, max)
  assert.equal(restAt, data.lastIndexOf(10) + 1)
  let at = 0
  return blocks.flatMap((block) => {
    assert.equal(block.from, at, 'no gap between blocks')
    at = block.to
    const bytes = Buffer.from(block.bytes)
    if (block.truncated) return [{ text: bytes.toString('latin1'), to: block.to, truncated: true }]
    return naive(bytes, Infinity).map((piece) => ({ ...piece, to: piece.to + block.from }))
  })
}

test('blocks hold every line once, cut exactly where it is too long', () => {
  const byte = fc.constantFrom(10, 10, 0, 13, 97, 98)
  const data = fc.array(byte, { maxLength: 200 }).map((bytes) => Buffer.from(bytes))
  fc.assert(
    fc.property(data, fc.integer({ min: 1, max: 30 }), (bytes, max) => {
      assert.deepEqual(pieces(bytes, max), naive(bytes, max))
    }),
    { numRuns: 2000 },
  )
})

test('a cut keeps whole characters, and never loses more than one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.nat({ max: 40 }), (text, max) => {
      const bytes = Buffer.from(text)
      const cut = cutAtCharacter(bytes, 0, Math.max(max, 4))
      assert.ok(text.startsWith(Buffer.from(cut).toString()))
      assert.ok(cut.length > Math.min(Math.max(max, 4), bytes.length) - 4)
    }),
  )
})

test('bytes that are no UTF-8 are cut at the bound', () => {
  const bytes = Buffer.alloc(100, 0x80)
  assert.equal(cutAtCharacter(bytes, 0, 50).length, 50)
})
