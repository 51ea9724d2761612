import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { after, test } from 'node:test'
import type { SendResult } from '../../../src/core/outcome.ts'
import { elasticsearchSink } from '../../../src/sinks/elasticsearch/definition.ts'
import { ElasticsearchSink } from '../../../src/sinks/elasticsearch/index.ts'
import type { BatchItem } from '../../../src/sinks/sink.ts'
import { FakeElasticsearch, startFakeElasticsearch } from '../../support/fake-elasticsearch.ts'
import { sinkContext } from '../../support/sink-context.ts'
import { batchItem, batchItems, eventsOfLines, storedEvent } from '../../support/stored-event.ts'

const never = new AbortController().signal
const lines = ['{"message":"one","n":1}', 'plain two', '{"message":"three"}']
const closers: (() => Promise<void>)[] = []
after(() => Promise.all(closers.map((close) => close())))

async function fakeServer(): Promise<FakeElasticsearch> {
  const fake = await startFakeElasticsearch()
  closers.push(() => fake.close())
  return fake
}

function sinkTo(nodes: string[], settings: object = {}): ElasticsearchSink {
  const base = 'data_stream' in settings ? { nodes } : { nodes, index: 'app-%Y.%m.%d' }
  const config = elasticsearchSink.schema.parse({ ...base, ...settings })
  const sink = new ElasticsearchSink(config, sinkContext())
  closers.push(() => sink.close())
  return sink
}

async function sendAll(
  sink: ElasticsearchSink,
  items: readonly BatchItem[],
  signal = never,
): Promise<SendResult> {
  return sink.send(await sink.encode(items, ''), signal)
}

/** Each item's verdict, or the code, verdict and flags of the request. */
function summary(result: SendResult): string[] {
  if (result.kind === 'items') return result.outcomes.map((outcome) => outcome.kind)
  const outcome = result.kind === 'all' ? result.outcome : result.single
  const reason = outcome.kind === 'accepted' ? '' : outcome.reason
  return [result.kind, result.code, outcome.kind, reason, result.unanswered ? 'unanswered' : 'answered']
}

/** Every event was accepted, said of all at once or one by one. */
function assertAccepted(result: SendResult, message?: string): void {
  const outcomes = result.kind === 'items' ? result.outcomes : result.kind === 'all' ? [result.outcome] : []
  assert.ok(outcomes.length > 0 && outcomes.every(({ kind }) => kind === 'accepted'), message)
}

test('documents arrive under their ids, and the same batch again changes nothing', async () => {
  const fake = await fakeServer()
  for (const compression of ['gzip', 'none']) {
    fake.indices.clear()
    const sink = sinkTo([fake.url], { compression })
    const items = batchItems(eventsOfLines(lines))
    assertAccepted(await sendAll(sink, items))
    const again = await sendAll(sink, items)
    assert.ok(
      again.kind === 'items' && again.outcomes.every((one) => one.kind === 'accepted' && one.duplicate),
    )
    const documents = fake.documents()
    assert.equal(documents.length, 3)
    assert.equal(new Set(documents.map((document) => document.id)).size, 3)
    assert.ok(documents.every((document) => document.index === 'app-2026.11.20' && document.version === 1))
    assert.equal(documents[0]?.source, sink.describe(items[0]!).body)
  }
})

test('a request carries plain media types, the filter and the pipeline, and nothing of the client', async () => {
  const fake = await fakeServer()
  fake.indices.pipelines.add('my pipeline&x=1')
  const settings = { pipeline: 'my pipeline&x=1', headers: { 'X-Scope': 'a' }, auth: { api_key: 'secret' } }
  const sink = sinkTo([fake.url], settings)
  assertAccepted(await sendAll(sink, batchItems(eventsOfLines(lines))))
  const request = fake.requests[0]!
  const { headers } = request
  assert.equal(headers['content-type'], 'application/x-ndjson')
  assert.equal(headers.accept, 'application/json')
  assert.equal(headers['content-encoding'], 'gzip')
  assert.equal(headers['x-scope'], 'a')
  assert.equal(headers.authorization, 'ApiKey secret')
  assert.equal(headers['x-elastic-client-meta'], undefined)
  const { searchParams } = new URL(request.url, 'http://x')
  assert.match(searchParams.get('filter_path') ?? '', /^errors,items\.\*\.status,/)
  assert.equal(searchParams.get('pipeline'), 'my pipeline&x=1')
})

