import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { Rig } from './rig.ts'
import { allDocuments, deleteIndices, servers, tell, type Document } from './servers.ts'

const { es, why } = servers()
const run = `collide${Date.now()}`

describe('a real mapping', { skip: why, timeout: 120_000 }, () => {
  after(() => deleteIndices(es, run))

  for (const order of ['as they come', 'the other way round']) {
    test(`members that collide with the agent's own spoil neither document nor mapping, ${order}`, async (context) => {
      const index = `${run}-${order.length}`
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
})

/** Each sample is there twice, under the names that the contract gives. */
function assertCollisions(documents: readonly Document[]): void {
  const having = (isSo: (source: Record<string, any>) => boolean): number =>
    documents.filter(({ _source }) => isSo(_source)).length
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
