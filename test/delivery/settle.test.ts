import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Outcome, SendResult } from '../../src/core/outcome.ts'
import { DeliveryItem } from '../../src/delivery/item.ts'
import { Outstanding } from '../../src/delivery/outstanding.ts'
import { settle } from '../../src/delivery/settle.ts'
import type { Verdict } from '../../src/delivery/settle.ts'
import { eventsOfLines } from '../support/stored-event.ts'
import {
  acceptedItem,
  forbidden,
  holdItem,
  poison,
  refusedItem,
  retryItem,
  tooLarge,
  unavailable,
} from '../support/fake-sink.ts'

interface Settled extends Verdict {
  readonly acceptedItems: DeliveryItem[]
  readonly calls: string[]
  readonly items: DeliveryItem[]
}

function settled(answer: SendResult, count = 3, stuck = false): Settled {
  const events = eventsOfLines(Array.from({ length: count }, (_, index) => `line ${index}`))
  const ticket = new Outstanding().take(events[0]!.record, count)
  const items = events.map((event) => new DeliveryItem(event, ticket))
  const acceptedItems: DeliveryItem[] = []
  const calls: string[] = []
  const verdict = settle(answer, items, {
    accept: (item) => acceptedItems.push(item),
    passed: () => calls.push('passed'),
    isStuck: () => {
      calls.push('stuck?')
      return stuck
    },
    held: () => calls.push('held'),
  })
  return { ...verdict, acceptedItems, calls, items }
}

const itemsOf = (...outcomes: Outcome[]): SendResult => ({ kind: 'items', code: '200', outcomes })

describe('settling', () => {
  it('each outcome goes its own way in one answer', () => {
    const reroute: Outcome = { kind: 'reroute', variant: 1, reason: 'late' }
    const result = settled(itemsOf(acceptedItem, retryItem, holdItem, refusedItem, reroute), 5)
    const { items } = result
    assert.deepEqual(result.acceptedItems, [items[0]])
    assert.deepEqual(result.again, [items[1], items[2]])
    assert.deepEqual(result.rejected, [{ item: items[3], outcome: refusedItem }])
    assert.deepEqual(result.rerouted, [items[4]])
    assert.equal(items[4]!.variant, 1)
    assert.equal(result.isHeld, true)
    assert.equal(result.trouble?.kind, 'hold')
    assert.equal(result.calls[0], 'passed', 'what passed is known before anything is called stuck')
  })

  it('the same outcome for all', () => {
    const all = (outcome: Outcome): SendResult => ({ kind: 'all', code: '200', outcome })
    assert.equal(settled(all(acceptedItem)).accepted, 3)
    assert.equal(settled(unavailable).again.length, 3)
    assert.equal(settled(unavailable).isTooMuch, true)
    assert.equal(settled(forbidden).isHeld, true)
    assert.equal(settled(all(refusedItem)).rejected.length, 3)
    assert.equal(settled(all({ kind: 'reroute', variant: 2, reason: '' })).rerouted.length, 3)
  })

  it('a whole request that fails is no refusal of its events', () => {
    assert.deepEqual(settled(unavailable, 3, true).calls, [])
    assert.equal(settled(unavailable, 3, true).rejected.length, 0)
  })

  it('an event that is stuck is rejected with what the server said', () => {
    const { rejected, again } = settled(itemsOf(acceptedItem, retryItem), 2, true)
    assert.equal(again.length, 0)
    assert.deepEqual(rejected[0]!.outcome, {
      kind: 'rejected',
      reason: 'stuck',
      status: 0,
      type: 'item_throttled',
      text: 'busy',
    })
  })

  it('a split is one until a single event is left', () => {
    assert.equal(settled(poison).split, 'poison')
    assert.equal(settled(tooLarge).split, 'too_large')
    assert.equal(settled(poison, 1).split, undefined)
    assert.deepEqual(settled(poison, 1).rejected.length, 1)
    assert.equal(settled({ ...poison, single: retryItem }, 1).again.length, 1)
  })

  it('a reroute to where the event comes from is a plain retry', () => {
    const { again, rerouted } = settled(itemsOf({ kind: 'reroute', variant: 0, reason: '' }), 1)
    assert.equal(again.length, 1)
    assert.equal(rerouted.length, 0)
  })
})
