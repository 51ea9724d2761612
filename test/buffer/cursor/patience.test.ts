import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Patience } from '../../../src/buffer/cursor/patience.ts'
import { limits } from '../../../src/core/limits.ts'
import { FakeClock } from '../../support/fake-clock.ts'

test('a sector is given up after its time, its neighbours after one more try, any other place after a time of its own', async () => {
  const clock = new FakeClock()
  const patience = new Patience(clock)
  assert.equal(patience.isOver(1, 8192), false)
  await clock.advance(limits.unreadableMs - 1)
  assert.equal(patience.isOver(1, 8192), false)
  await clock.advance(1)
  assert.equal(patience.isOver(1, 8192), true)
  assert.equal(patience.isOver(1, 8192 + 4096), false)
  assert.equal(patience.isOver(1, 8192), true, 'passed again on the way')
  assert.equal(patience.isOver(1, 8192 + 4096), true)
  assert.equal(patience.isOver(1, 100_000), false)
  assert.equal(patience.isOver(1, 100_000), false)
  assert.equal(patience.isOver(2, 100_000), false, 'another segment')
})
