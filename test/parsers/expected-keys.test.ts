import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExpectedKeys, expectedKeyBytes } from '../../src/parsers/expected-keys.ts'

test('what does not fit, or can only stand escaped, is not expected', () => {
  const keys = new ExpectedKeys()
  keys.expect(0, 7, Buffer.from('time'))
  assert.deepEqual([keys.lengths[0], keys.ids[0]], [4, 7])
  assert.equal(Buffer.from(keys.texts.subarray(0, 4)).toString(), 'time')
  keys.expect(0, 8, Buffer.alloc(expectedKeyBytes + 1))
  assert.equal(keys.lengths[0], -1)
  keys.expect(1, 9, undefined)
  assert.equal(keys.lengths[1], -1)
  keys.expect(keys.lengths.length, 1, Buffer.from('a'))
  keys.expect(2, 1, Buffer.alloc(0))
  assert.equal(keys.lengths[2], 0)
  keys.clear()
  assert.ok(keys.lengths.every((length) => length === -1))
})
