import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, asyncProperty, integer } from 'fast-check'
import { eventsOf } from '../../../../src/sinks/loki/deal/deal.ts'
import { ascendingOrder } from '../../../../src/sinks/loki/deal/run-order.ts'
import type { StoredEvent } from '../../../../src/buffer/buffer.ts'
import { FakeLoki } from '../../../support/fake-loki.ts'
import { batchItem, draftEvent, storedEvents } from '../../../support/stored-event.ts'
import { openLoki, outcomeAt } from '../harness.ts'
import { checkedPush, dealtToOne, recordsOf } from './harness.ts'

const nowMs = Date.UTC(2026, 10, 20, 18)
const now = nowMs / 1000

/** Records of one stream, with events at these seconds. */
function records(times: readonly (readonly number[])[]): StoredEvent[] {
  return times.flatMap((seconds, sequence) =>
    storedEvents(
      seconds.map((at, from) =>
        draftEvent({ line: `${sequence}-${from}`, from, time: { seconds: now + at, nanos: from } }),
      ),
      { sequence },
    ),
  )
}

const someTimes = array(array(integer({ min: -30, max: 0 }), { minLength: 1, maxLength: 8 }), {
  minLength: 1,
  maxLength: 5,
})

test('a push has the entries of all runs in the order of their times, equal ones in the order of the runs', async () => {
  await check(
    asyncProperty(someTimes, async (times) => {
      const { sink } = openLoki({}, undefined, nowMs)
      const { partition, runs } = dealtToOne(sink, recordsOf(records(times)))
      const order = ascendingOrder(runs)
      const given = runs.flatMap((run) => eventsOf(run))
      const timeOf = ({ seconds, nanos }: StoredEvent): number => (seconds - now) * 1e9 + nanos
      const expected = given.toSorted((a, b) => timeOf(a) - timeOf(b))
      const nameOf = ({ record, index }: StoredEvent): string => `${record.sequence}/${index}`
      const found = (order?.stretches ?? runs).flatMap((run) => eventsOf(run))
      assert.deepEqual(found.map(nameOf), expected.map(nameOf))
      if (order) {
        assert.deepEqual(
          [...order.events].map((event) => nameOf(given[event]!)),
          expected.map(nameOf),
        )
      }
      await checkedPush(sink, runs, partition)
    }),
    { numRuns: 60 },
  )
})

test('an answer about single entries says what became of which event, whatever the order of the records', async (t) => {
  const fake = new FakeLoki({ now: () => nowMs })
  await fake.start()
  t.after(() => fake.stop())
  const { sink } = openLoki({ url: fake.url, late: 'dead_letter' }, undefined, nowMs)
  t.after(() => sink.close())
  const week = 7 * 24 * 3600
  const events = records([
    [0, -week - 100, 7200],
    [-week - 50, -10, 7300, -20],
  ])
  const { partition, runs } = dealtToOne(sink, recordsOf(events))
  const result = await sink.send(await sink.runs!.encode(runs, partition), AbortSignal.timeout(20_000))
  assert.equal(result.kind, 'items')
  const reasons = events.map((_, at) => {
    const outcome = outcomeAt(result, at)
    return outcome.kind === 'rejected' ? outcome.reason : outcome.kind
  })
  const [fine, old, ahead] = ['accepted', 'too_old', 'too_new']
  assert.deepEqual(reasons, [fine, old, ahead, old, fine, ahead, fine])
  assert.deepEqual(
    fake
      .entries()
      .map(({ line }) => line)
      .toSorted(),
    ['0-0', '1-1', '1-3'],
  )
})

test('the third 429 in a row counts the one that the runs got', async (t) => {
  const fake = new FakeLoki({ now: () => nowMs, limits: { burstBytes: 1_500_000 } })
  await fake.start()
  t.after(() => fake.stop())
  const { sink } = openLoki({ url: fake.url }, undefined, nowMs)
  t.after(() => sink.close())
  const drafts = Array.from({ length: 10 }, (_, from) =>
    draftEvent({ line: 'x'.repeat(200_000), from, time: { seconds: now, nanos: from } }),
  )
  const events = storedEvents(drafts)
  const { partition, runs } = dealtToOne(sink, recordsOf(events))
  const kinds = [await sink.send(await sink.runs!.encode(runs, partition), AbortSignal.timeout(20_000))]
  const items = events.map((event) => batchItem(event, { attempts: 1 }))
  for (let attempt = 0; attempt < 2; attempt++) {
    kinds.push(await sink.send(await sink.encode(items, partition), AbortSignal.timeout(20_000)))
  }
  assert.deepEqual(
    kinds.map(({ kind }) => kind),
    ['all', 'all', 'split'],
  )
})
