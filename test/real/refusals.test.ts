import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { LosingProxy } from '../support/losing-proxy.ts'
import { Rig, type Row } from './rig.ts'
import {
  allDocuments,
  allEntries,
  deleteIndices,
  servers,
  tell,
  type Document,
  type Entry,
} from './servers.ts'

const { es, loki, why } = servers()
const run = `refused${Date.now()}`
const nowMs = Date.now()
const minute = 60_000
const day = 24 * 60 * minute
const ago = (ms: number): string => new Date(nowMs - ms).toISOString()

/** What became of all events of one source at one sink, where nothing is left. */
function settledRow(counts: { acknowledged: number; dead?: number }): Row {
  const dead = counts.dead ?? 0
  return {
    read_events: counts.acknowledged + dead,
    acknowledged: counts.acknowledged,
    dead_lettered: dead,
    dropped: {},
    filtered: 0,
    in_buffer: 0,
  }
}

const entriesOf = (test: string): Promise<Entry[]> =>
  allEntries(loki, {
    selector: `{run="${run}", test="${test}"}`,
    // Not further back than the server takes entries, so that one that it took in spite of its age would be seen.
    startMs: nowMs - 9 * day,
    endMs: nowMs + 5 * minute,
  })

const lokiSink = (test: string, more: object = {}): object => ({
  type: 'loki',
  url: loki,
  labels: { run, test },
  ...more,
})

async function losing(context: TestContext, target: string, path: RegExp): Promise<[LosingProxy, string]> {
  const proxy = new LosingProxy(target, { loses: 1, path })
  context.after(() => proxy.stop())
  return [proxy, await proxy.start()]
}

