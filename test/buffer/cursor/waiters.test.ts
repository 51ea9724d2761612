import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Waiters } from '../../../src/buffer/cursor/waiters.ts'
import { turn } from '../../support/fake-clock.ts'

test('each one goes on when what it waits for is true at a look, or at once when it gives up', async () => {
  const waiters = new Waiters()
  const gaveUp = new AbortController()
  const done: string[] = []
  let isTrue = false
  void waiters.until(() => isTrue, new AbortController().signal).then(() => done.push('true'))
  void waiters.until(() => false, gaveUp.signal).then(() => done.push('gave up'))
  waiters.look()
  await turn()
  assert.deepEqual(done, [])
  gaveUp.abort()
  await turn()
  assert.deepEqual(done, ['gave up'])
  isTrue = true
  waiters.look()
  await turn()
  assert.deepEqual(done, ['gave up', 'true'])
  await waiters.until(() => true, new AbortController().signal)
  await waiters.until(() => false, AbortSignal.abort())
})
