import assert from 'node:assert/strict'
import { test } from 'node:test'
import { poolFor } from '../../../src/sources/file/descriptors.ts'

test('at a low limit of descriptors the log files leave enough for sockets and the rest of the process', () => {
  assert.equal(poolFor(256, Infinity), 256)
  assert.equal(poolFor(256, 1024), 256)
  assert.equal(poolFor(256, 256), 128)
  assert.equal(poolFor(256, 160), 32)
  assert.equal(poolFor(256, 64), 8)
})
