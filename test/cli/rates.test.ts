import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ratesBetween } from '../../src/cli/rates.ts'
import type { StatusAnswer } from '../../src/cli/status-answer.ts'

const ledger = (readBytes: number, readEvents: number, acknowledged: number): StatusAnswer['ledger'] => ({
  app: {
    read_bytes: readBytes,
    read_events: readEvents,
    lost_bytes: {},
    sinks: { es: { acknowledged, dead_lettered: 0, dropped: {}, filtered: 0, in_buffer: 0 } },
  },
})

test('rates are what was counted between two looks, for each second', () => {
  const { readBytes, readEvents, acknowledged } = ratesBetween(ledger(100, 10, 5), ledger(300, 14, 9), 2)
  assert.deepEqual([readBytes.get('app'), readEvents.get('app'), acknowledged.get('es')], [100, 2, 2])
})

test('a source that was not there before, and counters that went back, have no rate', () => {
  const isNew = ratesBetween({}, ledger(300, 14, 9), 1)
  assert.deepEqual([isNew.readBytes.get('app'), isNew.acknowledged.get('es')], [0, 0])
  const isBack = ratesBetween(ledger(300, 14, 9), ledger(1, 1, 1), 1)
  assert.deepEqual([isBack.readBytes.get('app'), isBack.acknowledged.get('es')], [0, 0])
})
