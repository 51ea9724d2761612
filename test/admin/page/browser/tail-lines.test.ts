import assert from 'node:assert/strict'
import { test } from 'node:test'
import { eventText, TailCutter, tailLine } from '../../../../src/admin/page/browser/tail-lines.ts'

test('a stream is cut into lines wherever its pieces end; what was left out is counted', () => {
  const cutter = new TailCutter()
  assert.deepEqual(cutter.cut('{"a":1}\n{"le'), { lines: ['{"a":1}'], leftOut: 0 })
  assert.deepEqual(cutter.cut('ft_out":12}\n\n{"b":2}\n'), { lines: ['{"b":2}'], leftOut: 12 })
})

test('a line without end is let go', () => {
  const cutter = new TailCutter(10)
  cutter.cut('x'.repeat(100))
  assert.deepEqual(cutter.cut('y\nz\n'), { lines: ['y', 'z'], leftOut: 0 })
})

test('an event is taken apart into what a person reads first, and the rest', () => {
  const event = {
    '@timestamp': '2026-11-27T08:00:00Z',
    'host.name': 'web-1',
    'log.level': 'error',
    level: 'ERROR',
    message: 'no <b>tea</b>',
    user: { id: 7 },
    status: 502,
  }
  assert.deepEqual(tailLine(JSON.stringify({ source: 'shop', event })), {
    time: '2026-11-27T08:00:00Z',
    level: 'error',
    source: 'shop',
    message: 'no <b>tea</b>',
    rest: 'user={"id":7} status=502',
  })
})

test('of a document a person reads the message and its own members, of another body all', () => {
  assert.equal(
    eventText('{"@timestamp":"t","message":"GET /","status":{"code":200}}'),
    'GET / status={"code":200}',
  )
  for (const body of ['plain line', '[1]', '{"cut']) assert.equal(eventText(body), body)
})

test('what is no event is shown as it is', () => {
  for (const line of ['{', 'null', '[]', '{"event":null}', '"text"'])
    assert.equal(tailLine(line).message, line)
})
