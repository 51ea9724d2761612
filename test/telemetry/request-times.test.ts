import assert from 'node:assert/strict'
import { test } from 'node:test'
import { RequestTimes, secondsWithin } from '../../src/telemetry/request-times.ts'

test('half of the requests between two looks ended within a time that is guessed within its bucket', () => {
  const times = new RequestTimes()
  times.observe('es', 30)
  const before = times.countsOf('es')
  for (let count = 0; count < 10; count++) times.observe('es', 0.02)
  const now = times.countsOf('es')
  const half = secondsWithin(0.5, before, now)!
  assert.ok(half > 0.01 && half <= 0.025, String(half))
  assert.equal(secondsWithin(0.5, now, times.countsOf('es')), undefined)
  assert.equal(secondsWithin(0.5, undefined, undefined), undefined)
})

test('a slow tail shows in the 95 % and not in the half', () => {
  const times = new RequestTimes()
  for (let count = 0; count < 90; count++) times.observe('es', 0.004)
  for (let count = 0; count < 10; count++) times.observe('es', 4)
  const now = times.countsOf('es')
  assert.ok(secondsWithin(0.5, undefined, now)! <= 0.005)
  assert.ok(secondsWithin(0.95, undefined, now)! > 2.5)
})

test('a request that took longer than all bounds counts as the last of them', () => {
  const times = new RequestTimes()
  times.observe('es', 600)
  assert.equal(secondsWithin(0.95, undefined, times.countsOf('es')), 60)
})

test('counts that were handed out stay as they were', () => {
  const times = new RequestTimes()
  times.observe('es', 1)
  const before = times.countsOf('es')!
  times.observe('es', 1)
  assert.equal(
    before.reduce((sum, count) => sum + count),
    1,
  )
})
