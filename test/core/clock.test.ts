import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sleep } from '../../src/core/clock.ts'
import { FakeClock, turn } from '../support/fake-clock.ts'

test('a sleep ends after its time, not before', async () => {
  const clock = new FakeClock()
  let isOver = false
  const slept = sleep(clock, 1000).then(() => (isOver = true))
  await clock.advance(999)
  assert.equal(isOver, false)
  await clock.advance(1)
  await slept
  assert.equal(clock.pendingTimers, 0)
})

test('an abort ends a sleep at once, and leaves no timer', async () => {
  const clock = new FakeClock()
  const stop = new AbortController()
  const slept = sleep(clock, 60_000, stop.signal)
  stop.abort()
  await slept
  assert.equal(clock.pendingTimers, 0)
  assert.equal(clock.monotonic(), 0)
})

test('a sleep that begins after the abort never waits', async () => {
  const clock = new FakeClock()
  await sleep(clock, 60_000, AbortSignal.abort())
  assert.equal(clock.pendingTimers, 0)
})

test('a sleep that ended is forgotten by its signal', async () => {
  const clock = new FakeClock()
  const stop = new AbortController()
  let listeners = 0
  const { signal } = stop
  const add = signal.addEventListener.bind(signal)
  const remove = signal.removeEventListener.bind(signal)
  signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args))
  signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners--, remove(...args))
  for (let i = 0; i < 20; i++) {
    const slept = sleep(clock, 10, signal)
    await clock.advance(10)
    await slept
  }
  await turn()
  assert.equal(listeners, 0)
})
