import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Batch } from '../../src/delivery/batch.ts'
import { Flight } from '../../src/delivery/flight.ts'

test('a cancelled flight tells once whoever listens still, and a signal that is asked for before or after', () => {
  const flight = new Flight(new Batch('', []))
  const told: string[] = []
  flight.onCancel(() => told.push('listens'))
  flight.onCancel(() => told.push('forgotten'))()
  const { signal } = flight
  assert.equal(signal.aborted, false)
  flight.cancel('skipped')
  flight.cancel('stopped')
  assert.deepEqual([told, flight.cancelled, signal.aborted], [['listens'], 'skipped', true])
  const late = new Flight(new Batch('', []))
  late.cancel('stopped')
  assert.equal(late.signal.aborted, true)
})
