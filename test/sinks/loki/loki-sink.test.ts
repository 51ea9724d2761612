import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { describe, test, type TestContext } from 'node:test'
import { Severity } from '../../../src/core/event.ts'
import type { Sink } from '../../../src/sinks/sink.ts'
import { until } from '../../support/fake-clock.ts'
import { FakeLoki, type FakeLokiOptions } from '../../support/fake-loki.ts'
import { MemoryState } from '../../support/sink-context.ts'
import { batchItem, batchItems, draftEvent, storedEvent, storedEvents } from '../../support/stored-event.ts'
import { deliver, openLoki, outcomeAt, request, sendOnce, type OpenSink } from './harness.ts'

const now = Date.UTC(2026, 10, 20, 18)
const seconds = now / 1000

async function start(t: TestContext, options: FakeLokiOptions = {}): Promise<FakeLoki> {
  const fake = new FakeLoki({ now: () => now, ...options })
  await fake.start()
  t.after(() => fake.stop())
  return fake
}

function open(t: TestContext, config: object, state = new MemoryState()): OpenSink {
  const opened = openLoki(config, state, now)
  t.after(() => opened.sink.close())
  return opened
}

function lines(count: number, at = seconds) {
  return storedEvents(
    Array.from({ length: count }, (_, index) =>
      draftEvent({ line: `line ${index}`, time: { seconds: at, nanos: index } }),
    ),
  )
}

/** Answered or failed long before this; only to end a test that hangs. */
const patienceMs = 60_000

async function send(sink: Sink, signal = AbortSignal.timeout(patienceMs)) {
  return sink.send(await request(sink, batchItems(lines(3))), signal)
}

describe('a push', () => {
  for (const encoding of ['protobuf', 'json']) {
    test(`carries lines, times, labels and metadata (${encoding})`, async (t) => {
      const fake = await start(t)
      const { sink } = open(t, { url: fake.url, encoding, labels: { job: 'app', level: '{level}' } })
      const event = storedEvent({
        line: '{"a":"ü"}',
        severity: Severity.info,
        time: { seconds, nanos: 999_999_999 },
        bump: 1,
        traceId: 'ab',
      })
      assert.deepEqual((await sendOnce(sink, [batchItem(event)])).kind, 'all')
      assert.deepEqual(fake.entries(), [
        {
          labels: '{job="app", level="info", service_name="app"}',
          time: `${seconds + 1}000000000`,
          line: '{"a":"ü"}',
          metadata: JSON.stringify([
            ['filename', '/var/log/app/app.log'],
            ['host_name', 'web-1'],
            ['trace_id', 'ab'],
          ]),
        },
      ])
      assert.equal(fake.pushes[0]!.url, '/loki/api/v1/push')
    })
  }

  test('is the same bytes each time it is encoded', async (t) => {
    const { sink } = open(t, {})
    const items = batchItems(lines(10))
    const [first, second] = [await request(sink, items), await request(sink, items)]
    assert.deepEqual(first.body, second.body)
    assert.ok(items.reduce((sum, item) => sum + sink.sizeOf(item), 0) >= first.rawBytes)
  })

  test('has tenant, credentials and headers, and goes to the full URL', async (t) => {
    const fake = await start(t)
    const push = {
      url: `${fake.url}/gateway/loki/api/v1/push`,
      tenant: 'team-a',
      headers: { 'x-extra': 'yes' },
    }
    await sendOnce(open(t, { ...push, auth: { username: 'u', password: 'p' } }).sink, batchItems(lines(1)))
    await sendOnce(open(t, { ...push, auth: { bearer_token: 'tok' } }).sink, batchItems(lines(1)))
    await sendOnce(open(t, { url: fake.url.replace('//', '//us%40er:p%3Aw@') }).sink, batchItems(lines(1)))
    const [basic, bearer, inUrl] = fake.pushes
    assert.equal(basic!.url, '/gateway/loki/api/v1/push')
    assert.equal(basic!.headers['x-scope-orgid'], 'team-a')
    assert.equal(basic!.headers['x-extra'], 'yes')
    assert.equal(basic!.headers.authorization, `Basic ${Buffer.from('u:p').toString('base64')}`)
    assert.equal(bearer!.headers.authorization, 'Bearer tok')
    assert.equal(inUrl!.headers.authorization, `Basic ${Buffer.from('us@er:p:w').toString('base64')}`)
  })

  test('goes through a proxy, with its credentials', async (t) => {
    const fake = await start(t)
    const seen: (string | undefined)[] = []
    const proxy = createServer((incoming, response) => {
      seen.push(incoming.url, incoming.headers['proxy-authorization'])
      response.writeHead(204).end()
    })
    await new Promise<void>((resolve) => {
      proxy.listen(0, '127.0.0.1', resolve)
    })
    t.after(() => proxy.close())
    const address = proxy.address()
    const port = typeof address === 'object' ? address!.port : 0
    const { sink } = open(t, { url: fake.url, proxy: `http://me:pw@127.0.0.1:${port}` })
    assert.equal((await sendOnce(sink, batchItems(lines(1)))).code, '204')
    assert.deepEqual(seen, [
      `${fake.url}/loki/api/v1/push`,
      `Basic ${Buffer.from('me:pw').toString('base64')}`,
    ])
  })
})

