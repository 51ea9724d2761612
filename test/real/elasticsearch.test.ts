import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Body } from '../../src/core/event.ts'
import type { Outcome, SendResult } from '../../src/core/outcome.ts'
import { elasticsearchSink } from '../../src/sinks/elasticsearch/definition.ts'
import { ElasticsearchSink } from '../../src/sinks/elasticsearch/index.ts'
import type { BatchItem } from '../../src/sinks/sink.ts'
import { sinkContext } from '../support/sink-context.ts'
import { bulkServers, type BulkServer } from './servers.ts'
import { batchItem, batchItems, eventsOfLines, storedEvent } from '../support/stored-event.ts'

/**
 * The sink against real servers, each of which is skipped where its variable is not set: `LOGFERRY_ES_URL=http://127.0.0.1:9200`
 * and so on (servers.ts). Every name begins with one that only this run uses, and all of them are removed at the end.
 */
for (const server of bulkServers()) {
  describe(`${server.product} ${server.version}`, { skip: server.why }, () => suite(server))
}

function suite({ url, product, version, isSmall }: BulkServer): void {
  const run = `lfes${Date.now().toString(36)}`
  const never = AbortSignal.timeout(300_000)
  const sinks: ElasticsearchSink[] = []

  async function es(method: string, path: string, body?: object): Promise<Record<string, unknown>> {
    const response = await fetch(url + path, {
      method,
      ...(body && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
    const answer: Record<string, unknown> = JSON.parse((await response.text()) || '{}')
    return { httpStatus: response.status, ...answer }
  }

  /** All that this run made, closed ones too. */
  async function indices(): Promise<string[]> {
    const found = await es('GET', `/${run}*/_settings?expand_wildcards=all`)
    return Object.keys(found).filter((name) => name.startsWith(run))
  }

  async function count(index: string): Promise<unknown> {
    await es('POST', `/${index}/_refresh`)
    return (await es('GET', `/${index}/_count`))['count']
  }

  function sink(settings: object = {}): ElasticsearchSink {
    const config = elasticsearchSink.schema.parse({ nodes: [url], ...settings })
    const made = new ElasticsearchSink(config, sinkContext())
    sinks.push(made)
    return made
  }

  async function send(target: ElasticsearchSink, items: readonly BatchItem[]): Promise<SendResult> {
    return target.send(await target.encode(items, ''), never)
  }

  async function verdicts(target: ElasticsearchSink, items: readonly BatchItem[]): Promise<string[]> {
    const result = await send(target, items)
    if (result.kind === 'items') return result.outcomes.map(verdict)
    // An answer without errors says it of all of them at once.
    if (result.kind === 'all' && result.outcome.kind === 'accepted') return items.map(() => 'accepted')
    return [result.kind, result.code, result.kind === 'all' ? verdict(result.outcome) : result.why]
  }

  function verdict(outcome: Outcome): string {
    if (outcome.kind === 'accepted') return outcome.duplicate ? 'accepted duplicate' : 'accepted'
    return `${outcome.kind} ${outcome.reason}`
  }

  const itemsOf = (...lines: string[]): BatchItem[] => batchItems(eventsOfLines(lines))

  before(async () => {
    await es('PUT', `/_index_template/${run}`, {
      index_patterns: [`logs-${run}*`],
      data_stream: {},
      priority: 500,
    })
    await es('PUT', `/_ingest/pipeline/${run}`, { processors: [] })
  })

  after(async () => {
    await Promise.all(sinks.map((made) => made.close()))
    await es('DELETE', `/_data_stream/logs-${run}-default`)
    // One by one: since version 8 a server deletes no pattern.
    for (const name of await indices()) await es('DELETE', `/${encodeURIComponent(name)}`)
    await es('DELETE', `/_index_template/${run}`)
    await es('DELETE', `/_ingest/pipeline/${run}`)
  })

  test('the same batch twice is there once, compressed or not', async () => {
    const lines = Array.from({ length: 2000 }, (_, n) =>
      n % 2 ? `plain line ${n}` : JSON.stringify({ n, text: 'é😀' }),
    )
    for (const compression of ['gzip', 'none']) {
      const index = `${run}-once-${compression}`
      const target = sink({ index, compression })
      assert.deepEqual(new Set(await verdicts(target, itemsOf(...lines))), new Set(['accepted']))
      assert.deepEqual(new Set(await verdicts(target, itemsOf(...lines))), new Set(['accepted duplicate']))
      assert.equal(await count(index), lines.length)
    }
  })

  test('a document comes back under its id as it was previewed', async () => {
    const target = sink({ index: `${run}-ids-%Y.%m.%d` })
    const item = batchItem(
      storedEvent({ line: '{"message":"m","big":9007199254740993,"nested":{"a":[1,2],"b":null}}' }),
    )
    assert.deepEqual(await verdicts(target, [item]), ['accepted'])
    const { details, body } = target.describe(item)
    const answer = await es(
      'GET',
      `/${String(details?.['index'])}/_doc/${encodeURIComponent(String(details?.['id']))}`,
    )
    assert.equal(answer['found'], true)
    assert.deepEqual(answer['_source'], JSON.parse(body))
  })

  test('the names of the agent do not collide with those of lines, in either order', async () => {
    const target = sink({ index: `${run}-collide` })
    const shared = [
      { name: 'host.name', json: '"web-1"' },
      { name: 'log.file.path', json: '"/a.log"' },
    ]
    const edited = (line: string, from: string, to: string): BatchItem =>
      batchItem(
        storedEvent(
          { line, from: line.length, edits: [{ at: line.indexOf(from), cut: from.length, insert: to }] },
          { shared },
        ),
      )
    const samples = [
      edited('{"host":"a"}', '"host"', '"host_original"'),
      edited('{"host":{"ip":1}}', '"ip"', '"ip_original"'),
      edited('{"log":5}', '"log"', '"log_original"'),
      edited('{"log.level":"INFO"}', '"log.level"', '"log.level_original"'),
      edited('{"trace":"x"}', '"trace"', '"trace_original"'),
      edited('{"@timestamp":"rubbish"}', '"@timestamp"', '"@timestamp_invalid"'),
      batchItem(
        storedEvent(
          { line: 'plain', severity: 3, traceId: 'ab'.repeat(16), spanId: 'cd'.repeat(8) },
          { shared },
        ),
      ),
    ]
    const all = Array(samples.length).fill('accepted')
    assert.deepEqual(await verdicts(target, samples), all)
    const other = sink({ index: `${run}-collide-2` })
    assert.deepEqual(await verdicts(other, samples.toReversed()), all)
  })

  test('a mapping conflict is rejected with the reason, its neighbours pass', async () => {
    const target = sink({ index: `${run}-mapping` })
    const result = await send(target, itemsOf('{"n":1}', '{"n":"text"}', '{"n":{"o":1}}', '{"n":2}'))
    assert.ok(result.kind === 'items')
    assert.deepEqual(result.outcomes.map(verdict), [
      'accepted',
      'rejected mapping',
      'rejected mapping',
      'accepted',
    ])
    const [, second] = result.outcomes
    assert.ok(second?.kind === 'rejected')
    // The older word is OpenSearch's, and was Elasticsearch's up to 8.8.
    assert.match(second.type, /^(document|mapper)_parsing_exception$/)
    assert.match(second.text, /failed to parse field \[n\] of type \[long\]/)
  })

  test('documents that the server cannot parse are rejected one by one', async () => {
    const target = sink({ index: `${run}-json` })
    const deep = `${'{"a":'.repeat(1200)}1${'}'.repeat(1200)}`
    const broken = batchItem(storedEvent({ line: '{"a":1,}', body: Body.json, from: 9_000 }))
    const items = [...itemsOf('{"a":1,"a":2}', '{"b":1e400}', '{"":1}', deep, '{"ok":1}'), broken]
    const found = await verdicts(target, items)
    assert.equal(found[0], 'rejected malformed')
    assert.equal(found[4], 'accepted')
    assert.equal(found[5], 'rejected malformed')
    assert.ok(
      found.slice(1, 4).every((one) => one.startsWith('rejected ')),
      found.join(),
    )
  })

  test('a foreign id is a conflict, unless an earlier attempt of ours got no answer', async () => {
    const index = `${run}-foreign`
    await es('PUT', `/${index}/_doc/taken?refresh=true`, { from: 'somebody else' })
    const target = sink({ index, id: { field: 'event.id' } })
    assert.deepEqual(await verdicts(target, itemsOf('{"event.id":"taken"}', '{"event":{"id":"free"}}')), [
      'rejected conflict',
      'accepted',
    ])
    const unanswered = batchItem(storedEvent({ line: '{"event":{"id":"free"}}' }), { unanswered: true })
    assert.deepEqual(await verdicts(target, [unanswered]), ['accepted duplicate'])
  })

  test('an id of any bytes is taken: quotes, newlines, other scripts, too many of them', async () => {
    const index = `${run}-anyid`
    const target = sink({ index, id: { field: 'id' } })
    const ids = [
      'a"b',
      'a\nb',
      '/_all',
      '😀',
      '_x',
      '-',
      ' ',
      'é'.repeat(256),
      'x'.repeat(512),
      'x'.repeat(513),
      'y'.repeat(9999),
    ]
    const lines = ids.map((id) => JSON.stringify({ id }))
    assert.deepEqual(await verdicts(target, itemsOf(...lines)), Array(ids.length).fill('accepted'))
    assert.equal(await count(index), ids.length)
  })

  test('op index replaces what is there', async () => {
    const index = `${run}-op`
    const target = sink({ index, op: 'index', id: { field: 'id' } })
    assert.deepEqual(await verdicts(target, itemsOf('{"id":"1","v":1}', '{"id":"1","v":2}')), [
      'accepted',
      'accepted',
    ])
    assert.equal(await count(index), 1)
  })

  test('a data stream takes create once, and op index on it is a hold', async () => {
    const target = sink({ data_stream: { dataset: run } })
    const items = itemsOf('{"a":1}', 'text')
    assert.deepEqual(await verdicts(target, items), ['accepted', 'accepted'])
    assert.deepEqual(await verdicts(target, items), ['accepted duplicate', 'accepted duplicate'])
    assert.equal(await count(`logs-${run}-default`), 2)
    const wrong = sink({ index: `logs-${run}-default`, op: 'index' })
    assert.deepEqual(await verdicts(wrong, itemsOf('{"b":1}')), ['hold wrong_op'])
  })

  test('an empty pipeline passes, a missing one is a hold, and the probe says so', async () => {
    const index = `${run}-pipeline`
    const there = sink({ index, pipeline: run })
    assert.deepEqual(await verdicts(there, itemsOf('{"a":1}')), ['accepted'])
    assert.match(
      await there.probe(never),
      new RegExp(`^${product} ${version}[\\d.]+; the pipeline ".*" exists$`),
    )
    const gone = sink({ index, pipeline: `${run}-gone` })
    assert.deepEqual(await verdicts(gone, itemsOf('{"a":2}')), ['hold pipeline_missing'])
    await assert.rejects(gone.probe(never), /does not exist/)
  })

  test('a closed index and a blocked one are held until they are opened', async () => {
    const index = `${run}-state`
    const target = sink({ index })
    assert.deepEqual(await verdicts(target, itemsOf('{"a":1}')), ['accepted'])
    await es('POST', `/${index}/_close`)
    assert.deepEqual(await verdicts(target, itemsOf('{"b":1}')), ['hold index_closed'])
    await es('POST', `/${index}/_open?wait_for_active_shards=1`)
    await es('PUT', `/${index}/_settings`, { 'index.blocks.write': true })
    assert.deepEqual(await verdicts(target, itemsOf('{"c":11}')), ['hold blocked'])
    await es('PUT', `/${index}/_settings`, {
      'index.blocks.write': null,
      'index.blocks.read_only_allow_delete': true,
    })
    assert.deepEqual(await verdicts(target, itemsOf('{"d":111}')), ['retry item_throttled'])
    await es('PUT', `/${index}/_settings`, { 'index.blocks.read_only_allow_delete': null })
    assert.deepEqual(await verdicts(target, itemsOf('{"e":1111}')), ['accepted'])
  })

  test('hostile values of a field make valid names, and nothing else', async () => {
    const target = sink({ index: `${run}-h-{s}` })
    const values = [
      '../_all/_delete',
      'a"},"x":"',
      'a\nb',
      '.kibana',
      'UPPER',
      ' ',
      '..',
      'x'.repeat(400),
      'ÄÖÜ-ß-😀',
      '\u0000',
      'İ',
    ]
    const items = itemsOf(...values.map((s) => JSON.stringify({ s })))
    assert.deepEqual(await verdicts(target, items), Array(values.length).fill('accepted'))
    const made = (await indices()).filter((name) => name.startsWith(`${run}-h-`))
    assert.equal(made.length, 9, made.join())
  })

  test('a newline in a line makes no second action', async () => {
    const index = `${run}-newline`
    const target = sink({ index })
    const victim = `{"delete":{"_index":"${index}","_id":"x"}}`
    const items = itemsOf(`{"a":1,\n"b":2}`, `text\n${victim}\n`)
    assert.deepEqual(await verdicts(target, items), ['accepted', 'accepted'])
    assert.equal(await count(index), 2)
  })

  test(
    'a body above what it takes is split by its 413',
    { skip: !isSmall && 'it takes large bodies' },
    async () => {
      const target = sink({ index: `${run}-large`, compression: 'none' })
      const lines = Array.from({ length: 12 }, (_, n) => JSON.stringify({ n, text: 'x'.repeat(250_000) }))
      assert.deepEqual(await verdicts(target, itemsOf(...lines)), ['split', '413', 'too_large'])
      assert.deepEqual(await verdicts(target, itemsOf(...lines.slice(0, 6))), Array(6).fill('accepted'))
      // What counts is the body after decompression.
      const squeezed = sink({ index: `${run}-large` })
      assert.deepEqual(await verdicts(squeezed, itemsOf(...lines)), ['split', '413', 'too_large'])
    },
  )
}
