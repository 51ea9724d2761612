import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { limits } from '../../src/core/limits.ts'
import {
  FakeSink,
  accepted,
  acceptedItem,
  each,
  holdItem,
  refusedItem,
  retryItem,
} from '../support/fake-sink.ts'
import { ledgerAddsUp, never, numbered, settledAs, started, systemError, turns } from './harness.ts'
import { fakeGeneration } from '../support/fake-cursor.ts'

const refuses = (bad: string) => (line: string) => (line === bad ? refusedItem : acceptedItem)

describe('events that are refused for good', () => {
  it('become dead letters with all that is known of them', async () => {
    const sink = new FakeSink()
    sink.answer = (request) => each(request, refuses('b'))
    const { clock, cursor, deadLetters, delivery } = await started({ sink }, ['a', 'b', 'c'])
    await clock.advance(1000)
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a', 'c'])
    assert.deepEqual(settledAs(cursor, 'dead_lettered'), ['b'])
    assert.deepEqual(
      [...deadLetters.letters.values()],
      [
        {
          id: `${fakeGeneration('app')}-2-2`,
          time: new Date(clock.now()).toISOString(),
          sink: 'fake',
          source: 'app',
          reason: 'mapping',
          status: 400,
          type: 'document_parsing_exception',
          text: 'no number',
          attempts: 1,
          origin: { generation: fakeGeneration('app'), path: '/var/log/app/app.log', from: 2, to: 4 },
          event: { target: 'fake ', body: 'b' },
        },
      ],
    )
    assert.deepEqual(delivery.status().deadLettered, { mapping: 1 })
    assert.equal(delivery.status().deadLettersStored, 1)
  })

  it('are settled only after they are written; while that fails the sink holds', async () => {
    const sink = new FakeSink({ limits: { maxEvents: 2 } })
    sink.answer = (request) => each(request, refuses('b'))
    const parts = await started({ sink })
    parts.deadLetters.fails = systemError('ENOSPC')
    parts.buffer.append(['a', 'b', 'c', 'd', 'e'])
    await turns()
    await parts.clock.advance(60_000)
    const { cursor, delivery, clock } = parts
    assert.deepEqual(settledAs(cursor, 'dead_lettered'), [])
    assert.equal(delivery.status().state, 'holding')
    assert.match(delivery.status().lastError!, /dead letters cannot be written: ENOSPC/)
    assert.notEqual(delivery.status().failingSinceMs, undefined)
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a'], 'nothing else is sent')
    parts.deadLetters.fails = undefined
    await clock.advance(30_000)
    assert.deepEqual(settledAs(cursor, 'dead_lettered'), ['b'])
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a', 'c', 'd', 'e'])
    assert.equal(delivery.status().state, 'ok')
    assert.ok(ledgerAddsUp(parts))
  })

  it('that leave the store move from dead_lettered to dropped', async () => {
    const sink = new FakeSink({ answer: (request) => each(request, () => refusedItem) })
    const parts = await started({ sink }, numbered(5))
    await parts.delivery.settled(never)
    parts.deadLetters.onLeft('app', 3, 'expired')
    assert.equal(parts.cursor.counts.get('app')!.deadLettered, 2)
    assert.deepEqual(parts.cursor.counts.get('app')!.dropped, { expired: 3 })
    parts.deadLetters.onLeft('app', 30, 'dead_letters_full')
    assert.deepEqual(parts.cursor.counts.get('app')!.dropped, { expired: 3, dead_letters_full: 2 })
    assert.ok(ledgerAddsUp(parts))
  })

  it('are counted as dropped at the next start if they are gone from the store', async () => {
    const sink = new FakeSink({ answer: (request) => each(request, () => refusedItem) })
    const first = await started({ sink }, numbered(5))
    await first.delivery.settled(never)
    await first.delivery.stop(never)
    const second = await started({ sink, buffer: first.buffer })
    assert.deepEqual(second.cursor.counts.get('app')!.dropped, { dead_letters_full: 5 })
    assert.deepEqual(second.delivery.status().deadLettered, { mapping: 5 }, 'the counter does not fall')
    assert.ok(ledgerAddsUp(second))
  })

  it('keep no secret of the server’s text', async () => {
    const sink = new FakeSink()
    sink.answer = (request) => each(request, () => ({ ...refusedItem, text: 'key hunter22' }))
    const { clock, deadLetters } = await started({ sink }, ['a'])
    await clock.advance(1000)
    assert.equal([...deadLetters.letters.values()][0]!.text, 'key [redacted]')
  })
})

describe('an event that blocks', () => {
  it('is stuck after ten refusals over ten minutes while others pass', async () => {
    const sink = new FakeSink()
    sink.answer = (request) => each(request, (line) => (line === 'bad' ? retryItem : acceptedItem))
    const { clock, buffer, cursor, deadLetters } = await started({ sink }, ['bad', 'good'])
    await clock.advance(limits.stuckMs - 60_000)
    buffer.append(['still good'])
    assert.equal(deadLetters.letters.size, 0)
    await clock.advance(120_000)
    assert.deepEqual(settledAs(cursor, 'dead_lettered'), ['bad'])
    const [letter] = deadLetters.letters.values()
    assert.equal(letter!.reason, 'stuck')
    assert.equal(letter!.type, 'item_throttled')
    assert.ok(letter!.attempts >= limits.stuckAttempts)
  })

  it('is never stuck while nothing else passes', async () => {
    const sink = new FakeSink()
    sink.answer = (request) => each(request, () => retryItem)
    const { clock, deadLetters } = await started({ sink }, ['bad'])
    await clock.advance(2 * limits.stuckMs)
    assert.equal(deadLetters.letters.size, 0)
  })

  it('is never stuck while it is held, nor by requests that fail as a whole', async () => {
    const sink = new FakeSink({ limits: { maxEvents: 1 } })
    sink.answer = (request) => {
      if (request.lines[0] === 'held') return each(request, () => holdItem)
      if (request.lines[0] === 'whole')
        return { kind: 'all', code: '429', outcome: { kind: 'retry', reason: 'throttled' } }
      return accepted
    }
    const { clock, buffer, deadLetters, cursor } = await started({ sink }, ['held', 'whole'])
    for (let minute = 0; minute < 25; minute++) {
      buffer.append([`good ${minute}`])
      await clock.advance(60_000)
    }
    assert.equal(deadLetters.letters.size, 0)
    assert.equal(settledAs(cursor, 'acknowledged').length, 25)
  })
})
