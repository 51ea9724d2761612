import assert from 'node:assert/strict'
import { test } from 'node:test'
import { gunzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { automaticId, ownId } from '../../../src/sinks/elasticsearch/document-id.ts'
import { indexedRuns } from '../../../src/sinks/elasticsearch/indexed-run.ts'
import { BulkEncoder } from '../../../src/sinks/elasticsearch/encode.ts'
import { compileIndexName } from '../../../src/sinks/elasticsearch/index-name.ts'
import { IndexValues } from '../../../src/sinks/elasticsearch/index-values.ts'
import { elasticsearchSink } from '../../../src/sinks/elasticsearch/definition.ts'
import { ElasticsearchSink } from '../../../src/sinks/elasticsearch/index.ts'
import { MemoryState, sinkContext } from '../../support/sink-context.ts'
import {
  batchItem,
  batchItems,
  draftEvent,
  eventsOfLines,
  storedEvent,
  storedEvents,
} from '../../support/stored-event.ts'

function sinkWith(settings: object = {}, state = new MemoryState()): ElasticsearchSink {
  const config = elasticsearchSink.schema.parse({
    nodes: ['http://127.0.0.1:9'],
    compression: 'none',
    index: 'i',
    ...settings,
  })
  return new ElasticsearchSink(config, sinkContext({ state }))
}

async function bodyLines(sink: ElasticsearchSink, lines: readonly string[]): Promise<string[]> {
  const { body } = await sink.encode(batchItems(eventsOfLines(lines)), '')
  const text = Buffer.from(body).toString('utf8')
  assert.ok(text.endsWith('\n'))
  return text.slice(0, -1).split('\n')
}

test('an id is the same for the same stretch, and no other has it', () => {
  const id = (
    parts: { from?: number; to?: number },
    record: { host?: string; generation?: string } = {},
  ): string => automaticId(storedEvents([draftEvent({ from: 10, to: 20, ...parts })], record)[0]!)
  assert.equal(id({}), id({}))
  const ids = [
    id({}),
    id({ from: 11 }),
    id({ to: 21 }),
    id({}, { host: 'other' }),
    id({}, { generation: 'f'.repeat(24) }),
    id({ from: 2 ** 52, to: 2 ** 52 + 1 }),
  ]
  assert.equal(new Set(ids).size, ids.length)
  assert.match(ids[0]!, /^[\w-]{16}a-a$/)
})

test('an id from a field is taken as it is, hashed where it is too long, and made where it is missing', () => {
  const own = (line: string): string | undefined => ownId(storedEvent({ line }), 'event.id')
  assert.equal(own('{"event":{"id":"abc"}}'), 'abc')
  assert.equal(own('{"event.id":12345678901234567890}'), '12345678901234567890')
  assert.equal(own('{"event.id":"a\\n\\"b"}'), 'a\n"b')
  assert.match(own(JSON.stringify({ 'event.id': 'é'.repeat(300) }))!, /^[\w-]{43}$/)
  assert.match(own('{"event.id":"\\ud800"}')!, /^[\w-]{43}$/)
  assert.equal(own('{"event.id":""}'), undefined)
  assert.equal(own('{"x":1}'), undefined)
})

test('action lines for each kind of id and op', async () => {
  const line = '{"event.id":"a\\n\\"b"}'
  assert.deepEqual((await bodyLines(sinkWith({ id: 'none' }), [line]))[0], '{"create":{"_index":"i"}}')
  assert.deepEqual(
    (await bodyLines(sinkWith({ id: { field: 'event.id' } }), [line]))[0],
    '{"create":{"_index":"i","_id":"a\\n\\"b"}}',
  )
  const [action] = await bodyLines(sinkWith({ op: 'index' }), [line])
  assert.match(action!, /^\{"index":\{"_index":"i","_id":"[\w-]{16}0-\w+"\}\}$/)
  const [fallback] = await bodyLines(sinkWith({ id: { field: 'event.id' } }), ['{}'])
  assert.match(fallback!, /"_id":"[\w-]{16}0-\w+"/)
})

test('nothing in a line becomes an action: two lines for each event, always', async () => {
  const hostile = [
    '{"a":1}\n{"delete":{"_index":"i","_id":"1"}}',
    '{"a":\n1,\n"b":2\n}',
    'text\n{"delete":{}}\r\n',
    '"}},{"delete":{}}',
  ]
  const lines = await bodyLines(sinkWith({ id: { field: 'a' } }), hostile)
  assert.equal(lines.length, hostile.length * 2)
  for (const action of lines.filter((_, index) => index % 2 === 0)) {
    assert.deepEqual(Object.keys(parse(action)), ['create'])
  }
})

test('any lines, fields and values make a body of pairs that parse', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'binary' }), { minLength: 1, maxLength: 5 }),
      async (values) => {
        const lines = values.map((value) => JSON.stringify({ s: value, id: value }))
        const body = await bodyLines(sinkWith({ index: 'x-{s}-%Y', id: { field: 'id' } }), lines)
        assert.equal(body.length, values.length * 2)
        for (const [index, line] of body.entries()) {
          const parsed = parse(line)
          if (index % 2 === 1) continue
          const target = Object(parsed['create'])
          assert.match(target._index, /^x-[^\0-\x20"*,/<>?\\|#:]+-2026$|^x-2026-overflow$/)
          assert.ok(Buffer.byteLength(target._id) <= 512)
        }
      },
    ),
    { numRuns: 100 },
  )
})