describe('faults', () => {
  const rows = [
    ['reset', 'reset', true],
    ['lost_ack', 'reset', true],
    ['cut', 'reset', true],
    ['hang', 'timeout', true],
  ] as const
  for (const [kind, code, unanswered] of rows) {
    test(`${kind}: everything is sent again, and stored once`, async (t) => {
      const fake = await start(t)
      fake.faults.push({ kind })
      const { sink } = open(t, { url: fake.url })
      const deadline = new AbortController()
      const sending = send(sink, deadline.signal)
      if (kind === 'hang') {
        await until(() => fake.faults.length === 0, 'the request is there')
        deadline.abort()
      }
      const result = await sending
      assert.equal(result.kind === 'all' && result.outcome.kind, 'retry')
      assert.equal(result.code, code)
      assert.equal(result.kind === 'all' && result.unanswered, unanswered)
      assert.equal((await send(sink)).code, '204')
      assert.equal(fake.entries().length, 3)
    })
  }

  test('a server that is not there is a retry without unanswered', async (t) => {
    const fake = await start(t)
    const { sink } = open(t, { url: fake.url })
    await fake.stop()
    const result = await send(sink)
    assert.equal(result.code, 'refused')
    assert.equal(result.kind === 'all' && result.unanswered, undefined)
  })

  test('a redirect is not followed', async (t) => {
    const fake = await start(t)
    fake.faults.push({ kind: 'status', status: 307, headers: { location: `${fake.url}/loki/api/v1/push` } })
    const { sink } = open(t, { url: fake.url })
    const result = await send(sink)
    assert.deepEqual(result.kind === 'all' && result.outcome.kind, 'hold')
    assert.equal(fake.entries().length, 0)
  })

  test('a page of HTML with a 200 holds', async (t) => {
    const fake = await start(t)
    fake.faults.push({ kind: 'garbage' })
    const result = await send(open(t, { url: fake.url }).sink)
    assert.equal(result.kind === 'all' && result.outcome.kind, 'hold')
  })

  test('Retry-After comes in ms', async (t) => {
    const fake = await start(t)
    fake.faults.push({ kind: 'status', status: 429, headers: { 'retry-after': '7' } })
    const result = await send(open(t, { url: fake.url }).sink)
    assert.equal(result.kind === 'all' && result.retryAfterMs, 7000)
  })

  test('a stream that met its rate limit in the middle is stored whole in the end', async (t) => {
    const fake = await start(t)
    fake.faults.push({ kind: 'partial' })
    const { sink } = open(t, { url: fake.url })
    const first = await send(sink)
    assert.deepEqual(
      [0, 1, 2].map((index) => outcomeAt(first, index).kind),
      ['retry', 'retry', 'retry'],
    )
    await send(sink)
    assert.equal(fake.entries().length, 3)
    assert.equal(fake.repeated, 2)
  })

  test('the third 429 in a row halves a push above 1 MiB; any other answer starts the count again', async (t) => {
    const fake = await start(t, { limits: { burstBytes: 1_500_000 } })
    const { sink } = open(t, { url: fake.url })
    const items = batchItems(
      storedEvents(
        Array.from({ length: 10 }, (_, nanos) =>
          draftEvent({ line: 'x'.repeat(200_000), time: { seconds, nanos } }),
        ),
      ),
    )
    const kinds: string[] = []
    for (const fault of [
      undefined,
      undefined,
      { kind: 'status', status: 503 } as const,
      undefined,
      undefined,
      undefined,
    ]) {
      fake.faults.push(fault)
      kinds.push((await sendOnce(sink, items)).kind)
      // As delivery does after each answer.
      for (const item of items) item.attempts += 1
    }
    assert.deepEqual(kinds, ['all', 'all', 'all', 'all', 'all', 'split'])
    const outcomes = [...(await deliver(sink, items)).values()]
    assert.ok(outcomes.every((outcome) => outcome.kind === 'accepted'))
    assert.equal(fake.entries().length, 10)
  })
})

