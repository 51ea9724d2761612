import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { LosingProxy } from '../support/losing-proxy.ts'
import { Rig, settledRow, sorted } from './rig.ts'
import { allDocuments, allEntries, deleteIndices, servers, tell } from './servers.ts'

const { es, loki, why } = servers()
const run = `repeat${Date.now()}`
const nowMs = Date.now()
const ago = (ms: number): string => new Date(nowMs - ms).toISOString()

async function losing(context: TestContext, target: string, path: RegExp): Promise<[LosingProxy, string]> {
  const proxy = new LosingProxy(target, { loses: 1, path })
  context.after(() => proxy.stop())
  return [proxy, await proxy.start()]
}

describe('what is sent again to the real servers', { skip: why, timeout: 120_000 }, () => {
  after(() => deleteIndices(es, run))

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
          loki: { type: 'loki', url: pushUrl, labels: { run } },
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
    const entries = await allEntries(loki, {
      selector: `{run="${run}"}`,
      startMs: nowMs - 120_000,
      endMs: Date.now() + 60_000,
    })
    assert.deepEqual(sorted(entries.map(({ line }) => line)), sorted(lines))
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
    assert.deepEqual(sorted(ids), ['a', 'b', 'c', 'd', 'taken'])
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
