import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BatchItem } from '../../src/sinks/sink.ts'
import {
  FakeSink,
  accepted,
  acceptedItem,
  each,
  hang,
  holdItem,
  lineOf,
  reset,
  retryItem,
  tooLarge,
  unavailable,
} from '../support/fake-sink.ts'
import { numbered, settledAs, started, turns } from './harness.ts'

const byFirstLetter = (item: BatchItem): string => lineOf(item)[0]!
/** Event by event, and dealt in runs: it must be the same. */
for (const takesRuns of [false, true]) describePartitions(takesRuns)

function describePartitions(takesRuns: boolean): void {
  const ordered = (limits = {}): FakeSink =>
    new FakeSink({ ordered: true, partition: byFirstLetter, limits, takesRuns })

  describe(`an ordered partition of ${takesRuns ? 'runs' : 'events'}`, () => {
    it('has one request in flight, while others go on beside it', async () => {
      const sink = ordered({ maxEvents: 1 })
      const { buffer } = await started({ sink }, numbered(10, 'warm'))
      sink.answer = hang
      buffer.append(['a1', 'a2', 'b1', 'b2', 'c1', 'c2'])
      await turns()
      assert.deepEqual(
        sink.requests.slice(10).map(({ lines }) => lines[0]),
        ['a1', 'b1', 'c1'],
      )
    })

    it('sends nothing newer while a retry is pending', async () => {
      const sink = ordered({ maxEvents: 2 })
      sink.answer = (request, index) =>
        index === 0 ? each(request, (line) => (line === 'a1' ? retryItem : acceptedItem)) : accepted
      const { clock, cursor } = await started({ sink }, ['a1', 'a2', 'a3', 'a4', 'b1', 'b2'])
      await turns()
      assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a2', 'b1', 'b2'])
      await clock.advance(1000)
      assert.deepEqual(settledAs(cursor, 'acknowledged'), ['a2', 'b1', 'b2', 'a1', 'a3', 'a4'])
    })

    it('keeps its order through failures of whole requests', async () => {
      const sink = ordered({ maxEvents: 3 })
      sink.answer = (_, index) => (index % 3 === 2 ? accepted : index % 3 === 1 ? reset : unavailable)
      const lines = numbered(30, 'a')
      const { clock, cursor } = await started({ sink }, lines)
      await clock.advance(10 * 60_000)
      assert.deepEqual(settledAs(cursor, 'acknowledged'), lines)
    })

    it('keeps its order through splits', async () => {
      const sink = ordered({ maxEvents: 16 })
      sink.answer = (request) => (request.lines.length > 3 ? tooLarge : accepted)
      const lines = numbered(32, 'a')
      const { cursor } = await started({ sink }, lines)
      await turns(40)
      assert.deepEqual(settledAs(cursor, 'acknowledged'), lines)
    })

    it('that is held does not keep other partitions waiting', async () => {
      const sink = ordered({ maxEvents: 1 })
      sink.answer = (request) => (request.partition === 'a' ? each(request, () => holdItem) : accepted)
      const { clock, cursor, buffer } = await started({ sink }, ['a1', 'a2'])
      await clock.advance(30_000)
      buffer.append(['b1', 'a3', 'b2'])
      await clock.advance(1000)
      assert.deepEqual(settledAs(cursor, 'acknowledged'), ['b1', 'b2'])
      assert.ok(sink.requests.every(({ lines }) => lines[0] !== 'a2'))
      sink.answer = () => accepted
      await clock.advance(60_000)
      assert.deepEqual(settledAs(cursor, 'acknowledged'), ['b1', 'b2', 'a1', 'a2', 'a3'])
    })

    it('that is throttled for ever does not keep other partitions waiting', async () => {
      const sink = ordered({ maxEvents: 1 })
      sink.answer = (request) =>
        request.partition === 'a'
          ? { kind: 'all', code: '429', outcome: { kind: 'retry', reason: 'throttled' } }
          : accepted
      const { clock, cursor, buffer } = await started({ sink }, ['a1', 'a2'])
      await clock.advance(120_000)
      buffer.append(['b1', 'a3', 'b2'])
      await clock.advance(1000)
      assert.deepEqual(settledAs(cursor, 'acknowledged'), ['b1', 'b2'])
    })
  })
}