describe('late entries', () => {
  const newest = storedEvent({ line: 'newest', time: { seconds, nanos: 0 } })
  const late = storedEvent({ line: 'late', time: { seconds: seconds - 4000, nanos: 0 } })

  test('go to the stream with the label backlog before they are sent', async (t) => {
    const fake = await start(t)
    const { sink } = open(t, { url: fake.url })
    await deliver(sink, batchItems([newest, late]))
    assert.deepEqual(
      fake.entries().map(({ labels, line }) => [labels, line]),
      [
        ['{job="app", service_name="app"}', 'newest'],
        ['{backlog="true", job="app", service_name="app"}', 'late'],
      ],
    )
    assert.equal(fake.pushCount, 2)
  })

  test('are rerouted when only the server knows, and the next ones before they are sent', async (t) => {
    const fake = await start(t)
    await deliver(open(t, { url: fake.url }).sink, batchItems([newest]))
    const { sink } = open(t, { url: fake.url })
    const items = batchItems([late, late])
    const outcomes = await deliver(sink, items.slice(0, 1))
    assert.deepEqual([...outcomes.values()], [{ kind: 'accepted' }])
    assert.equal(fake.pushCount, 3)
    await deliver(sink, items.slice(1))
    assert.equal(fake.pushCount, 4)
    assert.equal(fake.repeated, 1)
  })

  test('are rejected when the stream of late entries is too far ahead as well', async (t) => {
    const fake = await start(t)
    const { sink } = open(t, { url: fake.url })
    const older = storedEvent({ line: 'older', time: { seconds: seconds - 9000, nanos: 0 } })
    const items = batchItems([newest, late, older])
    for (const item of items.slice(0, 2)) await deliver(sink, [item])
    const outcome = (await deliver(sink, items.slice(2))).get(items[2]!)!
    assert.equal(outcome.kind === 'rejected' && outcome.reason, 'too_far_behind')
  })

  test('with dead_letter are sent as they are, and rejected by the server', async (t) => {
    const fake = await start(t)
    const { sink } = open(t, { url: fake.url, late: 'dead_letter' })
    const items = batchItems([newest, late])
    await deliver(sink, items.slice(0, 1))
    const outcome = (await deliver(sink, items.slice(1))).get(items[1]!)!
    assert.equal(outcome.kind === 'rejected' && outcome.reason, 'too_far_behind')
  })
})

