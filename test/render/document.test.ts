import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Body, EventFlag, Severity, Suppressed } from '../../src/core/event.ts'
import { ByteWriter } from '../../src/render/byte-writer.ts'
import { documentBytes, documentText, writeDocument } from '../../src/render/document.ts'
import { draftEvent, storedEvent, storedEvents } from '../support/stored-event.ts'

const head =
  '{"@timestamp":"2026-11-20T18:00:00.123Z","host.name":"web-1","log.file.path":"/var/log/app/app.log","log.offset":0,'

function parse(json: string): Record<string, unknown> {
  return JSON.parse(json)
}

/** The document from the time of 1,020,304 ns after the epoch on. */
function early(precision: number): string {
  return documentText(storedEvent({ precision, time: { seconds: 0, nanos: 1_020_304 } })).slice(15)
}

test('a JSON line keeps its members byte for byte behind the ones of the agent', () => {
  const line = '{"b": 12345678901234567890, "a":1.0,"a":1e400 , "s":"\\u0041\\/", "__proto__":{"x":null}}'
  assert.equal(documentText(storedEvent({ line })), head + line.slice(1))
})

test('a text line becomes the member message, escaped', () => {
  const line = 'say "hi"\\ \t\u0000\u001f\u007f é 😀 \u2028'
  const text = documentText(storedEvent({ line }))
  assert.equal(text, `${head}"message":${JSON.stringify(line)}}`)
  assert.equal(parse(text)['message'], line)
})

test('an empty object leaves no comma behind', () => {
  for (const line of ['{}', '{ }', '  {\t} ']) {
    const document = documentText(storedEvent({ line, body: Body.json }))
    assert.equal(document, `${head.slice(0, -1)}}`)
  }
})

test('what the agent found is written in one order', () => {
  const text = documentText(
    storedEvent({
      line: '{"m":1}',
      from: 4_294_967_296_123,
      severity: Severity.warn,
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      flags: EventFlag.truncated | EventFlag.invalidUtf8 | EventFlag.timeOfReading,
      members: '"stream":"stdout"',
    }),
  )
  assert.equal(
    text,
    `${head.slice(0, -2)}4294967296123,"log.level":"warn","trace.id":"4bf92f3577b34da6a3ce929d0e0e4736",` +
      '"span.id":"00f067aa0ba902b7","log.flags":["truncated","invalid_utf8"],"stream":"stdout","m":1}',
  )
})

test('members of a parser alone make a document, whatever the line was', () => {
  const text = documentText(storedEvent({ line: 'GET /', body: Body.members, members: '"method":"GET"' }))
  assert.equal(text, `${head}"method":"GET"}`)
  const bare = documentText(storedEvent({ line: 'x', body: Body.members }))
  assert.equal(bare, `${head.slice(0, -1)}}`)
})

test('the time has the precision that the line gave', () => {
  assert.ok(early(0).startsWith('1970-01-01T00:00:00Z"'))
  assert.ok(early(1).startsWith('1970-01-01T00:00:00.0Z"'))
  assert.ok(early(6).startsWith('1970-01-01T00:00:00.001020Z"'))
  assert.ok(early(9).startsWith('1970-01-01T00:00:00.001020304Z"'))
  const late = { seconds: 2 ** 32 - 1, nanos: 999_999_999 }
  assert.ok(
    documentText(storedEvent({ time: late, precision: 9 })).includes('2106-02-07T06:28:15.999999999Z'),
  )
})

test('what the line says itself is not written twice', () => {
  const line = '{"@timestamp":"2026-11-20T18:00:00.123Z","host.name":"web-1","log.level":"info"}'
  const suppressed =
    Suppressed.timestamp | Suppressed.level | Suppressed.offset | Suppressed.flags | Suppressed.shared0
  const event = storedEvent({ line, severity: Severity.info, flags: EventFlag.partial, suppressed })
  assert.equal(documentText(event), `{"log.file.path":"/var/log/app/app.log",${line.slice(1)}`)
})

