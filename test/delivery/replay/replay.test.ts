import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { RecordForSink, StoredEvent } from '../../../src/buffer/buffer.ts'
import { StoredRecordView } from '../../../src/buffer/stored-record.ts'
import { limits } from '../../../src/core/limits.ts'
import type { SendResult } from '../../../src/core/outcome.ts'
import { encodeLetter } from '../../../src/delivery/letters/dead-letter.ts'
import type { DeadLetter } from '../../../src/delivery/letters/dead-letter.ts'
import { LetterFeed } from '../../../src/delivery/replay/letter-feed.ts'
import { letterOf } from '../../../src/delivery/replay/letter-record.ts'
import { LetterSink } from '../../../src/delivery/replay/letter-sink.ts'
import { Pace } from '../../../src/delivery/replay/pace.ts'
import type { LiveState } from '../../../src/delivery/replay/pace.ts'
import type { ReplayFeed } from '../../../src/delivery/replay/replay-cursor.ts'
import { ReplaySink } from '../../../src/delivery/replay/replay-sink.ts'
import { Replay } from '../../../src/delivery/replay/replay.ts'
import { nodeFileSystem } from '../../../src/platform/node-file-system.ts'
import type { LetterEncoder, Sink } from '../../../src/sinks/sink.ts'
import { FakeClock, turn, whileTimePasses } from '../../support/fake-clock.ts'
import { FakeSink, lineOf } from '../../support/fake-sink.ts'
import { fakeLetter } from '../../support/letters.ts'
import { draftEvent, storedEvents } from '../../support/stored-event.ts'
import { collectingLog } from '../harness.ts'

const accepted = { kind: 'accepted' } as const
const mapping = { kind: 'rejected', reason: 'mapping', status: 400, type: 't', text: 'not a number' } as const
const down: SendResult = { kind: 'all', code: '503', outcome: { kind: 'retry', reason: 'server_error' } }

/** Records of so many events each. */
class ListFeed implements ReplayFeed {
  failure: Error | undefined
  isClosed = false
  readonly #records: RecordForSink[]

  constructor(counts: readonly number[]) {
    this.#records = counts.map((count, record) => {
      const drafts = Array.from({ length: count }, (_, index) => draftEvent({ line: `${record}.${index}` }))
      const [first] = storedEvents(drafts, { sequence: record + 1 })
      return { record: first!.record, events: drafts.map((_, index) => index) }
    })
  }

  next(): Promise<RecordForSink | undefined> {
    const next = this.#records.shift()
    return !next && this.failure ? Promise.reject(this.failure) : Promise.resolve(next)
  }

  stop(): void {
    this.#records.length = 0
  }

  async close(): Promise<void> {
    this.isClosed = true
  }
}

interface Rig {
  readonly clock: FakeClock
  readonly replay: Replay
  readonly taken: string[]
  readonly refused: DeadLetter[]
  readonly logged: readonly unknown[]
}

function rigOf(sink: Sink, feed: ReplayFeed, clock = new FakeClock()): Rig {
  const taken: string[] = []
  const refused: DeadLetter[] = []
  const { log, logged } = collectingLog()
  const replay = new Replay({
    name: 'es',
    type: 'fake',
    sink,
    config: { retry: { min: 500, max: 30_000 }, timeout: 30_000, max_in_flight: 4, when_full: 'block' },
    feed,
    clock,
    random: () => 0.5,
    log,
    redact: (text) => text,
    acknowledged: (event) => taken.push(Buffer.from(event.line).toString()),
    refused: (letters) => refused.push(...letters),
  })
  return { clock, replay, taken, refused, logged }
}

function rawOf({ record }: StoredEvent): Buffer {
  assert.ok(record instanceof StoredRecordView)
  return record.raw
}

const noPace = { turn: () => Promise.resolve() }
const never = new AbortController().signal