describe('a label that outgrows its budget', () => {
  const config = {
    labels: { job: 'app', user: '{user}' },
    label_limits: { max_values: 2 },
    structured_metadata: [],
  }
  const users = (...names: string[]) =>
    batchItems(
      names.map((user, from) =>
        storedEvent({ line: `{"user":"${user}"}`, from, time: { seconds, nanos: from } }),
      ),
    )

  test('becomes structured metadata, counted once', async (t) => {
    const fake = await start(t)
    const { sink, context } = open(t, { url: fake.url, ...config })
    await deliver(sink, users('a', 'b', 'c', 'd'))
    assert.deepEqual(
      fake.entries().map(({ labels, metadata }) => [labels, metadata]),
      [
        ['{job="app", service_name="app", user="a"}', '[]'],
        ['{job="app", service_name="app", user="b"}', '[]'],
        ['{job="app", service_name="app"}', '[["user","c"]]'],
        ['{job="app", service_name="app"}', '[["user","d"]]'],
      ],
    )
    assert.equal(context.demoted, 1)
    assert.equal(context.log.lines.length, 1)
  })

  test('is left out with drop_label', async (t) => {
    const fake = await start(t)
    const label_limits = { max_values: 2, on_limit: 'drop_label' }
    await deliver(open(t, { url: fake.url, ...config, label_limits }).sink, users('a', 'b', 'c'))
    assert.deepEqual(fake.entries()[2], {
      labels: '{job="app", service_name="app"}',
      time: `${seconds}000000002`,
      line: '{"user":"c"}',
      metadata: '[]',
    })
  })

  test('is saved before anything is sent that rests on it', async (t) => {
    const fake = await start(t)
    const state = new MemoryState()
    const { sink } = open(t, { url: fake.url, ...config }, state)
    const [a, b, c] = users('a', 'b', 'c')
    await deliver(sink, [a!, b!])
    assert.deepEqual(state.saves, [])
    state.failure = new Error('ENOSPC')
    const refused = await sendOnce(sink, [c!])
    assert.equal(refused.kind === 'all' && refused.outcome.kind, 'retry')
    assert.equal(fake.pushCount, 2)
    state.failure = undefined
    await sendOnce(sink, [c!])
    assert.deepEqual(state.saves, ['demoted_labels'])
    assert.equal(fake.pushCount, 3)
    const restarted = open(t, { url: fake.url, ...config }, state).sink
    assert.match(restarted.partition(a!), /^\{job="app"\}/)
  })

  test('stays a label in what was built before', async (t) => {
    const { sink } = open(t, config)
    const [a, b, c] = users('a', 'b', 'c')
    const partition = sink.partition(a!)
    const before = await sink.encode([a!], partition)
    sink.partition(b!)
    sink.partition(c!)
    assert.deepEqual(await sink.encode([a!], partition), before)
    assert.notEqual(sink.partition(a!), partition)
  })
})

describe('describe', () => {
  test('shows stream, line, time and metadata, and changes nothing', (t) => {
    const { sink } = open(t, { labels: { job: 'app', level: '{level}' }, tenant: 'team-a' })
    const item = batchItem(
      storedEvent({ line: 'hello', severity: Severity.error, time: { seconds, nanos: 5 }, bump: 1 }),
    )
    assert.deepEqual(sink.describe(item), {
      target: '{job="app", level="error"}',
      body: 'hello',
      details: {
        time: '2026-11-20T18:00:00.000000006Z',
        structured_metadata: { host_name: 'web-1', filename: '/var/log/app/app.log' },
        tenant: 'team-a',
      },
    })
    assert.equal(sink.describe({ ...item, variant: 1 }).target, '{backlog="true", job="app", level="error"}')
  })
})

describe('probe', () => {
  const probe = (t: TestContext, config: object) => open(t, config).sink.probe(AbortSignal.timeout(2000))

  test('names version and URL, without credentials', async (t) => {
    const fake = await start(t)
    const url = fake.url.replace('//', '//user:secret@')
    assert.equal(await probe(t, { url }), `Loki 3.7.8 takes pushes at ${fake.url}/loki/api/v1/push`)
    assert.equal(fake.entries().length, 0)
  })

  test('explains what is wrong', async (t) => {
    const fake = await start(t)
    fake.readyStatus = 503
    await assert.rejects(probe(t, { url: fake.url }), /isn't ready: Ingester not ready/)
    await assert.rejects(probe(t, { url: `${fake.url}/other/push` }), /404 there is no push endpoint here/)
    fake.authorization = 'Bearer right'
    await assert.rejects(
      probe(t, { url: fake.url, auth: { bearer_token: 'wrong' } }),
      /401 .*check auth and tenant/,
    )
    fake.authorization = undefined
    fake.faults.push({ kind: 'status', status: 301 })
    await assert.rejects(probe(t, { url: fake.url }), /redirects are not followed/)
    await fake.stop()
    await assert.rejects(probe(t, { url: fake.url }), /cannot reach .*ECONNREFUSED/)
  })
})