describe('what the real servers refuse', { skip: why, timeout: 120_000 }, () => {
  after(() => deleteIndices(es, run))

  test('a conflict, a broken document, entries too old, too late and too long: neighbours arrive, and the ledger says where each went', async (context) => {
    const index = `${run}-all`
    await tell(es, 'PUT', `/${index}`, { mappings: { properties: { n: { type: 'long' } } } })
    const long = 'x'.repeat(300 * 1024)
    const lines = {
      good1: `{"time":"${ago(5000)}","uid":"good1","n":1}`,
      mapping: `{"time":"${ago(4900)}","uid":"mapping","n":"text"}`,
      good2: `{"time":"${ago(4800)}","uid":"good2","n":2}`,
      broken: `{"time":"${ago(4700)}","uid":"broken","a":1,"a":2}`,
      good3: `{"time":"${ago(4600)}","uid":"good3","n":3}`,
      old: `{"time":"${ago(8 * day)}","uid":"old"}`,
      good4: `{"time":"${ago(4500)}","uid":"good4","n":4}`,
      behind: `{"time":"${ago(90 * minute)}","uid":"behind"}`,
      good5: `{"time":"${ago(4400)}","uid":"good5","n":5}`,
      long: `{"time":"${ago(4300)}","uid":"long","pad":"${long}"}`,
      good6: `{"time":"${ago(4200)}","uid":"good6","n":6}`,
    }
    const rig = new Rig(context)
    const file = rig.write('app.log', Object.values(lines))
    const config = rig.config({
      sources: { app: { type: 'file', include: [file], max_line_bytes: '1MiB' } },
      sinks: { es: { type: 'elasticsearch', nodes: [es], index }, loki: lokiSink('all') },
    })
    const { code, stderr, ledger } = await rig.once(config)
    assert.equal(code, 1, stderr)
    const all = Object.keys(lines)
    const expected = {
      'app/es': settledRow({ acknowledged: all.length - 2, dead: 2 }),
      'app/loki': settledRow({ acknowledged: all.length - 1, dead: 1 }),
    }
    assert.deepEqual(Object.fromEntries(ledger), expected)

    const documents = await allDocuments(es, index)
    assert.deepEqual(
      documents.map(({ _source }) => _source['uid']).sort(),
      all.filter((uid) => uid !== 'mapping' && uid !== 'broken').sort(),
    )
    assert.equal(documents.find(({ _source }) => _source['uid'] === 'long')!._source['pad'], long)
    const letters = rig.deadLetters('es')
    assert.deepEqual(letters.map(({ reason, status }) => [reason, status]).sort(), [
      ['malformed', 400],
      ['mapping', 400],
    ])
    const mapping = letters.find(({ reason }) => reason === 'mapping')!
    assert.match(mapping.text, /failed to parse field \[n\] of type \[long\]/)
    assert.equal(mapping.type, 'document_parsing_exception')
    assert.equal(mapping.origin.path, file)
    assert.equal(mapping.origin.from, lines.good1.length + 1)
    assert.equal(mapping.origin.to, lines.good1.length + lines.mapping.length + 2)
    assert.ok(mapping.event.body.includes('"n":"text"'))
    const broken = letters.find(({ reason }) => reason === 'malformed')!
    assert.match(broken.text, /Duplicate field 'a'/)
    assert.ok(broken.event.body.includes('"a":1,"a":2'))

    const entries = await entriesOf('all')
    const uidOf = ({ line }: Entry): string => /"uid":"(\w+)"/.exec(line)![1]!
    assert.deepEqual(entries.map(uidOf).sort(), all.filter((uid) => uid !== 'old').sort())
    for (const entry of entries) {
      const uid = uidOf(entry)
      assert.equal(entry.labels['backlog'], uid === 'behind' ? 'true' : undefined, uid)
      assert.equal(entry.metadata['log_flags'], uid === 'long' ? 'truncated' : undefined, uid)
      assert.equal(
        entry.line,
        uid === 'long' ? lines.long.slice(0, 256 * 1024) : lines[uid as keyof typeof lines],
      )
    }
    const [old, ...others] = rig.deadLetters('loki')
    assert.deepEqual([old!.reason, old!.status, others.length], ['too_old', 400, 0])
    assert.match(old!.text, /has timestamp too old/)
    assert.ok(old!.event.body.includes('"uid":"old"'))

    // The same numbers after a restart, by the other door.
    const agent = await rig.start(config)
    assert.deepEqual(Object.fromEntries(await agent.settled(all.length)), expected)
    assert.equal(
      await agent.metric('logferry_sink_dead_lettered_events_total', 'sink="es",reason="mapping"'),
      1,
    )
    await agent.stop()
  })

  test('an entry behind what the stream has from somebody else is stored with the label backlog, or is dead-lettered if asked', async (context) => {
    const rig = new Rig(context)
    const newest = rig.write('newest.log', [`{"time":"${ago(1000)}","uid":"newest"}`])
    const behind = rig.write('behind.log', [
      `{"time":"${ago(90 * minute)}","uid":"late"}`,
      `{"time":"${ago(30 * minute)}","uid":"early enough"}`,
    ])
    // Agents that know nothing of each other: only the server can say how far the stream is.
    const once = (file: string, name: string, more?: object): ReturnType<Rig['once']> =>
      rig.once(
        rig.config(
          {
            data_dir: join(rig.folder, name),
            sources: { app: { type: 'file', include: [file] } },
            sinks: { loki: lokiSink('behind', more) },
          },
          `${name}.json`,
        ),
      )
    assert.equal((await once(newest, 'first')).code, 0)
    const relabelled = await once(behind, 'second')
    assert.equal(relabelled.code, 0, relabelled.stderr)
    const found = (await entriesOf('behind')).map(({ labels, line }) => [
      JSON.parse(line).uid,
      labels['backlog'],
    ])
    assert.deepEqual(found.sort(), [
      ['early enough', undefined],
      ['late', 'true'],
      ['newest', undefined],
    ])

    const dead = await once(behind, 'third', { late: 'dead_letter' })
    assert.equal(dead.code, 1)
    assert.deepEqual(Object.fromEntries(dead.ledger), {
      'app/loki': settledRow({ acknowledged: 1, dead: 1 }),
    })
    const [letter, ...others] = rig.deadLetters('loki', join(rig.folder, 'third'))
    assert.deepEqual([letter!.reason, others.length], ['too_far_behind', 0])
    assert.match(letter!.text, /entry too far behind/)
  })

  test('a line above max_line_bytes arrives cut and flagged in both, the next line whole', async (context) => {
    const rig = new Rig(context)
    const file = rig.write('app.log', ['before', `start ${'y'.repeat(400_000)}`, 'after'])
    const { code, stderr } = await rig.once(
      rig.config({
        sources: { app: { type: 'file', include: [file] } },
        sinks: {
          es: { type: 'elasticsearch', nodes: [es], index: `${run}-cut` },
          loki: lokiSink('cut', { structured_metadata: ['log_flags'] }),
        },
      }),
    )
    assert.equal(code, 0, stderr)
    const kept = `start ${'y'.repeat(256 * 1024 - 'start '.length)}`
    const inOrder = (await allDocuments(es, `${run}-cut`)).sort(
      (a, b) => Number(a._source['log.offset']) - Number(b._source['log.offset']),
    )
    assert.deepEqual(
      inOrder.map(({ _source }) => [_source['message'], _source['log.flags']]),
      [
        ['before', undefined],
        [kept, ['truncated']],
        ['after', undefined],
      ],
    )
    assert.deepEqual(
      (await entriesOf('cut'))
        .sort((a, b) => (a.time < b.time ? -1 : 1))
        .map(({ line, metadata }) => [line, metadata['log_flags']]),
      [
        ['before', undefined],
        [kept, 'truncated'],
        ['after', undefined],
      ],
    )
  })

  for (const order of ['as they come', 'the other way round']) {
    test(`members that collide with the agent's own spoil neither document nor mapping, ${order}`, async (context) => {
      const index = `${run}-collide-${order.length}`
      const samples = [
        '{"host":"a"}',
        '{"host":{"ip":1}}',
        '{"log":5}',
        '{"log.level":"INFO"}',
        '{"trace":"x"}',
        '{"@timestamp":"rubbish"}',
      ]
      const reversed = samples.toReversed()
      const [first, second] = order === 'as they come' ? [samples, reversed] : [reversed, samples]
      const plain = `plain trace_id=0af7651916cd43dd8448eb211c80319c`
      const rig = new Rig(context)
      const file = rig.write('app.log', [...first, plain, ...second])
      const { code, stderr } = await rig.once(
        rig.config({
          enrich: { host: 'full' },
          sources: { app: { type: 'file', include: [file] } },
          sinks: { es: { type: 'elasticsearch', nodes: [es], index } },
        }),
      )
      assert.equal(code, 0, stderr)
      const documents = await allDocuments(es, index)
      assert.equal(documents.length, 2 * samples.length + 1)
      assertCollisions(documents)
      const { mappings } = (await tell(es, 'GET', `/${index}/_mapping`))[index]
      const typeOf = (path: string): unknown =>
        path.split('.').reduce((at, key) => at.properties?.[key] ?? {}, mappings).type
      assert.equal(typeOf('@timestamp'), 'date')
      assert.equal(typeOf('log.offset'), 'long')
      for (const path of [
        'host.name',
        'log.file.path',
        'log.level',
        'trace.id',
        'host_original',
        'trace_original',
      ])
        assert.equal(typeOf(path), 'text', path)
      for (const path of ['host.ip_original', 'log_original']) assert.equal(typeOf(path), 'long', path)
    })
  }

  test('after a lost answer both servers have each event once, and the 409 on an own id is accepted', async (context) => {
    const index = `${run}-lost`
    const [bulk, bulkUrl] = await losing(context, es, /_bulk/)
    const [push, pushUrl] = await losing(context, loki, /push/)
    const lines = Array.from({ length: 500 }, (_, n) =>
      JSON.stringify({ time: ago(60_000 - n), uid: `u${n}` }),
    )
    const rig = new Rig(context)
    const file = rig.write('app.log', lines)
    const agent = await rig.start(
      rig.config({
        sources: { app: { type: 'file', include: [file] } },
        sinks: {
          es: { type: 'elasticsearch', nodes: [bulkUrl], index },
          loki: lokiSink('lost', { url: pushUrl }),
        },
      }),
    )
    assert.deepEqual(Object.fromEntries(await agent.settled(lines.length)), {
      'app/es': settledRow({ acknowledged: lines.length }),
      'app/loki': settledRow({ acknowledged: lines.length }),
    })
    assert.deepEqual([bulk.lost, push.lost], [[200], [204]], 'the servers had stored what was not heard of')
    for (const sink of ['es', 'loki']) {
      assert.ok((await agent.metric('logferry_sink_retries_total', `sink="${sink}"`)) >= 1)
      assert.equal(await agent.metric('logferry_possible_duplicates_total', `sink="${sink}"`), 0)
    }
    await agent.stop()
    const documents = await allDocuments(es, index)
    assert.equal(documents.length, lines.length)
    assert.equal(new Set(documents.map(({ _source }) => _source['uid'])).size, lines.length)
    const entries = await entriesOf('lost')
    assert.deepEqual(entries.map(({ line }) => line).sort(), lines.toSorted())
  })

  test('a 409 on a foreign id is dead-lettered as a conflict, one after an answer that got lost is accepted', async (context) => {
    const index = `${run}-foreign`
    await tell(es, 'PUT', `/${index}/_doc/taken?refresh=true`, { from: 'somebody else' })
    const rig = new Rig(context)
    const config = (file: string, node: string): string =>
      rig.config({
        data_dir: join(rig.folder, file),
        sources: { app: { type: 'file', include: [join(rig.folder, file, '*.log')] } },
        sinks: { es: { type: 'elasticsearch', nodes: [node], index, id: { field: 'event.id' } } },
      })
    rig.write('foreign/app.log', ['{"event":{"id":"a"}}', '{"event":{"id":"taken"}}', '{"event.id":"b"}'])
    const foreign = await rig.once(config('foreign', es))
    assert.equal(foreign.code, 1, foreign.stderr)
    assert.deepEqual(Object.fromEntries(foreign.ledger), {
      'app/es': settledRow({ acknowledged: 2, dead: 1 }),
    })
    const [letter, ...others] = rig.deadLetters('es', join(rig.folder, 'foreign'))
    assert.deepEqual([letter!.reason, letter!.status, others.length], ['conflict', 409, 0])
    assert.match(letter!.text, /version conflict, document already exists/)
    assert.ok(letter!.event.body.includes('"id":"taken"'))

    const [proxy, url] = await losing(context, es, /_bulk/)
    rig.write('lost/app.log', ['{"event":{"id":"c"}}', '{"event.id":"d"}'])
    const lost = await rig.once(config('lost', url))
    assert.equal(lost.code, 0, lost.stderr)
    assert.deepEqual(proxy.lost, [200])
    const ids = (await allDocuments(es, index)).map(({ _id }) => _id)
    assert.deepEqual(ids.sort(), ['a', 'b', 'c', 'd', 'taken'])
    assert.deepEqual((await tell(es, 'GET', `/${index}/_doc/taken`))._source, { from: 'somebody else' })
  })

  test('a data stream of a template of its own takes each event once, through an ingest pipeline', async (context) => {
    const name = `logs-${run}-default`
    await tell(es, 'PUT', `/_index_template/${run}`, {
      index_patterns: [`logs-${run}-*`],
      data_stream: {},
      priority: 500,
    })
    await tell(es, 'PUT', `/_ingest/pipeline/${run}`, { processors: [] })
    context.after(async () => {
      // Whatever is there: a hook that throws would keep the others from running.
      for (const path of [`_data_stream/${name}`, `_index_template/${run}`, `_ingest/pipeline/${run}`])
        await fetch(`${es}/${path}`, { method: 'DELETE' })
    })
    const [proxy, url] = await losing(context, es, /_bulk/)
    const lines = Array.from({ length: 300 }, (_, n) =>
      JSON.stringify({ time: ago(60_000 - n), uid: `u${n}` }),
    )
    const rig = new Rig(context)
    const file = rig.write('app.log', lines)
    const { code, stderr } = await rig.once(
      rig.config({
        sources: { app: { type: 'file', include: [file] } },
        sinks: {
          es: { type: 'elasticsearch', nodes: [url], data_stream: { dataset: run }, pipeline: run },
        },
      }),
    )
    assert.equal(code, 0, stderr)
    assert.deepEqual(proxy.lost, [200])
    const documents = await allDocuments(es, name)
    assert.equal(documents.length, lines.length)
    assert.equal(new Set(documents.map(({ _source }) => _source['uid'])).size, lines.length)
    for (const { _index, _source } of documents) {
      assert.match(_index, new RegExp(`^\\.ds-${name}-`))
      assert.equal(_source['@timestamp'], _source['time'])
    }
  })
})

/** Each sample is there twice, under the names that the contract gives. */
function assertCollisions(documents: readonly Document[]): void {
  const having = (test: (source: Record<string, any>) => boolean): number =>
    documents.filter(({ _source }) => test(_source)).length
  assert.equal(
    having((source) => source['host_original'] === 'a'),
    2,
  )
  assert.equal(
    having((source) => source['host']?.ip_original === 1),
    2,
  )
  assert.equal(
    having((source) => source['log_original'] === 5),
    2,
  )
  assert.equal(
    having((source) => source['log.level_original'] === 'INFO' && source['log.level'] === 'info'),
    2,
  )
  assert.equal(
    having((source) => source['trace_original'] === 'x'),
    2,
  )
  assert.equal(
    having((source) => source['@timestamp_invalid'] === 'rubbish'),
    2,
  )
  assert.equal(
    having((source) => source['trace.id'] === '0af7651916cd43dd8448eb211c80319c'),
    1,
  )
  for (const { _source } of documents) {
    assert.ok(!Number.isNaN(Date.parse(String(_source['@timestamp']))))
    assert.equal(typeof _source['host.name'], 'string')
  }
}
