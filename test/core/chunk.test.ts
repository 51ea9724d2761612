import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventCount } from '../../src/core/chunk.ts'
import { draftEvent } from '../support/stored-event.ts'

test('events of both forms count', () => {
  const time = { seconds: 0, nanos: 0 }
  const run = {
    after: 1,
    count: 3,
    earliest: time,
    latest: time,
    routes: 1,
    entriesBytes: 0,
    heapBytes: 0,
    copyEntries: () => {},
    copyHeap: () => {},
  }
  assert.equal(eventCount({ events: [draftEvent(), draftEvent()] }), 2)
  assert.equal(eventCount({ events: [draftEvent()], encoded: [run, run] }), 7)
})
