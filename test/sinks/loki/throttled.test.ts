import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Throttled } from '../../../src/sinks/loki/throttled.ts'
import { eventsOfLines } from '../../support/stored-event.ts'

test('429 in a row are counted by the first event of the request, and any other answer starts again', () => {
  const throttled = new Throttled()
  const [one, other] = eventsOfLines(['a', 'b'])
  assert.deepEqual(
    [429, 429, 503, 429].map((status) => throttled.note(() => one, status)),
    [1, 2, 0, 1],
  )
  assert.equal(
    throttled.note(() => other, 429),
    1,
  )
  assert.equal(
    throttled.note(() => undefined, 429),
    0,
  )
})

test('as long as there was no 429 nobody looks for the first event of a push', () => {
  const throttled = new Throttled()
  const never = (): never => assert.fail('it was looked for')
  assert.equal(throttled.note(never, 204), 0)
  assert.equal(throttled.note(never, 500), 0)
})
