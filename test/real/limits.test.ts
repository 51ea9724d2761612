import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Rig } from './rig.ts'
import { allDocuments, allEntries, deleteIndices, servers, type Entry } from './servers.ts'

const { tightEs, tightLoki, why } = servers()
const run = `limits${Date.now()}`
const startMs = Date.now() - 5 * 60_000
const isoOf = (n: number): string => new Date(startMs + n).toISOString()

const entriesOf = (tenant: string): Promise<Entry[]> =>
  allEntries(tightLoki, {
    selector: `{run="${run}"}`,
    startMs: startMs - 60_000,
    endMs: Date.now() + 60_000,
    tenant,
    pageEntries: 2000,
  })

const uidOf = ({ line }: Entry): string => /"uid":"(\w+)"/.exec(line)![1]!
const sorted = (values: Iterable<string>): string[] => [...values].sort((a, b) => (a < b ? -1 : 1))

describe('servers that are soon full', { skip: why, timeout: 180_000 }, () => {
  after(() => deleteIndices(tightEs, run))

  test('events of streams over the stream limit stay in the buffer, all others arrive, and later they go elsewhere', async (context) => {
    // servers/loki/tight.yaml: max_global_streams_per_user 10.
    const limit = 10
    const streams = 15
    const each = 40
    const lines = Array.from({ length: streams * each }, (_, n) =>
      JSON.stringify({ time: isoOf(n), stream: `s${n % streams}`, uid: `u${n}` }),
    )
    const rig = new Rig(context)
    const file = rig.write('app.log', lines)
    const config = (tenant: string): string =>
      rig.config({
        sources: { app: { type: 'file', include: [file] } },
        sinks: {
          loki: {
            type: 'loki',
            url: tightLoki,
            tenant,
            labels: { run, stream: '{stream}' },
            retry: { min: '200ms', max: '1s' },
          },
        },
      })
    const first = await rig.once(config(`${run}-streams`), ['--timeout', '15s'])
    assert.equal(first.code, 1, first.stderr)
    assert.match(first.stderr, /time ran out .* stays buffered/)
    assert.match(first.stderr, /maximum active stream limit exceeded/i)
    const there = await entriesOf(`${run}-streams`)
    const streamsThere = new Set(there.map(({ labels }) => labels['stream']!))
    assert.equal(streamsThere.size, limit)
    for (const stream of streamsThere) {
      assert.equal(there.filter(({ labels }) => labels['stream'] === stream).length, each, stream)
    }
    const row = first.ledger.get('app/loki')!
    assert.deepEqual(row, {
      read_events: lines.length,
      acknowledged: limit * each,
      dead_lettered: 0,
      dropped: {},
      filtered: 0,
      in_buffer: (streams - limit) * each,
    })
    context.diagnostic(
      `${streams} streams, limit ${limit}: ${row.acknowledged} acknowledged, ${row.in_buffer} kept`,
    )

    const second = await rig.once(config(`${run}-elsewhere`), ['--timeout', '30s'])
    assert.equal(second.code, 0, second.stderr)
    const elsewhere = await entriesOf(`${run}-elsewhere`)
    assert.equal(there.length + elsewhere.length, lines.length)
    assert.deepEqual(sorted([...there, ...elsewhere].map(uidOf)), sorted(lines.map((_, n) => `u${n}`)))
  })

  test('above the rates of the tenant and of a stream everything arrives in the end, each once', async (context) => {
    // servers/loki/tight.yaml: 1 MB/s for the tenant, 512 KB/s for a stream.
    const count = 6_000
    const pad = 'p'.repeat(1_000)
    const lines = Array.from({ length: count }, (_, n) =>
      JSON.stringify({
        time: isoOf(n),
        // Half of all in one stream.
        stream: n % 2 ? 'busy' : `s${n % 8}`,
        uid: `u${n}`,
        pad,
      }),
    )
    const tenant = `${run}-rate`
    const rig = new Rig(context)
    const file = rig.write('app.log', lines)
    const agent = await rig.start(
      rig.config({
        sources: { app: { type: 'file', include: [file] } },
        sinks: {
          loki: {
            type: 'loki',
            url: tightLoki,
            tenant,
            labels: { run, stream: '{stream}' },
            retry: { min: '200ms', max: '2s' },
          },
        },
      }),
    )
    const started = performance.now()
    const row = (await agent.settled(count)).get('app/loki')!
    const retries = await agent.metric('logferry_sink_retries_total')
    const tooMany = await agent.metric('logferry_sink_requests_total', 'code="429"')
    context.diagnostic(
      `${count} events of 1 KB, ${tooMany} answers 429, ${retries} retries, ${Math.round(performance.now() - started)} ms`,
    )
    assert.ok(tooMany > 0, 'the limits were met')
    assert.equal(row.acknowledged, count)
    await agent.stop()
    const entries = await entriesOf(tenant)
    assert.deepEqual(sorted(entries.map(uidOf)), sorted(lines.map((_, n) => `u${n}`)))
    assert.deepEqual(sorted(entries.map(({ line }) => line)), sorted(lines))
  })

  test('an Elasticsearch with almost no indexing memory takes everything in spite of its 429s, each once', async (context) => {
    const count = 8_000
    const lines = Array.from({ length: count }, (_, n) =>
      JSON.stringify({ time: isoOf(n), uid: `u${n}`, message: `event ${n} ${'m'.repeat(n % 150)}` }),
    )
    const rig = new Rig(context)
    const file = rig.write('app.log', lines)
    const agent = await rig.start(
      rig.config({
        sources: { app: { type: 'file', include: [file] } },
        sinks: {
          es: {
            type: 'elasticsearch',
            nodes: [tightEs],
            index: run,
            batch: { max_bytes: '20KiB' },
            retry: { min: '100ms', max: '1s' },
            max_in_flight: 8,
          },
        },
      }),
    )
    const started = performance.now()
    const row = (await agent.settled(count)).get('app/es')!
    const retries = await agent.metric('logferry_sink_retries_total')
    const tooMany = await agent.metric('logferry_sink_requests_total', 'code="429"')
    context.diagnostic(
      `${count} events, ${tooMany} requests answered 429, ${retries} retries, ${Math.round(performance.now() - started)} ms`,
    )
    assert.ok(retries > 0, 'the limit was met')
    assert.equal(row.acknowledged, count)
    await agent.stop()
    const uids = (await allDocuments(tightEs, run)).map(({ _source }) => String(_source['uid']))
    assert.deepEqual(sorted(uids), sorted(lines.map((_, n) => `u${n}`)))
  })
})
