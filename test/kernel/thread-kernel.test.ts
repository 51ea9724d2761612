import assert from 'node:assert/strict'
import { test } from 'node:test'
import { threadKernel } from '../../src/kernel/thread-kernel.ts'

test('all who ask on one thread get one kernel', () => {
  assert.equal(threadKernel(), threadKernel())
})
