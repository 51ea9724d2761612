import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { limits } from '../../src/core/limits.ts'
import { Batch } from '../../src/delivery/batch.ts'
import { Batcher } from '../../src/delivery/batcher.ts'
import { DeliveryItem } from '../../src/delivery/item.ts'
import { Outstanding } from '../../src/delivery/outstanding.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { storedEvent } from '../support/stored-event.ts'

const event = storedEvent()
const ticket = new Outstanding().take(event.record, 1e6)

function item(bytes: number): DeliveryItem {
  const made = new DeliveryItem(event, ticket)
  made.bytes = bytes
  return made
}

function batcher(
  batchLimits = {},
  learned = Infinity,
): { batcher: Batcher<DeliveryItem>; sent: Batch[]; clock: FakeClock } {
  const sent: Batch[] = []
  const clock = new FakeClock()
  const made = new Batcher<DeliveryItem>({
    limits: { maxBytes: 1000, maxEvents: 10, maxWaitMs: 1000, ...batchLimits },
    clock,
    learnedBytes: () => learned,
    send: (partition, items, bytes) => sent.push(new Batch(partition, items, bytes)),
  })
  return { batcher: made, sent, clock }
}

describe('the batcher', () => {
  it('closes a batch before it would grow too large', () => {
    const { batcher: made, sent } = batcher()
    for (const bytes of [400, 400, 400]) made.add(item(bytes), '', 0)
    assert.deepEqual(
      sent.map(({ bytes }) => bytes),
      [800],
    )
    made.add(item(600), '', 0)
    assert.deepEqual(
      sent.map(({ bytes }) => bytes),
      [800, 1000],
    )
    assert.ok(made.isEmpty)
  })

  it('sends an event alone that is larger than a batch', () => {
    const { batcher: made, sent } = batcher()
    made.add(item(10), '', 0)
    made.add(item(5000), '', 0)
    assert.deepEqual(
      sent.map(({ bytes }) => bytes),
      [10, 5000],
    )
  })

  it('closes at max_events', () => {
    const { batcher: made, sent } = batcher({ maxEvents: 3 })
    for (let index = 0; index < 7; index++) made.add(item(1), '', 0)
    assert.deepEqual(
      sent.map(({ items }) => items.length),
      [3, 3],
    )
  })

  it('keeps to a size that was learned', () => {
    const { batcher: made, sent } = batcher({}, 500)
    for (let index = 0; index < 4; index++) made.add(item(200), '', 0)
    assert.deepEqual(
      sent.map(({ bytes }) => bytes),
      [400],
    )
  })

  it('each partition has an age of its own', async () => {
    const { batcher: made, sent, clock } = batcher()
    made.add(item(1), 'a', clock.monotonic())
    await clock.advance(400)
    made.add(item(1), 'b', clock.monotonic())
    made.add(item(1), 'a', clock.monotonic())
    await clock.advance(600)
    assert.deepEqual(
      sent.map(({ partition }) => partition),
      ['a'],
    )
    await clock.advance(399)
    assert.equal(sent.length, 1)
    await clock.advance(1)
    assert.deepEqual(
      sent.map(({ partition }) => partition),
      ['a', 'b'],
    )
    assert.equal(clock.pendingTimers, 0)
  })

  it('closes the oldest when too many are open, or too much', () => {
    const { batcher: made, sent } = batcher()
    for (let index = 0; index <= limits.openBatches; index++) made.add(item(1), `p${index}`, 0)
    assert.deepEqual(
      sent.map(({ partition }) => partition),
      ['p0'],
    )
    const large = batcher({ maxBytes: 2 * 1024 ** 2 })
    for (let index = 0; index < 4; index++) large.batcher.add(item(1.5 * 1024 ** 2), `p${index}`, 0)
    assert.deepEqual(
      large.sent.map(({ partition }) => partition),
      ['p0', 'p1'],
    )
    assert.ok(large.batcher.bytes <= limits.openBatchBytes)
  })

  it('hands on each event once, in the order of its partition, within the bounds', () => {
    const events = fc.array(fc.tuple(fc.integer({ min: 1, max: 1500 }), fc.constantFrom('a', 'b', 'c')))
    fc.assert(
      fc.property(events, (given) => {
        const { batcher: made, sent } = batcher()
        const added = new Map<string, DeliveryItem[]>([
          ['a', []],
          ['b', []],
          ['c', []],
        ])
        for (const [bytes, partition] of given) {
          const one = item(bytes)
          added.get(partition)!.push(one)
          made.add(one, partition, 0)
        }
        made.flush()
        assert.equal(made.bytes, 0)
        for (const [partition, items] of added) {
          const got = sent.filter((batch) => batch.partition === partition)
          assert.deepEqual(
            got.flatMap((batch) => batch.items),
            items,
          )
          assert.ok(got.every((batch) => batch.items.length <= 10))
          assert.ok(got.every((batch) => batch.bytes <= 1000 || batch.items.length === 1))
        }
      }),
      { numRuns: 100 },
    )
  })
})
