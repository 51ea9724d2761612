import assert from 'node:assert/strict'
import { test } from 'node:test'
import { growNursery, nurseryBytes } from '../../src/platform/nursery.ts'

const mebibyte = 1024 ** 2

test('the nursery grows to 8 MiB, and no further whatever survives afterwards', () => {
  growNursery()
  const grown = nurseryBytes()
  assert.ok(grown >= 8 * mebibyte, `${grown}`)
  const kept = Array.from({ length: 500_000 }, (_, index) => ({ index }))
  assert.equal(nurseryBytes(), grown)
  assert.equal(kept.length, 500_000)
})
