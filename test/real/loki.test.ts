import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { z } from 'zod'
import { EventFlag, type Instant } from '../../src/core/event.ts'
import type { Outcome } from '../../src/core/outcome.ts'
import { nanosecondText } from '../../src/sinks/loki/push/push-json.ts'
import type { BatchItem, Sink } from '../../src/sinks/sink.ts'
import { deliver, openLoki, sendOnce } from '../sinks/loki/harness.ts'
import { until } from '../support/fake-clock.ts'
import { MemoryState } from '../support/sink-context.ts'
import { batchItem, draftEvent, storedEvents } from '../support/stored-event.ts'

const url = process.env['LOGFERRY_LOKI_URL'] ?? ''
/** Nobody else's streams: every run has a label value of its own. */
const run = randomBytes(6).toString('hex')
const startMs = Date.now()

const queryAnswer = z.object({
  data: z.object({
    result: z.array(
      z.object({
        stream: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.string(), z.string()])),
      }),
    ),
  }),
})

interface Found {
  readonly labels: Readonly<Record<string, string>>
  readonly time: string
  readonly line: string
}

function secondsAgo(seconds: number, nanos = 0): Instant {
  return { seconds: Math.floor(startMs / 1000) - seconds, nanos }
}

function items(drafts: readonly Parameters<typeof draftEvent>[0][]): BatchItem[] {
  return storedEvents(drafts.map((draft) => draftEvent(draft))).map((event) => batchItem(event))
}

/** All entries of this run's streams with the label `test`; metadata stands among the labels, as Loki answers it. */
async function query(name: string, headers: Record<string, string> = {}): Promise<Found[]> {
  const parameters = new URLSearchParams({
    query: `{run="${run}", test="${name}"}`,
    start: nanosecondText(Math.floor(startMs / 1000) - 6 * 86_400, 0),
    end: nanosecondText(Math.floor(startMs / 1000) + 3600, 0),
    limit: '5000',
    direction: 'forward',
  })
  const response = await fetch(`${url}/loki/api/v1/query_range?${parameters.toString()}`, { headers })
  assert.equal(response.status, 200, await response.clone().text())
  return queryAnswer
    .parse(await response.json())
    .data.result.flatMap(({ stream, values }) =>
      values.map(([time, line]) => ({ labels: stream, time, line })),
    )
    .sort((a, b) => (a.time < b.time ? -1 : 1))
}

async function queryUntil(name: string, count: number): Promise<Found[]> {
  let found: Found[] = []
  await until(
    async () => (found = await query(name)).length >= count,
    `${count} entries of ${name} are found`,
  )
  return found
}

function kinds(outcomes: ReadonlyMap<BatchItem, Outcome>, of: readonly BatchItem[]): string[] {
  return of.map((item) => {
    const outcome = outcomes.get(item)!
    return outcome.kind === 'rejected' ? `rejected ${outcome.reason}` : outcome.kind
  })
}

