import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  FakeSink,
  each,
  accepted,
  acceptedItem,
  forbidden,
  hang,
  holdItem,
  refusedItem,
  reset,
  retryItem,
  unavailable,
} from '../support/fake-sink.ts'
import type { FakeSinkOptions } from '../support/fake-sink.ts'
import { turn } from '../support/fake-clock.ts'
import {
  harness,
  ledgerAddsUp,
  never,
  numbered,
  sentLines,
  settledAs,
  started,
  systemError,
  turns,
} from './harness.ts'

/** The same whether the sink takes events one by one or in runs. */
const behaviour = (takesRuns: boolean) => (): void => {
  const fakeSink = (options: FakeSinkOptions = {}): FakeSink => new FakeSink({ takesRuns, ...options })

  it('sends what is in the buffer and settles it', async () => {
    const { clock, cursor, sink, delivery, metered } = await started({ sink: fakeSink() }, ['a', 'b', 'c'])
    assert.equal(sink.requests.length, 0, 'waits for more to come')
    await clock.advance(1000)
    assert.deepEqual(sentLines(sink), [['a', 'b', 'c']])
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a', 'b', 'c'])
    assert.deepEqual(
      metered.map(({ code }) => code),
      ['200'],
    )
    assert.deepEqual(delivery.status().requests, { 200: 1 })
    assert.equal(delivery.status().state, 'ok')
  })

  it('sends at the age of the oldest event, however many come after it', async () => {
    const { clock, buffer, sink } = await started({ sink: fakeSink() }, ['first'])
    for (const name of numbered(9)) {
      await clock.advance(100)
      buffer.append([name])
    }
    await clock.advance(99)
    assert.equal(sink.requests.length, 0)
    await clock.advance(1)
    assert.equal(sink.requests.length, 1)
    assert.equal(sink.requests[0]!.lines.length, 10)
  })

  it('says when all that could be read is settled, without waiting for max_wait', async () => {
    const { buffer, cursor, delivery } = await started({ sink: fakeSink() }, ['a', 'b'])
    assert.equal(await delivery.settled(never), true)
    assert.equal(cursor.lag().events, 0)
    buffer.append(['c'])
    assert.equal(await delivery.settled(never), true)
    assert.equal(cursor.lag().events, 0)
  })

  it('gives up waiting for `settled` when the signal aborts', async () => {
    const { delivery } = await started({ sink: fakeSink({ answer: hang }) }, ['a'])
    const timeout = new AbortController()
    const settled = delivery.settled(timeout.signal)
    await turns()
    timeout.abort()
    assert.equal(await settled, false)
  })

  it('sends refused events again after a backoff, and only those', async () => {
    const sink = fakeSink()
    sink.answer = (request, index) =>
      each(request, (line) => (index === 0 && line === 'b' ? retryItem : acceptedItem))
    const { clock, cursor, delivery } = await started({ sink }, ['a', 'b', 'c'])
    await clock.advance(1000)
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a', 'c'])
    await clock.advance(249)
    assert.equal(sink.requests.length, 1)
    await clock.advance(1)
    assert.deepEqual(sentLines(sink), [['a', 'b', 'c'], ['b']])
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a', 'c', 'b'])
    assert.equal(delivery.status().retries, 1)
  })

  it('backs off further with each failure up to the maximum, for ever', async () => {
    const sink = fakeSink({ answer: () => unavailable })
    const { clock, cursor } = await started({ sink, config: { retry: { min: 500, max: 4000 } } }, ['a'])
    const times: number[] = []
    const answer = sink.answer
    sink.answer = (request, index) => {
      times.push(clock.monotonic())
      return answer(request, index)
    }
    await clock.advance(60_000)
    const waits = times.slice(1).map((time, index) => time - times[index]!)
    assert.deepEqual(waits.slice(0, 6), [250, 500, 1000, 2000, 2000, 2000])
    assert.equal(cursor.settlements.length, 0)
    sink.answer = () => accepted
    await clock.advance(2000)
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a'])
  })

  it('waits as long as Retry-After says, but not for a day', async () => {
    const sink = fakeSink()
    let retryAfterMs = 7000
    sink.answer = (_, index) => (index < 2 ? { ...unavailable, retryAfterMs } : accepted)
    const { clock } = await started({ sink }, ['a'])
    await clock.advance(1000)
    retryAfterMs = 24 * 3600_000
    await clock.advance(6999)
    assert.equal(sink.requests.length, 1)
    await clock.advance(500)
    assert.equal(sink.requests.length, 2)
    await clock.advance(5 * 60_000 - 1)
    assert.equal(sink.requests.length, 2)
    await clock.advance(500)
    assert.equal(sink.requests.length, 3)
  })

  it('holds: keeps the events, says so once, and goes on when somebody has acted', async () => {
    const sink = fakeSink({ answer: () => forbidden })
    const { clock, cursor, delivery, logged } = await started({ sink }, ['a'])
    await clock.advance(50_000)
    assert.equal(delivery.status().state, 'holding')
    assert.equal(delivery.status().lastError, 'forbidden: no such permission')
    assert.equal(cursor.settlements.length, 0)
    assert.ok(sink.requests.length >= 6)
    assert.deepEqual(
      logged.map(({ level }) => level),
      ['warn'],
    )
    await clock.advance(70_000)
    assert.equal(logged.length, 2)
    assert.ok(Number(logged[1]!.fields['times']) > 3)
    sink.answer = () => accepted
    await clock.advance(30_000)
    assert.equal(delivery.status().state, 'ok')
    assert.equal(delivery.status().failingSinceMs, undefined)
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a'])
    assert.equal(logged.at(-1)!.level, 'info')
  })

  it('shows no secret in the last error', async () => {
    const text = `wrong password hunter22 ${'x'.repeat(490)} hunter22`
    const sink = fakeSink({
      answer: () => ({ kind: 'all', code: '401', outcome: { kind: 'hold', reason: 'unauthorized', text } }),
    })
    const { clock, delivery, logged } = await started({ sink }, ['a'])
    await clock.advance(1000)
    const shown = JSON.stringify([delivery.status().lastError, logged])
    assert.ok(!shown.includes('hunter'), shown)
    assert.ok(delivery.status().lastError!.length < 520)
  })

  it('probes a failing sink with one request, and does not read on meanwhile', async () => {
    const sink = fakeSink({ limits: { maxEvents: 2 } })
    const { clock, buffer } = await started({ sink })
    for (const name of numbered(20)) buffer.append([`${name}a`, `${name}b`])
    await turns()
    await clock.advance(0)
    const before = sink.requests.length
    sink.answer = () => unavailable
    for (const name of numbered(50, 'more ')) buffer.append([`${name}a`, `${name}b`])
    sink.mostInFlight = 0
    await clock.advance(60_000)
    assert.equal(sink.mostInFlight, 1)
    const failed = sink.requests.slice(before)
    assert.ok(failed.length < 14, `${failed.length} probes in a minute`)
    const distinct = new Set(failed.map(({ lines }) => lines[0]))
    assert.ok(distinct.size <= 6, `${distinct.size} batches in memory`)
  })

  it('a batch that never passes does not stand for the whole sink', async () => {
    const sink = fakeSink({ limits: { maxEvents: 1 } })
    sink.answer = ({ lines }) => (lines[0] === 'bad' ? unavailable : accepted)
    const { clock, cursor, buffer } = await started({ sink }, ['bad'])
    await clock.advance(20_000)
    buffer.append(numbered(20))
    await clock.advance(40_000)
    assert.equal(settledAs(cursor, 'acknowledged').length, 20)
  })

  it('events that are held do not keep others of the same sink waiting', async () => {
    const sink = fakeSink({ limits: { maxEvents: 3 } })
    sink.answer = (request) => each(request, (line) => (line.startsWith('held') ? holdItem : acceptedItem))
    const { clock, buffer, cursor, delivery } = await started({ sink }, ['held 0', 'held 1', 'held 2'])
    await clock.advance(5000)
    buffer.append(['held 3', 'a', 'b', 'c', 'd', 'e'])
    await clock.advance(5000)
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a', 'b', 'c', 'd', 'e'])
    assert.equal(delivery.status().state, 'holding')
    sink.answer = () => accepted
    await clock.advance(60_000)
    assert.equal(cursor.lag().events, 0)
    assert.equal(delivery.status().state, 'ok')
  })

  it('lowers the requests in flight when the server has too much, and raises them again', async () => {
    const sink = fakeSink({ limits: { maxEvents: 1 } })
    const release: (() => void)[] = []
    sink.answer = () => new Promise((resolve) => release.push(() => resolve(accepted)))
    const { buffer } = await started({ sink }, numbered(60))
    const letGo = async (): Promise<void> => {
      for (const resolve of release.splice(0)) resolve()
      await turns()
    }
    assert.equal(sink.inFlight, 1, 'a start is careful')
    for (let round = 0; round < 8; round++) await letGo()
    assert.equal(sink.inFlight, 4)
    const [throttled] = release.splice(0, 1)
    void throttled
    sink.answer = (request) => each(request, () => retryItem)
    await letGo()
    buffer.append(['x'])
    await turns()
    assert.ok(sink.inFlight <= 1)
  })

  it('ends a request that hangs at its deadline, sends it again, and does not block others', async () => {
    const sink = fakeSink({ limits: { maxEvents: 1 } })
    sink.answer = ({ lines, attempts }) => (lines[0] === 'slow' && attempts[0] === 0 ? hang() : accepted)
    const { clock, cursor, buffer, delivery } = await started({ sink }, numbered(8))
    buffer.append(['slow'])
    await turns()
    buffer.append(numbered(5, 'after '))
    await turns()
    assert.equal(settledAs(cursor, 'acknowledged').length, 13)
    await clock.advance(9_999)
    assert.equal(sink.inFlight, 1)
    const hung = sink.requests.find(({ lines }) => lines[0] === 'slow')!
    await clock.advance(1)
    assert.equal(hung.signal.aborted, true)
    await clock.advance(1000)
    assert.equal(settledAs(cursor, 'acknowledged').at(-1), 'slow')
    assert.deepEqual(sink.requests.at(-1)!.unanswered, [true])
    assert.equal(delivery.status().requests['timeout'], 1)
  })

  it('counts what was sent again after no answer as possible duplicates, where the sink cannot tell', async () => {
    for (const [resendIsSafe, expected] of [
      [false, 2],
      [true, 0],
    ] as const) {
      const sink = fakeSink({ resendIsSafe, answer: (_, index) => (index === 0 ? reset : accepted) })
      const { clock, delivery, cursor } = await started({ sink }, ['a', 'b'])
      await clock.advance(2000)
      assert.equal(cursor.lag().events, 0)
      assert.equal(delivery.status().possibleDuplicates, expected)
    }
  })

  it('an outcome that says `duplicate` is no possible duplicate', async () => {
    const sink = fakeSink()
    sink.answer = (request, index) =>
      index === 0 ? reset : each(request, () => ({ kind: 'accepted', duplicate: true }))
    const { clock, delivery } = await started({ sink }, ['a', 'b'])
    await clock.advance(2000)
    assert.equal(delivery.status().possibleDuplicates, 0)
    assert.deepEqual(delivery.status().notes, {})
  })

  it('a reroute goes out in its new partition and variant', async () => {
    const sink = fakeSink({ ordered: true, partition: (item) => (item.variant === 0 ? '' : 'behind') })
    sink.answer = (request) =>
      each(request, (line) =>
        line === 'late' && request.partition === ''
          ? { kind: 'reroute', variant: 1, reason: 'too far behind' }
          : acceptedItem,
      )
    const { clock, cursor } = await started({ sink }, ['a', 'late', 'b'])
    await clock.advance(1000)
    assert.deepEqual(
      sink.requests.map(({ partition, lines }) => [partition, ...lines]),
      [
        ['', 'a', 'late', 'b'],
        ['behind', 'late'],
      ],
    )
    assert.equal(cursor.lag().events, 0)
  })

  it('drop_oldest: requests of skipped records are given up, and late answers change nothing', async () => {
    const sink = fakeSink({ limits: { maxEvents: 2 }, answer: hang })
    const { cursor, buffer, clock, delivery } = await started({ sink }, ['a', 'b'])
    buffer.append(['c', 'd'])
    await turns()
    assert.equal(sink.requests.length, 1)
    cursor.dropOldest(1)
    await turns()
    assert.equal(sink.requests[0]!.signal.aborted, true)
    assert.deepEqual(cursor.counts.get('app')!.dropped, { buffer_full: 2 })
    sink.answer = () => accepted
    await clock.advance(20_000)
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['c', 'd'])
    assert.equal(await delivery.settled(never), true)
  })

  it('events of a skipped record that wait in an open batch are not sent', async () => {
    const sink = fakeSink()
    const { cursor, clock, buffer } = await started({ sink }, ['a', 'b'])
    buffer.append(['c'])
    await turns()
    cursor.dropOldest(1)
    await clock.advance(1000)
    assert.deepEqual(sentLines(sink), [['c']])
  })

  it('outlives a buffer that cannot be read for a while', async () => {
    const parts = harness({ sink: fakeSink() })
    parts.cursor.nextFails = systemError('EIO')
    parts.buffer.append(['a'])
    parts.delivery.start()
    await turns()
    await parts.clock.advance(5000)
    const { state, failingSinceMs, lastError } = parts.delivery.status()
    assert.match(lastError!, /buffer_read: .*EIO/)
    // As long as that health is degraded by it in the end.
    assert.equal(state, 'retrying')
    assert.equal(parts.clock.monotonic() - failingSinceMs!, 5000)
    parts.cursor.nextFails = undefined
    await parts.clock.advance(3000)
    assert.deepEqual(settledAs(parts.cursor, 'acknowledged'), ['a'])
    assert.equal(parts.delivery.status().state, 'ok')
  })

  it('sends what is open when too much stands open past the cursor', async () => {
    const sink = fakeSink({ limits: { maxWaitMs: 3600_000 } })
    const { cursor, buffer } = await started({ sink, mostOpen: 2 })
    for (const name of numbered(5)) buffer.append([name])
    await turns(40)
    assert.ok(settledAs(cursor, 'acknowledged').length >= 4)
  })

  it('an event that cannot be encoded is found, and the others pass', async () => {
    const sink = fakeSink({
      encode: (items) => {
        if (items.some(({ event }) => event.line.length === 3)) throw new TypeError('no such member')
        return items
      },
    })
    const { clock, cursor, logged } = await started({ sink }, ['a', 'b', 'bad', 'c', 'd'])
    await clock.advance(1000)
    assert.deepEqual(settledAs(cursor, 'acknowledged').sort(), ['a', 'b', 'c', 'd'])
    assert.equal(logged[0]!.level, 'error')
    assert.match(String(logged[0]!.fields['text']), /no such member/)
  })

  it('an answer for another number of events settles nothing', async () => {
    const sink = fakeSink()
    sink.answer = (_, index) =>
      index === 0 ? { kind: 'items', code: '200', outcomes: [acceptedItem] } : accepted
    const { clock, cursor } = await started({ sink }, ['a', 'b'])
    await clock.advance(1000)
    assert.equal(cursor.settlements.length, 0)
    await clock.advance(1000)
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a', 'b'])
  })

  it('a sink that throws costs a retry, not the delivery', async () => {
    const sink = fakeSink()
    sink.answer = (_, index) => {
      if (index === 0) throw new Error('a bug')
      return accepted
    }
    const { clock, cursor } = await started({ sink }, ['a'])
    await clock.advance(2000)
    assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a'])
  })

  it('the ledger adds up while everything goes wrong', async () => {
    const sink = fakeSink({ limits: { maxEvents: 4 } })
    sink.answer = (request, index) => {
      if (index % 5 === 1) return unavailable
      if (index % 5 === 2) return reset
      return each(
        request,
        (line, at) => [acceptedItem, retryItem, refusedItem, acceptedItem][(at + index) % 4]!,
      )
    }
    const parts = await started({ sink }, numbered(40))
    for (let step = 0; step < 300 && parts.cursor.lag().events > 0; step++) {
      await parts.clock.advance(500)
      assert.ok(ledgerAddsUp(parts))
    }
    await turn()
    assert.equal(parts.cursor.lag().events, 0)
  })
}

describe('delivery of items', behaviour(false))
describe('delivery of runs', behaviour(true))
