import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LastEvent } from '../../src/render/last-event.ts'
import { lookUp } from '../../src/render/members.ts'
import { storedEvent } from '../support/stored-event.ts'

const recordOf = (line: string) => storedEvent({ line }).record

test('a view that is turned to another event is another event: its members are not those of the one before', () => {
  const view = recordOf('{"service":"a"}').event(0)
  assert.equal(lookUp(view, 'service'), 'a')
  const turned = recordOf('{"service":"b","other":"c"}').event(0, view)
  assert.equal(turned, view)
  assert.equal(lookUp(turned, 'service'), 'b')
  assert.equal(lookUp(turned, 'other'), 'c')
})

test('the same event by another view is the same, another one of its record is not', () => {
  const last = new LastEvent()
  const record = recordOf('{"a":1}')
  assert.equal(last.is(record.event(0)), false)
  assert.equal(last.is(record.event(0)), true)
  assert.equal(last.is(recordOf('{"a":1}').event(0)), false)
  assert.equal(last.is(record.event(0)), false)
})
