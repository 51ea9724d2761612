import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { Rig, settledRow, sorted } from './rig.ts'
import { allDocuments, allEntries, deleteIndices, servers, tell, type Entry } from './servers.ts'

const { es, loki, why } = servers()
const run = `refused${Date.now()}`
const nowMs = Date.now()
const minute = 60_000
const day = 24 * 60 * minute
const ago = (ms: number): string => new Date(nowMs - ms).toISOString()

const entriesOf = (name: string): Promise<Entry[]> =>
  allEntries(loki, {
    selector: `{run="${run}", test="${name}"}`,
    // Not further back than the server takes entries, so that one that it took in spite of its age would be seen.
    startMs: nowMs - 9 * day,
    endMs: nowMs + 5 * minute,
  })

const lokiSink = (name: string, more: object = {}): object => ({
  type: 'loki',
  url: loki,
  labels: { run, test: name },
  ...more,
})

describe('what the real servers refuse', { skip: why, timeout: 120_000 }, () => {
  after(() => deleteIndices(es, run))

  test('a conflict, a broken document, entries too old, too late and too long: neighbours arrive, and the ledger says where each went', async (context) => {
    const index = `${run}-all`
    await tell(es, 'PUT', `/${index}`, { mappings: { properties: { n: { type: 'long' } } } })
    const long = 'x'.repeat(300 * 1024)
    const lines: Readonly<Record<string, string>> = {
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
      sorted(documents.map(({ _source }) => _source['uid'])),
      sorted(all.filter((uid) => uid !== 'mapping' && uid !== 'broken')),
    )
    assert.equal(documents.find(({ _source }) => _source['uid'] === 'long')!._source['pad'], long)
    const letters = rig.deadLetters('es')
    assert.deepEqual(sorted(letters.map(({ reason, status }) => [reason, status])), [
      ['malformed', 400],
      ['mapping', 400],
    ])
    const mapping = letters.find(({ reason }) => reason === 'mapping')!
    assert.match(mapping.text, /failed to parse field \[n\] of type \[long\]/)
    assert.equal(mapping.type, 'document_parsing_exception')
    assert.equal(mapping.origin.path, file)
    assert.equal(mapping.origin.from, lines['good1']!.length + 1)
    assert.equal(mapping.origin.to, lines['good1']!.length + lines['mapping']!.length + 2)
    assert.ok(mapping.event.body.includes('"n":"text"'))
    const broken = letters.find(({ reason }) => reason === 'malformed')!
    assert.match(broken.text, /Duplicate field 'a'/)
    assert.ok(broken.event.body.includes('"a":1,"a":2'))

    const entries = await entriesOf('all')
    const uidOf = ({ line }: Entry): string => /"uid":"(\w+)"/.exec(line)![1]!
    assert.deepEqual(sorted(entries.map(uidOf)), sorted(all.filter((uid) => uid !== 'old')))
    for (const entry of entries) {
      const uid = uidOf(entry)
      assert.equal(entry.labels['backlog'], uid === 'behind' ? 'true' : undefined, uid)
      assert.equal(entry.metadata['log_flags'], uid === 'long' ? 'truncated' : undefined, uid)
      assert.equal(entry.line, uid === 'long' ? lines['long']!.slice(0, 256 * 1024) : lines[uid])
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
    assert.deepEqual(sorted(found), [
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
})
