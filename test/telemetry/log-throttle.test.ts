import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../src/core/log.ts'
import { LogThrottle } from '../../src/telemetry/log-throttle.ts'
import { FakeClock } from '../support/fake-clock.ts'

function setUp(maxKeys?: number): { throttle: LogThrottle; clock: FakeClock; written: [object, string][] } {
  const written: [object, string][] = []
  const log = {
    ...silentLog,
    warn: (fields: object, message: string) => void written.push([fields, message]),
  }
  const clock = new FakeClock()
  const options = maxKeys === undefined ? {} : { maxKeys }
  return { throttle: new LogThrottle({ log, clock, everyMs: 1000, ...options }), clock, written }
}

test('the first message of a key is written at once, the last of a burst at its end with the count of the hidden', async () => {
  const { throttle, clock, written } = setUp()
  for (const tries of [1, 2, 3, 4])
    throttle.write('warn', 'es', { fields: { tries }, message: `try ${tries}` })
  assert.deepEqual(written, [[{ tries: 1 }, 'try 1']])
  await clock.advance(1000)
  assert.deepEqual(written.slice(1), [[{ tries: 4, hidden: 2 }, 'try 4']])
})

test('keys do not hide each other', () => {
  const { throttle, written } = setUp()
  throttle.write('warn', 'a', { fields: {}, message: 'a' })
  throttle.write('warn', 'b', { fields: {}, message: 'b' })
  assert.equal(written.length, 2)
})

test('after a quiet time a key is new again and nothing is left behind', async () => {
  const { throttle, clock, written } = setUp()
  throttle.write('warn', 'a', { fields: {}, message: 'one' })
  await clock.advance(1000)
  assert.equal(clock.pendingTimers, 0)
  throttle.write('warn', 'a', { fields: {}, message: 'two' })
  assert.deepEqual(
    written.map(([, message]) => message),
    ['one', 'two'],
  )
})

test('trouble that goes on is written once in each interval', async () => {
  const { throttle, clock, written } = setUp()
  for (let second = 0; second < 50; second += 1) {
    throttle.write('warn', 'a', { fields: {}, message: 'again' })
    await clock.advance(100)
  }
  assert.equal(written.length, 6)
})

test('more keys than it can remember are written rather than kept', () => {
  const { throttle, clock, written } = setUp(2)
  for (let key = 0; key < 10; key += 1) throttle.write('warn', String(key), { fields: {}, message: 'x' })
  assert.equal(written.length, 10)
  assert.equal(clock.pendingTimers, 2)
})
