import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsedLine } from './parsed-line.ts'

const parsed = (line: string): Record<string, unknown> => parsedLine(line, 'klog')

test('a line has level, time of this year, thread and origin', () => {
  assert.deepEqual(parsed('E0120 10:00:00.123456    1234 a/b.go:56] it "broke" x=1'), {
    '@timestamp': '2026-01-20T10:00:00.123456Z',
    'log.level': 'error',
    level: 'ERROR',
    'process.thread.id': 1234,
    'log.origin.file.name': 'a/b.go',
    'log.origin.file.line': 56,
    message: 'it "broke" x=1',
  })
})

test('December is last year in January', () => {
  assert.equal(parsed('I1231 23:59:59.000001 1 a.go:1] x')['@timestamp'], '2025-12-31T23:59:59.000001Z')
})

test('glog writes the year', () => {
  assert.equal(parsed('W20250120 10:00:00.000001 1 a.cc:1] x')['@timestamp'], '2025-01-20T10:00:00.000001Z')
})

for (const line of [
  'X0120 10:00:00.123456 1 a.go:1] x',
  'I0120 10:00:00.123 1 a.go:1] x',
  'I0120 10:00:00.123456 a.go:1] x',
  'I0120 10:00:00.123456 1 a.go] x',
  'I0120 10:00:00.123456 1 a.go:1 x',
  'I',
]) {
  test(`is no line of klog: ${line}`, () => {
    assert.deepEqual(parsed(line), { parse_error: 'klog', message: line })
  })
}
