import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DeliveryItem } from '../../src/delivery/item.ts'
import { Outstanding } from '../../src/delivery/outstanding.ts'
import { eventsOfLines } from '../support/stored-event.ts'
import { turn } from '../support/fake-clock.ts'

function taken(outstanding: Outstanding, sequence: number, count = 2): DeliveryItem[] {
  const events = eventsOfLines(
    Array.from({ length: count }, () => 'x'),
    { sequence },
  )
  const ticket = outstanding.take(events[0]!.record, count)
  return events.map((event) => new DeliveryItem(event, ticket))
}

async function isDone(promise: Promise<void>): Promise<boolean> {
  let done = false
  void promise.then(() => (done = true))
  await turn()
  return done
}

describe('what is outstanding', () => {
  it('is cut into what was taken before and after', async () => {
    const outstanding = new Outstanding()
    const [first, second] = taken(outstanding, 1)
    const cut = outstanding.cut()
    const [later] = taken(outstanding, 2)
    assert.equal(outstanding.count, 4)
    outstanding.done(later!)
    outstanding.done(first!)
    assert.equal(await isDone(cut), false)
    const both = outstanding.cut()
    outstanding.done(second!)
    assert.equal(await isDone(cut), true)
    assert.equal(await isDone(both), false)
    assert.equal(outstanding.count, 1)
  })

  it('a cut with nothing outstanding is done', async () => {
    assert.equal(await isDone(new Outstanding().cut()), true)
  })

  it('skipped records are gone at once, and late answers about them count nothing', async () => {
    const outstanding = new Outstanding()
    const items = taken(outstanding, 1)
    const cut = outstanding.cut()
    assert.equal(outstanding.skip([items[0]!.event.record]), true)
    assert.equal(outstanding.count, 0)
    for (const item of items) outstanding.done(item)
    assert.equal(outstanding.count, 0)
    assert.equal(outstanding.skip([items[0]!.event.record]), false)
    assert.equal(await isDone(cut), true)
  })
})