test('user info in a node URL becomes a header and shows nowhere', async () => {
  const fake = await fakeServer()
  fake.authorization = `Basic ${Buffer.from('me:pass word').toString('base64')}`
  const sink = sinkTo([fake.url.replace('//', '//me:pass%20word@')])
  assertAccepted(await sendAll(sink, [batchItem(storedEvent())]))
  const wrong = sinkTo([fake.url], { auth: { username: 'me', password: 'wrong' } })
  const result = await sendAll(wrong, [batchItem(storedEvent())])
  assert.deepEqual(summary(result), ['all', '401', 'hold', 'unauthorized', 'answered'])
  await assert.rejects(wrong.probe(never), /credentials in auth are refused \(401\)/)
})

test('a server that is no Elasticsearch by its headers is served all the same', async () => {
  const fake = await fakeServer()
  fake.product = 'opensearch-3.8'
  const sink = sinkTo([fake.url])
  assertAccepted(await sendAll(sink, [batchItem(storedEvent())]))
  assert.equal(await sink.probe(never), 'OpenSearch 3.8.0')
})

test('faults of the connection are told apart by what the server may have taken', async () => {
  const fake = await fakeServer()
  const sink = sinkTo([fake.url])
  const items = batchItems(eventsOfLines(lines))
  const table = [
    ['reset', 'reset', 0],
    ['lostAck', 'reset', 3],
    ['cut', 'reset', 3],
    ['garbage', 'bad_answer', 3],
  ] as const
  for (const [kind, code, stored] of table) {
    fake.indices.clear()
    fake.faults.script({ kind })
    const [how, seenCode, verdict, , answered] = summary(await sendAll(sink, items))
    assert.deepEqual([how, seenCode, verdict, answered], ['all', code, 'retry', 'unanswered'], kind)
    assert.equal(fake.documents().length, stored, kind)
    assertAccepted(await sendAll(sink, items), kind)
    assert.equal(fake.documents().length, 3, kind)
  }
})

test('a server that hangs or drips is given up at the deadline, and the next request passes', async () => {
  const fake = await fakeServer()
  const sink = sinkTo([fake.url])
  const items = batchItems(eventsOfLines(lines))
  for (const kind of ['hang', 'hangStored', 'drip'] as const) {
    fake.faults.script({ kind })
    const deadline = new AbortController()
    const before = fake.bulkRequests
    const sending = sendAll(sink, items, deadline.signal)
    while (fake.bulkRequests === before) await new Promise((resolve) => setImmediate(resolve))
    deadline.abort()
    assert.deepEqual(summary(await sending), ['all', 'timeout', 'retry', 'timeout', 'unanswered'], kind)
    assertAccepted(await sendAll(sink, items), kind)
  }
})

test('answers that cannot be meant are not believed, however they look', async () => {
  const fake = await fakeServer()
  const sink = sinkTo([fake.url])
  const items = batchItems(eventsOfLines(lines))
  const bodies = ['{}', '', '{"errors":false,"items":[{"create":{"status":201}}]}', 'x'.repeat(9 * 1024 ** 2)]
  for (const body of bodies) {
    fake.faults.script({ kind: 'answer', status: 200, body })
    const result = await sendAll(sink, items)
    assert.deepEqual(summary(result), ['all', 'bad_answer', 'retry', 'bad_answer', 'unanswered'])
  }
  // A gzip answer was not asked for, so it is not unpacked.
  const gzip = { 'content-encoding': 'gzip' }
  fake.faults.script({ kind: 'answer', status: 202, body: '\u001f\u008b', headers: gzip })
  assert.equal((await sendAll(sink, items)).code, 'bad_answer')
})

