import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { until } from '../support/fake-clock.ts'
import { Rig, settledRow, sorted } from './rig.ts'
import { allDocuments, bulkServers, deleteIndices, tell, type BulkServer } from './servers.ts'

const lineCount = 1_000
const levels = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const
const startMs = Date.UTC(2026, 10, 20, 12)

/** One line a second, in three forms and four levels. */
function line(n: number): string {
  const [level, time] = [levels[n % 4]!, new Date(startMs + n * 1000).toISOString()]
  if (n % 3 === 0) return JSON.stringify({ time, level, uid: `u${n}`, ms: n, ok: true })
  if (n % 3 === 1) return JSON.stringify({ '@timestamp': time, 'log.level': level, uid: `u${n}`, ms: n })
  return JSON.stringify({ ts: startMs + n * 1000, severity: level.toLowerCase(), msg: `words, uid=u${n}` })
}

for (const server of bulkServers()) {
  describe(`the agent against ${server.product} ${server.version}`, { skip: server.why }, () => suite(server))
}

function suite({ url, product, version, isSmall }: BulkServer): void {
  const run = `versions${Date.now().toString(36)}`
  const sink = (more: object): object => ({
    type: 'elasticsearch',
    nodes: [url],
    retry: { min: '20ms', max: '300ms' },
    batch: { max_wait: '50ms' },
    ...more,
  })
  const source = (file: string, more: object = {}): object => ({ type: 'file', include: [file], ...more })

  test('ships every line once: by query its level, its time and its numbers are found', async (context) => {
    context.after(() => deleteIndices(url, run))
    const rig = new Rig(context)
    const lines = Array.from({ length: lineCount }, (_, n) => line(n))
    const file = rig.write('app.log', lines)
    const config = rig.config({
      sources: { app: source(file) },
      sinks: { es: sink({ index: `${run}-ship-%Y.%m.%d` }) },
    })
    const { code, stderr } = await rig.once(config)
    assert.equal(code, 0, stderr)
    const index = `${run}-ship-2026.11.20`
    const documents = await allDocuments(url, `${run}-ship-*`)
    assert.deepEqual(new Set(documents.map(({ _index }) => _index)), new Set([index]))
    const uidOf = ({ uid, msg }: Record<string, unknown>): string => /u\d+/.exec(String(uid ?? msg))![0]
    assert.deepEqual(
      sorted(documents.map(({ _source }) => uidOf(_source))),
      sorted(lines.map((_, n) => `u${n}`)),
    )
    const found = async (query: object): Promise<number> =>
      (await tell(url, 'POST', `/${index}/_search`, { query, track_total_hits: true, size: 0 })).hits.total
        .value
    assert.equal(await found({ match: { 'log.level': 'error' } }), lineCount / 4)
    assert.equal(await found({ term: { 'log.level.keyword': 'warn' } }), lineCount / 4)
    assert.equal(await found({ term: { 'level.keyword': 'ERROR' } }), 84)
    const from = new Date(startMs + 100_000).toISOString()
    const range = { '@timestamp': { gte: from, lt: new Date(startMs + 160_000).toISOString() } }
    assert.equal(await found({ range }), 60)
    assert.equal(await found({ range: { ms: { gte: 0, lt: 30 } } }), 20)
    assert.equal(await found({ query_string: { query: 'ok:true AND ms:>=900' } }), 34)
    const { aggregations } = await tell(url, 'POST', `/${index}/_search`, {
      size: 0,
      aggs: { times: { date_histogram: { field: '@timestamp', fixed_interval: '100s' } } },
    })
    assert.deepEqual(
      aggregations.times.buckets.map(({ doc_count: count }: { doc_count: number }) => count),
      Array(10).fill(100),
    )
  })

  test('a mapping conflict is a dead letter with the server’s reason, a body that is too large is split', async (context) => {
    context.after(() => deleteIndices(url, run))
    const rig = new Rig(context)
    const good = Array.from({ length: isSmall ? 20 : 2 }, (_, n) =>
      JSON.stringify({ n, pad: 'x'.repeat(200_000) }),
    )
    await tell(url, 'PUT', `/${run}-letters`, { mappings: { properties: { n: { type: 'long' } } } })
    const file = rig.write('app.log', ['{"n":"text"}', ...good])
    const config = rig.config({
      sources: { app: source(file) },
      sinks: { es: sink({ index: `${run}-letters` }) },
    })
    const { code, stderr, ledger } = await rig.once(config)
    assert.equal(code, 1, stderr)
    assert.deepEqual(Object.fromEntries(ledger), {
      'app/es': settledRow({ acknowledged: good.length, dead: 1 }),
    })
    const [letter, ...others] = rig.deadLetters('es')
    assert.deepEqual([letter!.reason, letter!.status, others.length], ['mapping', 400, 0])
    assert.match(letter!.type, /_parsing_exception$/)
    assert.match(letter!.text, /failed to parse field \[n\] of type \[long\]/)
    assert.equal((await allDocuments(url, `${run}-letters`)).length, good.length)
  })

  test('a closed index and a missing pipeline hold everything until somebody acts, then all of it arrives', async (context) => {
    context.after(async () => {
      await fetch(`${url}/_ingest/pipeline/${run}`, { method: 'DELETE' })
      await deleteIndices(url, run)
    })
    const rig = new Rig(context)
    await tell(url, 'PUT', `/${run}-closed`)
    await tell(url, 'POST', `/${run}-closed/_close`)
    const file = rig.write('app.log', ['{"a":1}', 'two'])
    const agent = await rig.start(
      rig.config({
        sources: { app: source(file) },
        sinks: {
          closed: sink({ index: `${run}-closed` }),
          piped: sink({ index: `${run}-piped`, pipeline: run }),
        },
      }),
    )
    const errors = async (): Promise<string> =>
      Object.entries((await agent.status()).sinks)
        .map(([name, { state, last_error: error }]) => `${name} ${state} ${error}`)
        .join('\n')
    const held = /^closed holding index_closed: .*\npiped holding pipeline_missing: .*pipeline with id/
    await until(async () => held.test(await errors()), 'both hold', 30_000)
    await tell(url, 'POST', `/${run}-closed/_open?wait_for_active_shards=1`)
    await tell(url, 'PUT', `/_ingest/pipeline/${run}`, { processors: [] })
    await agent.settled(2)
    await agent.stop()
    assert.equal((await allDocuments(url, `${run}-closed`)).length, 2)
    assert.equal((await allDocuments(url, `${run}-piped`)).length, 2)
  })

  test('validate --probe names product and version', async (context) => {
    const rig = new Rig(context)
    const file = rig.write('app.log', ['x'])
    const config = rig.config({ sources: { app: source(file) }, sinks: { es: sink({ index: run }) } })
    const { code, stdout } = await rig.run(['validate', '-c', config, '--probe'])
    assert.equal(code, 0)
    assert.match(stdout, new RegExp(`probe es: ok: ${product} ${version}[\\d.]+$`, 'm'))
  })
}