test('each of many shared members can be left out, and those beyond the bits never are', () => {
  const shared = Array.from({ length: 40 }, (_, index) => ({ name: `m${index}`, json: String(index) }))
  for (const index of [0, 1, 23]) {
    const event = storedEvent({ line: '{"x":1}', suppressed: Suppressed.shared0 << index }, { shared })
    const names = Object.keys(parse(documentText(event)))
    assert.equal(names.includes(`m${index}`), false)
    assert.equal(names.filter((name) => name.startsWith('m')).length, 39)
  }
  const all = parse(documentText(storedEvent({ suppressed: -64 }, { shared })))
  assert.deepEqual(
    Object.keys(all).filter((name) => /^m\d/.test(name)),
    shared.slice(24).map((member) => member.name),
  )
})

test('edits replace parts of the line in documents only', () => {
  const line = '{"host":"a","@timestamp":"rubbish","x":1}'
  const event = storedEvent({
    line,
    edits: [
      { at: 1, cut: 6, insert: '"host_original"' },
      { at: 12, cut: 12, insert: '"@timestamp_invalid"' },
    ],
  })
  assert.equal(documentText(event), `${head}"host_original":"a","@timestamp_invalid":"rubbish","x":1}`)
  assert.equal(Buffer.from(event.line).toString(), line)
})

test('edits that leave nothing of the line leave no comma either', () => {
  const event = storedEvent({ line: '{ "a":1 }', edits: [{ at: 2, cut: 5, insert: '' }] })
  assert.equal(documentText(event), `${head.slice(0, -1)}}`)
})

test('a line with newlines between its members makes one line', () => {
  const text = documentText(storedEvent({ line: '{"a":1,\n\n"b":{"c":\n2}\n}\n' }))
  assert.equal(text.includes('\n'), false)
  assert.deepEqual(parse(text)['b'], { c: 2 })
})

test('shared members of one record never show in another', () => {
  const one = storedEvents([draftEvent(), draftEvent()], { shared: [{ name: 'a', json: '1' }] })
  const two = storedEvents([draftEvent()], { shared: [{ name: 'b', json: '2' }] })
  const out = new ByteWriter(64)
  for (const event of [one[0]!, two[0]!, one[1]!, two[0]!]) {
    writeDocument(event, out)
    out.byte(10)
  }
  const documents = out.text().trimEnd().split('\n')
  assert.deepEqual(
    documents.map((document) => /"[ab]":\d/.exec(document)?.[0]),
    ['"a":1', '"b":2', '"a":1', '"b":2'],
  )
})

test('any JSON line and any text come back from the document as they were', () => {
  const member = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.constant(null),
  )
  const line = fc.oneof(
    fc.dictionary(fc.string({ unit: 'grapheme' }), fc.oneof(member, fc.array(member))),
    fc.string({ unit: 'binary' }),
  )
  fc.assert(
    fc.property(line, (value) => {
      const isText = typeof value === 'string'
      const text = isText ? `x${value.replace(/\p{Surrogate}/gu, '?')}` : JSON.stringify(value)
      const event = storedEvent({ line: text, body: isText ? Body.message : Body.json })
      const document = documentText(event)
      assert.equal(document.includes('\n'), false)
      const parsed = parse(document)
      if (isText) {
        assert.equal(parsed['message'], text)
      } else {
        for (const [name, own] of Object.entries(parse(text))) {
          assert.deepEqual(parsed[name], own)
        }
      }
    }),
    { numRuns: 300 },
  )
})

test('the estimate of a size is not below the size of ordinary lines', () => {
  for (const line of ['{}', '{"a":1}', 'plain text', 'x'.repeat(5000), `{"a":"${'y'.repeat(5000)}"}`]) {
    const event = storedEvent({
      line,
      severity: Severity.error,
      traceId: 'f'.repeat(32),
      spanId: 'e'.repeat(16),
    })
    assert.ok(documentBytes(event) >= Buffer.byteLength(documentText(event)), line.slice(0, 20))
  }
})
