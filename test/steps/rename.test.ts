import assert from 'node:assert/strict'
import { test } from 'node:test'
import { membersAfter, run } from './steps-under-test.ts'

const after = (names: Record<string, string>, line: string): string => run([{ rename: names }], line).line

test('rename replaces the key alone', () => {
  assert.equal(after({ a: 'z' }, '{ "a" : 1.50 , "b":2}'), '{ "z" : 1.50 , "b":2}')
  assert.equal(after({ 'a.b': 'a.c' }, '{"a":{"b":1},"a.b":2}'), '{"a":{"c":1},"a.c":2}')
  assert.equal(after({ x: 'y' }, '{"a":1}'), '{"a":1}')
})

test('rename replaces what was called so before', () => {
  assert.equal(after({ a: 'b' }, '{"a":1,"b":2}'), '{"b":1}')
  assert.equal(after({ a: 'b' }, '{"b":2}'), '{"b":2}', 'nothing is called a')
})

test('a member that leaves its object is put behind the others, its bytes as they were', () => {
  assert.equal(after({ 'a.b': 'b' }, '{"a":{"b":1.50,"c":2},"d":3}'), '{"a":{"c":2},"d":3,"b":1.50}')
  assert.equal(after({ 'a.b': 'x' }, '{"a":{"b":{"c":[1 ,2]}}}'), '{"a":{},"x":{"c":[1 ,2]}}')
})

test('time, level and ids are those of the names that the steps leave', () => {
  const steps = [{ rename: { lvl_name: 'level', when: 'time', tid: 'trace_id' } }]
  const line = '{"lvl_name":"WARNING","when":"2026-01-20T10:00:00Z","tid":"0af7651916cd43dd8448eb211c80319c"}'
  const { document } = run(steps, line)
  assert.match(
    document,
    /^\{"@timestamp":"2026-01-20T10:00:00Z",.*"log.level":"warn","trace.id":"0af7651916cd43dd8448eb211c80319c"/,
  )
})

test('names of parsers are changed as members; the text of a text line may become a member', () => {
  assert.deepEqual(membersAfter([{ rename: { a: 'x' } }], 'a=1 b=2 x=3', { parse: 'logfmt' }), {
    b: '2',
    x: '1',
  })
  const { document, line } = run([{ rename: { message: 'text' } }], 'some text')
  assert.match(document, /"text":"some text"\}$/)
  assert.ok(!document.includes('"message"'))
  assert.equal(line, 'some text')
})

test("a parser's member that stood for the line's own one does not bring it back", () => {
  const parse = [{ type: 'json' }, { type: 'json', field: 'message' }]
  const line = '{"message":"{\\"message\\":\\"inner\\"}","a":1}'
  assert.deepEqual(membersAfter([{ rename: { message: 'm' } }], line, { parse }), { a: 1, m: 'inner' })
})
