import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LateWatch } from '../../../../src/sinks/loki/labels/late.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const now = 1_795_197_600

function open() {
  const clock = new FakeClock(now * 1000)
  const watch = new LateWatch(clock)
  const stream = { key: 'a', backlogKey: 'b', newest: -Infinity }
  return { clock, stream, isLate: (seconds: number, nanos = 0) => watch.isLate(stream, { seconds, nanos }) }
}

test('an entry more than an hour behind its stream is late, at an hour it is not', () => {
  const { isLate } = open()
  assert.equal(isLate(now - 9000), false)
  assert.equal(isLate(now), false)
  assert.equal(isLate(now - 3600), false)
  assert.equal(isLate(now - 3601, 999_999_000), true)
})

test('an entry too far ahead to be stored does not make the others late', () => {
  const { isLate } = open()
  assert.equal(isLate(now), false)
  assert.equal(isLate(now + 20_000), false)
  assert.equal(isLate(now - 100), false)
})

test('what was ahead once counts when its time has come', () => {
  const { isLate, clock } = open()
  assert.equal(isLate(now + 20_000), false)
  clock.jump(20_000_000)
  assert.equal(isLate(now + 20_001), false)
  assert.equal(isLate(now), true)
})