describe('a real Loki', { skip: url === '' && 'LOGFERRY_LOKI_URL is not set' }, () => {
  const opened: Sink[] = []
  after(async () => {
    for (const sink of opened) await sink.close()
  })

  function open(name: string, config: object = {}): Sink {
    const { sink } = openLoki(
      { url, labels: { job: 'logferry-test', run, test: name, level: '{level}' }, ...config },
      new MemoryState(),
      startMs,
    )
    opened.push(sink)
    return sink
  }

  for (const encoding of ['protobuf', 'json']) {
    test(`stores lines, exact times, labels and structured metadata (${encoding})`, async () => {
      const sink = open(encoding, { encoding })
      const batch = items([
        { line: '{"a":"Zürich 🏔","b":12345678901234567890}', time: secondsAgo(60, 123_456_789), severity: 3 },
        { line: 'tab\there, quote ", back\\slash, \u0001', time: secondsAgo(60, 123_456_790), severity: 3 },
        {
          line: 'with ids',
          time: secondsAgo(59),
          severity: 3,
          traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
          spanId: '00f067aa0ba902b7',
        },
      ])
      assert.deepEqual(kinds(await deliver(sink, batch), batch), ['accepted', 'accepted', 'accepted'])
      const found = await queryUntil(encoding, 3)
      assert.deepEqual(
        found.map(({ time, line }) => [time, line]),
        batch.map(({ event }) => [
          nanosecondText(event.time.seconds, event.time.nanos),
          Buffer.from(event.line).toString(),
        ]),
      )
      for (const { labels } of found) {
        assert.equal(labels['level'], 'info')
        assert.equal(labels['host_name'], 'web-1')
        assert.equal(labels['filename'], '/var/log/app/app.log')
      }
      assert.equal(found[0]!.labels['trace_id'], undefined)
      assert.equal(found[2]!.labels['trace_id'], '4bf92f3577b34da6a3ce929d0e0e4736')
      assert.equal(found[2]!.labels['span_id'], '00f067aa0ba902b7')
    })
  }

  test('a resend is stored once, and equal lines at equal times stay apart by their bump', async () => {
    const sink = open('resend')
    const time = secondsAgo(50, 999_999_999)
    const batch = items([
      { line: 'same', time },
      { line: 'same', time, bump: 1 },
      { line: 'same', time, bump: 2 },
    ])
    for (let sent = 0; sent < 3; sent++) {
      assert.deepEqual(kinds(await deliver(sink, batch), batch), ['accepted', 'accepted', 'accepted'])
    }
    await deliver(sink, items([{ line: 'last', time: secondsAgo(40) }]))
    const found = await queryUntil('resend', 4)
    assert.deepEqual(
      found.map((entry) => entry.time),
      [
        nanosecondText(time.seconds, time.nanos),
        nanosecondText(time.seconds + 1, 0),
        nanosecondText(time.seconds + 1, 1),
        nanosecondText(secondsAgo(40).seconds, 0),
      ],
    )
  })

  test('too old and too new entries are named, and the others of the push are stored', async () => {
    const sink = open('too-old-too-new')
    const batch = items([
      { line: 'nine days', time: secondsAgo(9 * 86_400) },
      { line: 'eight days', time: secondsAgo(8 * 86_400, 1) },
      { line: 'eight days too', time: secondsAgo(8 * 86_400, 2) },
      { line: 'now', time: secondsAgo(1) },
      { line: 'tomorrow', time: secondsAgo(-1200) },
    ])
    assert.deepEqual(kinds(await deliver(sink, batch), batch), [
      'rejected too_old',
      'rejected too_old',
      'rejected too_old',
      'accepted',
      'rejected too_new',
    ])
    assert.deepEqual(
      (await queryUntil('too-old-too-new', 1)).map((entry) => entry.line),
      ['now'],
    )
  })

  test('an entry too far behind is stored in the stream with the label backlog', async () => {
    const sink = open('behind')
    await deliver(sink, items([{ line: 'newest', time: secondsAgo(10) }]))
    // A new agent doesn't know how far the stream is: the server tells it.
    const restarted = open('behind')
    const late = items(
      Array.from({ length: 25 }, (_, index) => ({ line: `late ${index}`, time: secondsAgo(7200, index) })),
    )
    const batch = [...late, ...items([{ line: 'in the window', time: secondsAgo(3000) }])]
    const first = await sendOnce(restarted, batch)
    assert.equal(first.kind, 'items')
    assert.deepEqual(first.kind === 'items' && first.outcomes.map((outcome) => outcome.kind), [
      ...late.map(() => 'reroute'),
      'accepted',
    ])
    const outcomes = await deliver(restarted, batch)
    assert.ok([...outcomes.values()].every((outcome) => outcome.kind === 'accepted'))
    const found = await queryUntil('behind', 27)
    assert.equal(found.length, 27)
    assert.deepEqual(
      found.map(({ labels, line }) => [labels['backlog'], line]).filter(([backlog]) => backlog === 'true')
        .length,
      25,
    )
    // From now on it is known before sending.
    const [next] = items([{ line: 'late again', time: secondsAgo(7100) }])
    restarted.partition(next!)
    assert.equal(next!.variant, 1)
  })

  test('with late: dead_letter an entry too far behind is rejected', async () => {
    const sink = open('behind-dead', { late: 'dead_letter' })
    const batch = items([
      { line: 'newest', time: secondsAgo(10) },
      { line: 'late', time: secondsAgo(7200) },
    ])
    await deliver(sink, batch.slice(0, 1))
    assert.deepEqual(kinds(await deliver(sink, batch.slice(1)), batch.slice(1)), ['rejected too_far_behind'])
  })

  test('an old entry that the text leaves out, as it also names a late one, is found by halving', async () => {
    const sink = open('both', { late: 'dead_letter' })
    await deliver(sink, items([{ line: 'newest', time: secondsAgo(10) }]))
    const batch = items([
      { line: 'older than the server takes', time: secondsAgo(8 * 86_400) },
      { line: 'late', time: secondsAgo(7200) },
      { line: 'fine', time: secondsAgo(9) },
    ])
    assert.equal((await sendOnce(sink, batch)).kind, 'split')
    assert.deepEqual(kinds(await deliver(sink, batch), batch), [
      'rejected too_old',
      'rejected too_far_behind',
      'accepted',
    ])
  })

  test('a line above 256 KiB is cut between characters and says so', async () => {
    const sink = open('long')
    const whole = 'x'.repeat(262_143) + 'ü and more'
    const batch = items([
      { line: whole, time: secondsAgo(5), flags: EventFlag.partial },
      { line: 'x'.repeat(262_144), time: secondsAgo(4) },
    ])
    assert.deepEqual(kinds(await deliver(sink, batch), batch), ['accepted', 'accepted'])
    const found = await queryUntil('long', 2)
    assert.deepEqual(
      found.map(({ line, labels }) => [line.length, labels['log_flags']]),
      [
        [262_143, 'truncated,partial'],
        [262_144, undefined],
      ],
    )
  })

  test('hostile label values and members become one label each, and nothing else', async () => {
    const values = [
      `"}, {evil="x`,
      'back\\slash\\',
      'new\nline, tab\t, return\r, nul\0, del\x7f, \u2028',
      "' has timestamp too old: 2026-11-12T18:15:17Z; 5 errors like: x",
      'ü'.repeat(2000),
      '\ud800 alone',
      'was no UTF-8: \ufffd',
      '🏔',
    ]
    const sink = open('hostile', {
      labels: { run, test: 'hostile', app_name: '{v}' },
      structured_metadata: ['v'],
    })
    const batch = values.flatMap((v, index) =>
      items([{ line: JSON.stringify({ v, index }), time: secondsAgo(30, index) }]),
    )
    const outcomes = await deliver(sink, batch)
    assert.ok(
      [...outcomes.values()].every((outcome) => outcome.kind === 'accepted'),
      JSON.stringify([...outcomes.values()]),
    )
    const found = await queryUntil('hostile', values.length)
    assert.equal(found.length, values.length)
    for (const [index, entry] of found.entries()) {
      const {
        run: _run,
        test: _test,
        service_name: _service,
        detected_level: _level,
        v: _v,
        ...rest
      } = entry.labels
      assert.deepEqual(Object.keys(rest), ['app_name'])
      const sent = values[index]!.slice(0, 1024).replace(/\p{Surrogate}|\ufffd/gu, '?')
      assert.equal(rest['app_name'], sent)
    }
  })

  test('a push above the tenant rate gets 429 and is all to be sent again', async () => {
    const sink = open('rate', { batch: { max_bytes: '32MiB' } })
    const batch = items(
      Array.from({ length: 40 }, (_, index) => ({ line: 'r'.repeat(200_000), time: secondsAgo(3, index) })),
    )
    for (const expected of ['all', 'all', 'split']) {
      const result = await sendOnce(sink, batch)
      assert.equal(result.kind, expected)
      assert.equal(result.code, '429')
      if (result.kind === 'all') assert.equal(result.outcome.kind, 'retry')
      // As delivery does after each answer.
      for (const item of batch) item.attempts += 1
    }
  })

  test('a push above the gRPC limit is to be split', async () => {
    const sink = open('grpc')
    const batch = items(
      Array.from({ length: 22 }, (_, index) => ({ line: 'g'.repeat(200_000), time: secondsAgo(2, index) })),
    )
    let result = await sendOnce(sink, batch)
    await until(async () => {
      result = await sendOnce(sink, batch)
      return result.code !== '429'
    }, 'the rate limit of the test before has passed')
    assert.deepEqual(
      [result.kind, result.kind === 'split' && result.why, result.code],
      ['split', 'too_large', '500'],
    )
  })

  test('the probe says where pushes go and stores nothing', async () => {
    assert.match(await open('probe').probe(AbortSignal.timeout(5000)), /^Loki.* takes pushes at http/)
    await assert.rejects(
      open('probe', { url: `${url}/nowhere` }).probe(AbortSignal.timeout(5000)),
      /404.*path of url/,
    )
    assert.deepEqual(await query('probe'), [])
  })

  test('a tenant is sent as X-Scope-OrgID', async () => {
    const sink = open('tenant', { tenant: 'team-a' })
    const batch = items([{ line: 'of team a', time: secondsAgo(1) }])
    assert.deepEqual(kinds(await deliver(sink, batch), batch), ['accepted'])
    assert.equal((await queryUntil('tenant', 1)).length, 1)
  })
})