/** Time passes until it is done. */
const finished = <Result>(work: Promise<Result>, clock: FakeClock): Promise<Result> =>
  whileTimePasses(work, () => clock.advance(100))

describe('a replay', () => {
  it('sends all of it through the sink, one request at a time, and again what the sink could not take', async () => {
    let requests = 0
    const fake = new FakeSink({
      limits: { maxEvents: 5000 },
      answer: () => (requests++ % 3 === 0 ? down : { kind: 'all', code: '200', outcome: accepted }),
    })
    const feed = new ListFeed([1500, 1, 700])
    const rig = rigOf(new ReplaySink(fake, noPace), feed)
    await finished(rig.replay.run(never), rig.clock)
    assert.equal(rig.taken.length, 2201)
    assert.equal(new Set(rig.taken).size, 2201)
    assert.equal(fake.mostInFlight, 1)
    assert.ok(fake.requests.every(({ lines }) => lines.length <= 1000))
    assert.ok(feed.isClosed)
    assert.deepEqual(rig.logged, [])
  })

  it('tells what was refused for good, and counts what was there already', async () => {
    const outcomes = [accepted, { ...accepted, duplicate: true }, mapping]
    const fake = new FakeSink({ answer: () => ({ kind: 'items', code: '200', outcomes }) })
    const sink = new ReplaySink(fake, noPace)
    const rig = rigOf(sink, new ListFeed([3]))
    await finished(rig.replay.run(never), rig.clock)
    assert.deepEqual(rig.taken, ['0.0', '0.1'])
    assert.deepEqual(
      rig.refused.map(({ reason, text }) => [reason, text]),
      [['mapping', 'not a number']],
    )
    assert.equal(sink.alreadyThere, 1)
    // An id of the event's own is there from us, most likely.
    assert.deepEqual(fake.requests[0]!.unanswered, [true, true, true])
  })

  it('holds few records, however little of each is meant, and goes on as they are answered', async () => {
    const large = draftEvent({ line: 'x'.repeat(limits.replayOpenBytes / 4) })
    const [first] = storedEvents([large, draftEvent({ line: 'meant' })])
    let read = 0
    const feed: ReplayFeed = {
      // Each is a record of its own to whoever holds it.
      next: async () =>
        (read += 1) > 20 ? undefined : { record: new StoredRecordView(rawOf(first!)), events: [1] },
      stop: () => {},
      close: async () => {},
    }
    let answer: (() => void) | undefined
    const ok: SendResult = { kind: 'all', code: '200', outcome: accepted }
    const fake = new FakeSink({ answer: () => new Promise((resolve) => (answer = () => resolve(ok))) })
    const rig = rigOf(new ReplaySink(fake, noPace), feed)
    const done = rig.replay.run(never)
    while (fake.inFlight === 0) await turn()
    for (let turns = 0; turns < 50; turns += 1) await turn()
    assert.equal(read, 4)
    await whileTimePasses(done, async () => {
      answer?.()
      await rig.clock.advance(100)
    })
    assert.equal(rig.taken.length, 20)
  })

  it('ends when it is told, and gives up what hangs', async () => {
    const fake = new FakeSink({ answer: () => new Promise<SendResult>(() => {}) })
    const rig = rigOf(new ReplaySink(fake, noPace), new ListFeed([10]))
    const stop = new AbortController()
    const done = rig.replay.run(stop.signal)
    while (fake.inFlight === 0) {
      await turn()
      await rig.clock.advance(100)
    }
    stop.abort()
    await done
    assert.ok(fake.requests[0]!.signal.aborted)
    assert.deepEqual(rig.taken, [])
  })

  it('fails with what the disk says, once all that was read is sent', async () => {
    const fake = new FakeSink({ answer: () => ({ kind: 'all', code: '200', outcome: accepted }) })
    const feed = new ListFeed([2])
    feed.failure = new Error('EIO')
    const rig = rigOf(new ReplaySink(fake, noPace), feed)
    await assert.rejects(finished(rig.replay.run(never), rig.clock), /EIO/)
    assert.equal(rig.taken.length, 2)
  })

  it('waits while the sink fails or is behind with what is new, and says so', async () => {
    const fake = new FakeSink({ answer: () => ({ kind: 'all', code: '200', outcome: accepted }) })
    let live: LiveState = { state: 'retrying', lagSeconds: 0 }
    const clock = new FakeClock()
    const pace = new Pace(clock, () => live, never)
    const rig = rigOf(new ReplaySink(fake, pace), new ListFeed([1]), clock)
    const done = rig.replay.run(never)
    const pass = async (): Promise<void> => {
      for (let step = 0; step < 50; step++) {
        await turn()
        await clock.advance(100)
      }
    }
    await pass()
    assert.equal(pace.waitsFor, 'the sink is retrying')
    live = { state: 'ok', lagSeconds: 60 }
    await pass()
    assert.equal(pace.waitsFor, 'what is new goes first, and is 60 s behind')
    assert.equal(fake.requests.length, 0)
    live = { state: 'ok', lagSeconds: 1 }
    await finished(done, clock)
    assert.deepEqual([rig.taken.length, pace.waitsFor], [1, undefined])
  })
})

