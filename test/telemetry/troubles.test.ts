import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../../src/core/limits.ts'
import { silentLog } from '../../src/core/log.ts'
import { Troubles } from '../../src/telemetry/troubles.ts'
import { FakeClock } from '../support/fake-clock.ts'

const same = (text: string): string => text

test('troubles of one kind are one with a count, the last one first; what is no trouble is left out', async () => {
  const clock = new FakeClock(1000)
  const troubles = new Troubles(clock)
  const log = troubles.watch(silentLog)
  log.info({}, 'started')
  log.warn({ sink: 'es', tries: 1 }, 'does not answer')
  await clock.advance(10)
  log.error({ source: 'app' }, 'cannot be read')
  await clock.advance(10)
  log.warn({ sink: 'es', tries: 2 }, 'does not answer')
  assert.deepEqual(troubles.list(same), [
    {
      level: 'warn',
      message: 'does not answer',
      count: 2,
      first: 1000,
      last: 1020,
      fields: { sink: 'es', tries: '2' },
    },
    {
      level: 'error',
      message: 'cannot be read',
      count: 1,
      first: 1010,
      last: 1010,
      fields: { source: 'app' },
    },
  ])
})

test('all goes on to the log behind it', () => {
  const written: string[] = []
  const note = (_fields: object, message: string): void => void written.push(message)
  const log = new Troubles(new FakeClock()).watch({ debug: note, info: note, warn: note, error: note })
  log.debug({}, 'a')
  log.info({}, 'b')
  log.warn({}, 'c')
  log.error({}, 'd')
  assert.deepEqual(written, ['a', 'b', 'c', 'd'])
})

test('kinds are bounded, and the ones that were longest ago leave', () => {
  const troubles = new Troubles(new FakeClock())
  const log = troubles.watch(silentLog)
  for (let count = 0; count < limits.troubles + 10; count++) log.warn({}, `trouble ${count}`)
  assert.equal(troubles.size, limits.troubles)
  assert.equal(troubles.list(same)[0]!.message, `trouble ${limits.troubles + 9}`)
  assert.equal(troubles.list(same).at(-1)!.message, 'trouble 10')
})

test('texts are free of secrets, short, and an error is its message', () => {
  const troubles = new Troubles(new FakeClock())
  const log = troubles.watch(silentLog)
  log.warn({ error: new Error('hunter2 refused'), text: `hunter2${'x'.repeat(9000)}` }, 'hunter2 fails')
  const [trouble] = troubles.list((text) => text.replaceAll('hunter2', '[redacted]'))
  assert.equal(trouble!.message, '[redacted] fails')
  assert.equal(trouble!.fields['error'], '[redacted] refused')
  assert.match(trouble!.fields['text']!, /^\[redacted\]x+…$/)
  assert.ok(trouble!.fields['text']!.length < 600)
})
