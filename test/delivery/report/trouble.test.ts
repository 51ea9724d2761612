import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TroubleLog } from '../../../src/delivery/report/trouble.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { collectingLog } from '../harness.ts'

const busy = { kind: 'retry', reason: 'throttled', text: 'too\n many   requests' } as const

function newTroubles(): {
  troubles: TroubleLog
  clock: FakeClock
  logged: ReturnType<typeof collectingLog>['logged']
} {
  const clock = new FakeClock()
  const { log, logged } = collectingLog()
  return { troubles: new TroubleLog({ sink: 'es', clock, log, redact: (text) => text }), clock, logged }
}

describe('trouble', () => {
  it('is told once when it is new, then once a minute with the number of times', async () => {
    const { troubles, clock, logged } = newTroubles()
    for (let index = 0; index < 120; index++) {
      troubles.report(busy)
      await clock.advance(1000)
    }
    assert.deepEqual(
      logged.map(({ fields }) => fields['times']),
      [1, 60],
    )
    assert.equal(troubles.lastError, 'throttled: too many requests')
  })

  it('of another kind is news at once, and so is the first after a recovery', () => {
    const { troubles, logged } = newTroubles()
    troubles.report(busy)
    troubles.report({ kind: 'hold', reason: 'forbidden', text: '' })
    troubles.report(busy)
    assert.equal(logged.length, 2)
    troubles.recovered(5000)
    troubles.report(busy)
    assert.deepEqual(
      logged.map(({ level }) => level),
      ['warn', 'warn', 'info', 'warn'],
    )
  })

  it('that is our own mistake is an error in the log', () => {
    const { troubles, logged } = newTroubles()
    troubles.report({ kind: 'mistake', reason: 'encode', text: 'TypeError' })
    assert.equal(logged[0]!.level, 'error')
  })
})