test('an answer may be as large as the request: refused items come with the whole value', async () => {
  const fake = await fakeServer()
  const sink = sinkTo([fake.url])
  const items = [
    batchItem(storedEvent({ line: '{"n":1}' })),
    batchItem(storedEvent({ line: `{"n":"${'x'.repeat(9 * 1024 ** 2)}"}`, from: 100 })),
  ]
  const result = await sendAll(sink, items)
  assert.deepEqual(summary(result), ['accepted', 'rejected'])
  assert.ok(result.kind === 'items' && result.outcomes[1]?.kind === 'rejected')
  assert.ok(result.outcomes[1].text.length <= 500)
})

test('redirects are not followed', async () => {
  const fake = await fakeServer()
  const other = await fakeServer()
  const sink = sinkTo([fake.url], { auth: { api_key: 'secret' } })
  for (const status of [301, 302, 307, 308]) {
    fake.faults.script({ kind: 'refuse', status, headers: { location: `${other.url}/_bulk` } })
    const result = await sendAll(sink, [batchItem(storedEvent())])
    assert.deepEqual(summary(result), ['all', String(status), 'hold', 'redirect', 'answered'])
  }
  assert.equal(other.requests.length, 0)
})

test('Retry-After of a refusal is handed on', async () => {
  const fake = await fakeServer()
  const sink = sinkTo([fake.url])
  for (const [status, header, expected] of [
    [429, '7', 7000],
    [503, 'soon', undefined],
  ] as const) {
    fake.faults.script({ kind: 'refuse', status, headers: { 'retry-after': header } })
    const result = await sendAll(sink, [batchItem(storedEvent())])
    assert.ok(result.kind === 'all')
    assert.equal(result.retryAfterMs, expected)
  }
})

test('a body that is too large, and one with a poisoned event, are to be split', async () => {
  const fake = await fakeServer()
  const sink = sinkTo([fake.url])
  fake.faults.set({ maxBytes: 300 })
  const tooLarge = await sendAll(sink, batchItems(eventsOfLines(lines)))
  assert.deepEqual(summary(tooLarge), ['split', '413', 'rejected', 'too_large', 'answered'])
  fake.faults.set({})
  fake.faults.script({ kind: 'refuse', status: 400, body: '{"error":{"type":"t","reason":"r"}}' })
  const poisoned = await sendAll(sink, batchItems(eventsOfLines(lines)))
  assert.deepEqual(summary(poisoned), ['split', '400', 'rejected', 'malformed', 'answered'])
  assert.ok(poisoned.kind === 'split' && poisoned.why === 'poison')
})

test('of several nodes a dead one is left out after its first failure', async () => {
  const fake = await fakeServer()
  const sink = sinkTo(['http://127.0.0.1:9', fake.url, `${fake.url}/`])
  const codes: string[] = []
  for (let round = 0; round < 8; round++) codes.push((await sendAll(sink, [batchItem(storedEvent())])).code)
  assert.equal(codes.filter((code) => code === 'refused').length, 1)
  assert.equal(codes.filter((code) => code === '200').length, 7)
})

test('a node that answers 503 is left out while another one answers', async () => {
  const [sick, well] = [await fakeServer(), await fakeServer()]
  sick.faults.set({ refuse: 1, statuses: [503] })
  const sink = sinkTo([sick.url, well.url])
  for (let round = 0; round < 6; round++) await sendAll(sink, [batchItem(storedEvent())])
  assert.equal(sick.bulkRequests, 1)
})

test('a node that recovers is used again', async () => {
  const fake = await fakeServer()
  const sink = sinkTo([fake.url])
  fake.faults.script({ kind: 'reset' }, { kind: 'refuse', status: 503 })
  const items = [batchItem(storedEvent())]
  assert.equal((await sendAll(sink, items)).code, 'reset')
  assert.equal((await sendAll(sink, items)).code, '503')
  assertAccepted(await sendAll(sink, items))
})

