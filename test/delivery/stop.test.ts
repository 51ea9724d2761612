import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { FakeSink, accepted, acceptedItem, each, hang, retryItem, unavailable } from '../support/fake-sink.ts'
import type { SendResult } from '../../src/core/outcome.ts'
import { harness, never, numbered, sentLines, settledAs, started, systemError, turns } from './harness.ts'

describe('stopping', () => {
  it('sends what was read and not yet sent, and saves the cursor', async () => {
    const { sink, cursor, delivery, buffer, clock } = await started({ sink: new FakeSink() }, ['a', 'b'])
    await delivery.stop(never)
    assert.deepEqual(sentLines(sink), [['a', 'b']])
    assert.equal(cursor.saves, 1)
    assert.equal(delivery.status().state, 'stopped')
    buffer.append(['later'])
    await clock.advance(5000)
    assert.equal(sink.requests.length, 1)
    assert.equal(clock.pendingTimers, 0)
  })

  it('waits for the answer of what is in flight', async () => {
    let answer: (result: SendResult) => void = () => {}
    const sink = new FakeSink({ answer: () => new Promise((resolve) => (answer = resolve)) })
    const { cursor, delivery } = await started({ sink }, ['a'])
    delivery.flush()
    await turns()
    const stopped = delivery.stop(never)
    await turns()
    assert.equal(cursor.saves, 0)
    answer(accepted)
    await stopped
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a'])
  })

  it('gives up a hung sink at the deadline; its events stay, and count as possible duplicates', async () => {
    const sink = new FakeSink({ answer: hang, limits: { maxEvents: 2 } })
    const { cursor, delivery, buffer, clock } = await started({ sink }, numbered(6))
    const deadline = new AbortController()
    const stopped = delivery.stop(deadline.signal)
    await turns()
    deadline.abort()
    await stopped
    assert.equal(sink.requests[0]!.signal.aborted, true)
    assert.equal(cursor.settlements.length, 0)
    assert.equal(delivery.status().possibleDuplicates, 2)
    assert.equal(clock.pendingTimers, 0)
    const again = harness({ sink: new FakeSink(), buffer })
    again.delivery.start()
    assert.equal(await again.delivery.settled(never), true)
    assert.equal(again.cursor.lag().events, 0)
    assert.equal(again.delivery.status().possibleDuplicates, 2, 'kept with the cursor')
  })

  it('does not wait for a sink that is failing', async () => {
    const sink = new FakeSink({ answer: () => unavailable })
    const { clock, delivery, cursor } = await started({ sink }, ['a'])
    await clock.advance(20_000)
    const before = sink.requests.length
    await delivery.stop(never)
    assert.equal(sink.requests.length, before)
    assert.equal(cursor.settlements.length, 0)
    assert.equal(clock.pendingTimers, 0)
  })

  it('leaves events that wait for a retry in the buffer', async () => {
    const sink = new FakeSink()
    sink.answer = (request) => each(request, (line) => (line === 'b' ? retryItem : acceptedItem))
    const { delivery, cursor } = await started({ sink }, ['a', 'b', 'c'])
    await delivery.stop(never)
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a', 'c'])
    assert.equal(cursor.lag().events, 1)
  })

  it('sends nothing newer of an ordered partition whose retry is left', async () => {
    const sink = new FakeSink({ ordered: true, limits: { maxEvents: 1 } })
    sink.answer = (request) => each(request, (line) => (line === 'b' ? retryItem : acceptedItem))
    const { delivery, cursor } = await started({ sink }, ['a', 'b', 'c'])
    await delivery.stop(never)
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a'])
  })

  it('is safe before the start, twice, and with a signal that has aborted', async () => {
    const fresh = harness({ sink: new FakeSink() })
    await fresh.delivery.stop(never)
    fresh.delivery.start()
    await fresh.delivery.stop(never)
    assert.equal(fresh.cursor.saves, 1)
    const { delivery, cursor, sink } = await started({ sink: new FakeSink({ answer: hang }) }, ['a'])
    await Promise.all([delivery.stop(AbortSignal.abort()), delivery.stop(AbortSignal.abort())])
    assert.equal(cursor.saves, 1)
    assert.ok(sink.requests.length <= 1)
    assert.equal(await delivery.settled(never), false)
  })

  it('a cursor that cannot be saved does not hold it up', async () => {
    const { delivery, cursor, clock, logged } = await started({ sink: new FakeSink() }, ['a'])
    cursor.save = () => new Promise(() => {})
    const deadline = new AbortController()
    const stopped = delivery.stop(deadline.signal)
    await turns()
    deadline.abort()
    await turns()
    await clock.advance(1000)
    await stopped
    assert.match(logged.at(-1)!.message, /cursor could not be saved/)
    assert.equal(clock.pendingTimers, 0)
  })

  it('a sink whose state cannot be saved before it encodes does not hold up a stop beyond its deadline', async () => {
    const sink = new FakeSink()
    sink.encode = () => new Promise(() => {})
    const { delivery, cursor, clock, logged } = await started({ sink }, ['a'])
    delivery.flush()
    await turns()
    const deadline = new AbortController()
    const stopped = delivery.stop(deadline.signal)
    await turns()
    deadline.abort()
    await stopped
    assert.deepEqual([cursor.settlements.length, delivery.status().possibleDuplicates], [0, 0])
    assert.equal(clock.pendingTimers, 0)
    assert.deepEqual(logged, [])
  })

  it('a stop while dead letters cannot be written ends at the deadline, and nothing is settled', async () => {
    const sink = new FakeSink()
    sink.answer = (request) =>
      each(request, () => ({ kind: 'rejected', reason: 'mapping', status: 400, type: 't', text: '' }))
    const parts = await started({ sink }, ['a'])
    parts.deadLetters.fails = systemError('ENOSPC')
    await parts.clock.advance(2000)
    const deadline = new AbortController()
    const stopped = parts.delivery.stop(deadline.signal)
    await turns()
    deadline.abort()
    await stopped
    assert.equal(parts.cursor.settlements.length, 0)
    assert.equal(parts.clock.pendingTimers, 0)
  })
})