test('the same events give the same bytes, compressed or not', async () => {
  const items = batchItems(eventsOfLines(['{"a":1}', 'b', '{"c":"é"}']))
  const plain = await sinkWith().encode(items, '')
  const sink = sinkWith({ compression: 'gzip' })
  const first = await sink.encode(items, '')
  const second = await sink.encode(items, '')
  assert.deepEqual(first.body, second.body)
  assert.deepEqual(gunzipSync(first.body), Buffer.from(plain.body))
  assert.equal(first.rawBytes, plain.rawBytes)
})

test('bodies that are made at the same time do not mix', async () => {
  const sink = sinkWith({ compression: 'gzip' })
  const batches = ['a', 'b', 'c'].map((letter) =>
    batchItems(eventsOfLines(Array(500).fill(`{"x":"${letter}"}`))),
  )
  const bodies = await Promise.all(batches.map((items) => sink.encode(items, '')))
  bodies.forEach(({ body }, index) => {
    const letters = new Set(
      gunzipSync(body)
        .toString()
        .match(/"x":"."/g),
    )
    assert.deepEqual([...letters], [`"x":"${'abc'[index]}"`])
  })
})

test('a value of the index is saved before the body is there', async () => {
  const state = new MemoryState()
  const sink = sinkWith({ index: 'x-{s}' }, state)
  await sink.encode([batchItem(storedEvent({ line: '{"s":"a"}' }))], '')
  assert.deepEqual(state.saves, ['index_values'])
  state.failure = new Error('disk full')
  await assert.rejects(sink.encode([batchItem(storedEvent({ line: '{"s":"b"}' }))], ''), /disk full/)
})

test('the size is estimated from above', async () => {
  const sink = sinkWith({ index: 'app-logs-%Y.%m.%d' })
  for (const line of ['{}', 'x', `{"message":"${'m'.repeat(2000)}"}`]) {
    const item = batchItem(storedEvent({ line }))
    const { rawBytes } = await sink.encode([item], '')
    assert.ok(sink.sizeOf(item) >= rawBytes, line.slice(0, 10))
  }
})

test('runs make the same body as their events one by one, and are measured from above too', async () => {
  const sink = sinkWith({ index: 'app-logs-%Y.%m.%d' })
  const events = ['{"a":1}', 'x', '{"b":2}', `{"c":"${'c'.repeat(500)}"}`].flatMap((line) =>
    eventsOfLines(Array(50).fill(line)),
  )
  const runs = indexedRuns(batchItems(events))
  assert.equal(runs.length, 4)
  const { body, rawBytes } = await sink.runs!.encode(runs, '')
  assert.deepEqual(body, (await sink.encode(batchItems(events), '')).body)
  const bytes = runs.reduce((sum, run) => sum + sink.runs!.sizeOf(run), 0)
  assert.ok(bytes >= rawBytes && bytes < rawBytes * 2, `${bytes} for ${rawBytes}`)
})

test('names that have to be saved first are asked for event by event', () => {
  assert.equal(sinkWith({ index: 'x-{s}' }).runs, undefined)
})

test('a preview shows where an event would go', () => {
  const sink = sinkWith({ pipeline: 'p', id: { field: 'id' } })
  const preview = sink.describe(batchItem(storedEvent({ line: '{"id":"7"}' })))
  assert.equal(preview.target, 'create i id=7')
  assert.deepEqual(preview.details, { op: 'create', index: 'i', id: '7', pipeline: 'p' })
})

function parse(json: string): Record<string, unknown> {
  return JSON.parse(json)
}

test('the memory of a compressed body that was answered holds the next one; one in flight stays as it is', async () => {
  const encoder = new BulkEncoder(
    elasticsearchSink.schema.parse({ nodes: ['http://127.0.0.1:9'], index: 'i' }),
    compileIndexName('i', new IndexValues(new MemoryState(), 1)),
  )
  const packed = async (line: string): Promise<Buffer> =>
    (await encoder.encode(indexedRuns(batchItems(eventsOfLines([line]))))).body
  const first = await packed('{"a":1}')
  const second = await packed('{"b":2}')
  encoder.release(first)
  const third = await packed('{"c":3}')
  assert.equal(third.buffer, first.buffer)
  assert.match(gunzipSync(third).toString(), /"c":3/)
  assert.match(gunzipSync(second).toString(), /"b":2/)
})
