import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { elasticsearchSink } from '../../../src/sinks/elasticsearch/definition.ts'
import { ElasticsearchSink } from '../../../src/sinks/elasticsearch/index.ts'
import { keptDocument } from '../../../src/sinks/elasticsearch/kept-document.ts'
import type { SinkPreview } from '../../../src/sinks/sink.ts'
import { sinkContext } from '../../support/sink-context.ts'
import { batchItems, eventsOfLines } from '../../support/stored-event.ts'

const lines = ['{"message":"one","n":1,"ü":"\\u2028"}', 'plain "two"', '{"own":"x\\"y","a":{"b":[1]}}']

/** As it comes out of a file of dead letters. */
const stored = (kept: SinkPreview): SinkPreview => JSON.parse(JSON.stringify(kept))

describe('a kept document', () => {
  it('makes the bytes that the event made', async () => {
    for (const settings of [
      {},
      { id: 'none' },
      { id: { field: 'own' } },
      { op: 'index' },
      { index: 'a-{a.b}' },
    ]) {
      const config = elasticsearchSink.schema.parse({
        nodes: ['http://127.0.0.1:9'],
        index: 'app-%Y.%m.%d',
        compression: 'none',
        ...settings,
      })
      const sink = new ElasticsearchSink(config, sinkContext())
      const items = batchItems(eventsOfLines(lines))
      const { body } = await sink.encode(items, '')
      const letters = items.map((item) => ({ kept: stored(sink.describe(item)), item }))
      assert.ok(letters.every(({ kept }) => sink.letters.partition(kept, 0) === ''))
      const again = await sink.letters.encode(letters, '')
      assert.equal(Buffer.from(again.body).toString(), Buffer.from(body).toString(), JSON.stringify(settings))
      assert.deepEqual(again.items, items)
      const bound = letters.reduce((bytes, { kept }) => bytes + sink.letters.sizeOf(kept), 0)
      assert.ok(bound >= again.rawBytes)
      await sink.close()
    }
  })

  it('is nothing that could become another line of the request', () => {
    const details = { index: 'app', id: '1' }
    assert.ok(keptDocument({ target: '', body: '{"a":1}\n', details }))
    for (const kept of [
      { target: '', body: '{"a":1}\n{"delete":{}}', details },
      { target: '', body: 'plain', details },
      { target: '', body: '{"a":1}' },
      { target: '', body: '{"a":1}', details: { ...details, index: 7 } },
      { target: '', body: '{"a":1}', details: { ...details, id: {} } },
    ])
      assert.equal(keptDocument(kept), undefined, JSON.stringify(kept))
  })
})