describe('a replay of dead letters', () => {
  it('sends them as they were kept, and gives back those that are refused again', async (context) => {
    const folder = await mkdtemp(join(tmpdir(), 'logferry-feed-'))
    context.after(() => rm(folder, { recursive: true, force: true }))
    const letters = ['a', 'b', 'c', 'd'].map((name, from) =>
      fakeLetter({
        id: `0123456789abcdef01234567-${from}-1`,
        origin: { generation: '0123456789abcdef01234567', path: '/log', from, to: from + 1 },
        reason: name === 'd' ? 'malformed' : 'mapping',
        event: { target: name === 'c' ? '' : 'x', body: `{"n":"${name}"}` },
      }),
    )
    const path = join(folder, '001.ndjson')
    await writeFile(path, Buffer.concat([...letters.map(encodeLetter), Buffer.from('rubbish\n')]))
    const encoder: LetterEncoder = {
      partition: ({ target }) => (target === '' ? undefined : target),
      sizeOf: ({ body }) => body.length,
      encode: async (kept, partition) => ({
        items: kept.map(({ item }) => item),
        partition,
        body: Buffer.from(kept.map((one) => one.kept.body).join('\n')),
        rawBytes: 1,
      }),
    }
    const fake = new FakeSink({
      answer: ({ items }) => ({
        kind: 'items',
        code: '200',
        outcomes: items.map((item) => (lineOf(item).includes('"b"') ? mapping : accepted)),
      }),
    })
    const feed = new LetterFeed(nodeFileSystem, path, {
      isWanted: ({ reason }) => reason === 'mapping',
      isSendable: ({ event }) => encoder.partition(event, 0) !== undefined,
    })
    const rig = rigOf(new LetterSink(fake, encoder, noPace), feed)
    await finished(rig.replay.run(never), rig.clock)
    assert.deepEqual(rig.taken, ['{"n":"a"}'])
    assert.equal(feed.unsendable, 1)
    const [again] = rig.refused
    assert.deepEqual(
      [rig.refused.length, again?.id, again?.source, again?.attempts, again?.event, again?.origin],
      [1, letters[1]!.id, 'app', 1, letters[1]!.event, letters[1]!.origin],
    )
  })

  it('has nothing to send of a file that is gone', async () => {
    const options = { isWanted: () => true, isSendable: () => true }
    assert.equal(await new LetterFeed(nodeFileSystem, '/nowhere/001.ndjson', options).next(), undefined)
  })

  it('is no record of the buffer', () => {
    assert.throws(() => letterOf(storedEvents([draftEvent()])[0]!), /no dead letter/)
  })
})
