import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Log } from '../../src/core/log.ts'
import { throttleLog } from '../../src/telemetry/log-throttle.ts'
import { FakeClock } from '../support/fake-clock.ts'

interface Written {
  readonly level: string
  readonly fields: object
  readonly message: string
}

function setUp(maxKeys = 1000): { log: Log; clock: FakeClock; written: Written[] } {
  const written: Written[] = []
  const write =
    (level: string) =>
    (fields: object, message: string): void => {
      written.push({ level, fields, message })
    }
  const plain = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') }
  const clock = new FakeClock()
  return { log: throttleLog(plain, { clock, everyMs: 1000, maxKeys }), clock, written }
}

test('the first trouble of a kind is written at once, the last at the end of the time with the count of the hidden', async () => {
  const { log, clock, written } = setUp()
  for (const tries of [1, 2, 3, 4]) log.warn({ sink: 'es', tries }, 'sink does not answer')
  assert.deepEqual(written, [
    { level: 'warn', fields: { sink: 'es', tries: 1 }, message: 'sink does not answer' },
  ])
  await clock.advance(1000)
  assert.deepEqual(written.slice(1), [
    { level: 'warn', fields: { sink: 'es', tries: 4, hidden: 2 }, message: 'sink does not answer' },
  ])
})

test('troubles of another sink, level or message are not hidden; those of another file are', () => {
  const { log, written } = setUp()
  log.warn({ sink: 'es' }, 'a')
  log.warn({ sink: 'loki' }, 'a')
  log.warn({ sink: 'es' }, 'b')
  log.error({ sink: 'es' }, 'a')
  log.warn({ sink: 'es', path: '/var/log/other.log' }, 'a')
  assert.equal(written.length, 4)
})

test('after a quiet time a trouble is new again and nothing is left behind', async () => {
  const { log, clock, written } = setUp()
  log.warn({}, 'a')
  await clock.advance(1000)
  assert.equal(clock.pendingTimers, 0)
  log.warn({}, 'a')
  assert.equal(written.length, 2)
})

test('trouble that goes on is written once in each interval', async () => {
  const { log, clock, written } = setUp()
  for (let count = 0; count < 50; count += 1) {
    log.error({}, 'again')
    await clock.advance(100)
  }
  assert.equal(written.length, 6)
})

test('more kinds of trouble than it can remember are written rather than kept', () => {
  const { log, clock, written } = setUp(2)
  for (let key = 0; key < 10; key += 1) log.warn({ key }, 'x')
  assert.equal(written.length, 10)
  assert.equal(clock.pendingTimers, 2)
})

test('what is no trouble passes', () => {
  const { log, written } = setUp()
  for (const _ of [1, 2]) {
    log.info({}, 'config reloaded')
    log.debug({}, 'sent')
  }
  assert.equal(written.length, 4)
})
