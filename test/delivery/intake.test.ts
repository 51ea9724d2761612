import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { Batch } from '../../src/delivery/batch.ts'
import { Batcher } from '../../src/delivery/batcher.ts'
import { RunIntake } from '../../src/delivery/intake.ts'
import { Outstanding } from '../../src/delivery/outstanding.ts'
import { DeliveryRun } from '../../src/delivery/run.ts'
import type { RunSink } from '../../src/delivery/run.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { FakeSink, lineOf } from '../support/fake-sink.ts'
import { eventsOfLines } from '../support/stored-event.ts'

/** An event's size is the length of its line. */
function runSink(): RunSink {
  const sink = new FakeSink({ takesRuns: true })
  return { runs: sink.runs!, sizeOf: (item) => sink.sizeOf(item) }
}

function runOf(lengths: readonly number[]): DeliveryRun {
  const { record } = eventsOfLines(lengths.map((length) => 'x'.repeat(length)))[0]!
  const ticket = new Outstanding().take(record, lengths.length)
  return new DeliveryRun({ record, first: 0, end: lengths.length }, ticket, runSink())
}

const mistake = (what: string, error: unknown): never => {
  throw new Error(what, { cause: error })
}

const lengths = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 40 })

describe('a run', () => {
  it('is cut where so many events, or so many bytes, are full; one event is always taken', () => {
    fc.assert(
      fc.property(
        lengths,
        fc.integer({ min: 0, max: 45 }),
        fc.integer({ min: 0, max: 900 }),
        (given, events, bytes) => {
          const run = runOf(given)
          const head = run.head(events, bytes)
          let [expected, sum] = [0, 0]
          while (expected < Math.min(events, given.length) && sum + given[expected]! <= bytes)
            sum += given[expected++]!
          assert.equal(head.count, Math.max(1, expected))
          assert.equal(head.bytes, expected === 0 ? given[0] : sum)
          const rest = run.after(head)
          assert.equal(head.count + (rest?.count ?? 0), given.length)
          assert.equal(head.bytes + (rest?.bytes ?? 0), run.bytes)
        },
      ),
    )
  })

  it('becomes items, each measured by itself', () => {
    const items = runOf([3, 1, 2]).items()
    assert.deepEqual(items.map(lineOf), ['xxx', 'x', 'xx'])
    assert.deepEqual(
      items.map(({ bytes, attempts, unanswered }) => [bytes, attempts, unanswered]),
      [
        [3, 0, false],
        [1, 0, false],
        [2, 0, false],
      ],
    )
  })

  it('that cannot be measured counts as its whole record', () => {
    const { record } = eventsOfLines(['a', 'b'])[0]!
    const broken = (): never => {
      throw new Error('made by the test')
    }
    const sink: RunSink = { sizeOf: broken, runs: { sizeOf: broken, encode: broken } }
    const run = new DeliveryRun({ record, first: 0, end: 2 }, new Outstanding().take(record, 2), sink)
    assert.equal(run.bytes, record.bytes)
    assert.deepEqual(
      run.items().map(({ bytes }) => bytes),
      [1, 1],
    )
  })
})

describe('the intake of runs', () => {
  it('that a sink cannot deal is told of, and the events go on together', () => {
    const sink = runSink()
    const deal = (): never => {
      throw new Error('made by the test')
    }
    const sent: Batch[] = []
    const mistakes: string[] = []
    const batcher = new Batcher<DeliveryRun>({
      limits: { maxBytes: 100, maxEvents: 7, maxWaitMs: 1000 },
      clock: new FakeClock(),
      learnedBytes: () => Infinity,
      send: (partition, runs, bytes) => sent.push(Batch.ofRuns(partition, runs, bytes)),
    })
    const intake = new RunIntake({
      sink: { ...sink, runs: { ...sink.runs, deal } },
      outstanding: new Outstanding(),
      batcher,
      mistake: (what) => mistakes.push(what),
    })
    intake.take({ record: eventsOfLines(['a', 'b', 'c'])[0]!.record, events: [0, 2] }, 0)
    batcher.flush()
    assert.deepEqual(mistakes, ['deal'])
    assert.deepEqual(
      sent.flatMap((batch) => batch.items.map(lineOf)),
      ['a', 'c'],
    )
  })

  it('that were dealt keeps each partition apart, and its events in their order and variant', () => {
    const { record } = eventsOfLines(['a1', 'b1', 'a2', 'a3', 'b2'])[0]!
    const order = Uint32Array.of(0, 2, 3, 1, 4)
    const fake = new FakeSink({ takesRuns: true })
    const runs = {
      ...fake.runs!,
      deal: () => [
        { record, first: 0, end: 3, order, deal: { partition: 'a', variant: 0 } },
        { record, first: 3, end: 5, order, deal: { partition: 'b', variant: 1 } },
      ],
    }
    const sent: Batch[] = []
    const batcher = new Batcher<DeliveryRun>({
      limits: { maxBytes: 100, maxEvents: 2, maxWaitMs: 1000 },
      clock: new FakeClock(),
      learnedBytes: () => Infinity,
      send: (partition, taken, bytes) => sent.push(Batch.ofRuns(partition, taken, bytes)),
    })
    const sink = { runs, sizeOf: () => 1 }
    const intake = new RunIntake({ sink, outstanding: new Outstanding(), batcher, mistake })
    intake.take({ record, events: [0, 1, 2, 3, 4] }, 0)
    batcher.flush()
    assert.deepEqual(
      sent.map((batch) => [batch.partition, batch.items.map((item) => `${lineOf(item)} ${item.variant}`)]),
      [
        ['a', ['a1 0', 'a2 0']],
        ['b', ['b1 1', 'b2 1']],
        ['a', ['a3 0']],
      ],
    )
  })

  it('brings each event that is open into one batch, in order and within the bounds, whatever was settled before', () => {
    const records = fc.array(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 60 }), fc.boolean()), { minLength: 1 }),
    )
    fc.assert(
      fc.property(records, (given) => {
        const sent: Batch[] = []
        const outstanding = new Outstanding()
        const batcher = new Batcher<DeliveryRun>({
          limits: { maxBytes: 100, maxEvents: 7, maxWaitMs: 1000 },
          clock: new FakeClock(),
          learnedBytes: () => Infinity,
          send: (partition, runs, bytes) => sent.push(Batch.ofRuns(partition, runs, bytes)),
        })
        const intake = new RunIntake({ sink: runSink(), outstanding, batcher, mistake })
        const expected: string[] = []
        given.forEach((record, at) => {
          const lines = record.map(([length], index) => `${at}-${index}-`.padEnd(length, 'x'))
          const events = record.flatMap(([, isOpen], index) => (isOpen ? [index] : []))
          if (events.length === 0) return
          intake.take({ record: eventsOfLines(lines, { sequence: at + 1 })[0]!.record, events }, 0)
          expected.push(...events.map((index) => lines[index]!))
        })
        batcher.flush()
        assert.equal(outstanding.count, expected.length)
        for (const batch of sent) {
          assert.ok(batch.count <= 7)
          assert.ok(batch.bytes <= 100 || batch.count === 1)
          assert.equal(
            batch.count,
            batch.runs!.reduce((count, run) => count + run.count, 0),
          )
        }
        assert.deepEqual(
          sent.flatMap((batch) => batch.items.map(lineOf)),
          expected,
        )
        assert.ok(
          sent.every((batch) => batch.runs === undefined),
          'a batch whose items were asked for has no runs',
        )
      }),
      { numRuns: 100 },
    )
  })
})