test('every item fault of the fake ends in its own verdict', async () => {
  const fake = await fakeServer()
  const sink = sinkTo([fake.url])
  fake.faults.set({ items: [{ share: 1, status: 429 }] })
  assert.deepEqual(summary(await sendAll(sink, batchItems(eventsOfLines(lines)))), Array(3).fill('retry'))
  fake.faults.set({})
  fake.indices.states.set('app-2026.11.20', 'closed')
  assert.deepEqual(summary(await sendAll(sink, batchItems(eventsOfLines(lines)))), Array(3).fill('hold'))
})

test('a data stream takes create only, under its three-part name', async () => {
  const fake = await fakeServer()
  fake.indices.dataStreams.add('logs-app-default')
  const sink = sinkTo([fake.url], { data_stream: { dataset: 'app' } })
  assertAccepted(await sendAll(sink, [batchItem(storedEvent())]))
  assert.equal(fake.documents()[0]?.index, 'logs-app-default')
})

test('a TLS port that is asked in the clear is a hold or a retry, never a dead letter', async () => {
  const port = createServer((socket) => {
    socket.on('error', () => {})
    socket.end('HTTP/1.1 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n')
  })
  await new Promise<void>((resolve) => port.listen(0, '127.0.0.1', resolve))
  closers.push(() => new Promise((resolve) => port.close(() => resolve())))
  const address = port.address()
  assert.ok(typeof address === 'object' && address)
  const result = await sendAll(sinkTo([`http://127.0.0.1:${address.port}`]), [batchItem(storedEvent())])
  assert.ok(result.kind === 'all')
  assert.match(result.outcome.kind, /hold|retry/)
})

test('a probe asks each node, and names those that fail', async () => {
  const [one, two, three] = [await fakeServer(), await fakeServer(), await fakeServer()]
  const nodes = [one.url, two.url, three.url]
  const sink = sinkTo(nodes, { auth: { bearer_token: 'token' }, headers: { 'x-gate': 'open' } })
  assert.equal(await sink.probe(never), 'Elasticsearch 9.5.3 on 3 nodes')
  for (const fake of [one, two, three]) {
    const { headers } = fake.requests.at(-1)!
    assert.deepEqual([headers.authorization, headers['x-gate']], ['Bearer token', 'open'])
  }
  two.product = 'elasticsearch-8.19'
  assert.match(
    await sink.probe(never),
    new RegExp(`${two.url}: Elasticsearch 8.19.21; ${three.url}: Elastic`),
  )
  two.authorization = 'ApiKey other'
  await three.close()
  await assert.rejects(sink.probe(never), (error: Error) => {
    assert.match(error.message, /^2 of 3 nodes fail: /)
    assert.match(error.message, new RegExp(`${two.url}: the credentials in auth are refused \\(401\\)`))
    assert.match(error.message, new RegExp(`${three.url}: .*(ECONNREFUSED|other side closed)`))
    return true
  })
})

test('a probe tells the version, and what is missing', async () => {
  const fake = await fakeServer()
  fake.indices.pipelines.add('there')
  assert.equal(await sinkTo([fake.url]).probe(never), 'Elasticsearch 9.5.3')
  assert.equal(
    await sinkTo([fake.url], { pipeline: 'there' }).probe(never),
    'Elasticsearch 9.5.3; the pipeline "there" exists',
  )
  await assert.rejects(
    sinkTo([fake.url], { pipeline: 'gone' }).probe(never),
    /the pipeline "gone" does not exist/,
  )
  await assert.rejects(sinkTo(['http://127.0.0.1:9']).probe(never), /ECONNREFUSED/)
})

test('turning verification off is said at every start', () => {
  const context = sinkContext()
  const config = elasticsearchSink.schema.parse({ nodes: ['https://x'], index: 'a', tls: { verify: false } })
  const sink = new ElasticsearchSink(config, context)
  closers.push(() => sink.close())
  assert.deepEqual(context.log.lines, [
    'warn: tls.verify is off: anybody on the way can read and change events',
  ])
})
