import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LateWatch } from '../../../../src/sinks/loki/labels/late.ts'
import { FakeClock } from '../../../support/fake-clock.ts'

const now = 1_795_197_600

function open() {
  const clock = new FakeClock(now * 1000)
  const watch = new LateWatch(clock)
  const stream = { key: 'a', backlogKey: 'b', newest: -Infinity }
  return {
    clock,
    watch,
    stream,
    isLate: (seconds: number, nanos = 0) => watch.isLate(stream, { seconds, nanos }),
  }
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

test('of many at once none is late, or it has to be asked about each', () => {
  const { watch, stream, isLate } = open()
  const areInTime = (low: number, high: number) =>
    watch.areInTime(stream, { low: now + low, high: now + high })
  assert.equal(areInTime(-9000, -5400), true)
  assert.equal(areInTime(-9001, -5400), false)
  assert.equal(areInTime(-5400, -1799), false, 'the first may come behind the last')
  assert.equal(stream.newest, now - 5400)
  assert.equal(areInTime(-100, 20_000), false, 'the last will not be stored')
  assert.equal(stream.newest, now - 5400)
  assert.equal(areInTime(-3600, 0), true)
  assert.equal(isLate(now - 3601), true)
  assert.equal(areInTime(-3601, -10), false)
})

test('what was ahead once counts when its time has come', () => {
  const { isLate, clock } = open()
  assert.equal(isLate(now + 20_000), false)
  clock.jump(20_000_000)
  assert.equal(isLate(now + 20_001), false)
  assert.equal(isLate(now), true)
})
