import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsedLine } from './parsed-line.ts'

const parsed = (line: string): Record<string, unknown> => parsedLine(line, 'apache')

test('a common line comes out in ECS names', () => {
  assert.deepEqual(parsed('10.0.0.1 - frank [20/Jan/2026:03:00:00 -0700] "GET /a.gif HTTP/1.0" 200 2326'), {
    '@timestamp': '2026-01-20T10:00:00Z',
    'source.address': '10.0.0.1',
    'user.name': 'frank',
    'http.request.method': 'GET',
    'url.original': '/a.gif',
    'http.version': '1.0',
    'http.response.status_code': 200,
    'http.response.body.bytes': 2326,
  })
})

test('an error line of 2.4 has module, level, process and client', () => {
  assert.deepEqual(
    parsed(
      '[Tue Jan 20 10:00:00.123456 2026] [core:error] [pid 35:tid 43] [client 10.0.0.1:51] AH00128: [x] y',
    ),
    {
      '@timestamp': '2026-01-20T10:00:00.123456Z',
      'log.level': 'error',
      level: 'error',
      'apache.error.module': 'core',
      'process.pid': 35,
      'process.thread.id': 43,
      'source.address': '10.0.0.1',
      'source.port': 51,
      message: 'AH00128: [x] y',
    },
  )
})

test('an error line of 2.2 has level and client', () => {
  assert.deepEqual(parsed('[Tue Jan 20 10:00:00 2026] [error] [client ::1] denied'), {
    '@timestamp': '2026-01-20T10:00:00Z',
    'log.level': 'error',
    level: 'error',
    'source.address': '::1',
    message: 'denied',
  })
})

test('levels of tracing have numbers, and a message may begin with brackets', () => {
  const members = parsed(
    '[Tue Jan 20 10:00:00.1 2026] [ssl:trace8] [pid 9] [pid 10] [client] [remote 1.2.3.4:5] x',
  )
  assert.deepEqual(
    [members['log.level'], members['process.pid'], members['message']],
    ['trace', 9, '[pid 10] [client] [remote 1.2.3.4:5] x'],
  )
})

for (const line of [
  '[Tue Jan 20 10:00:00 2026] nothing',
  '[Tue Jan 20 10:00:00 2026] [core:loud] x',
  '[core:error] x',
  '[',
]) {
  test(`is no line of Apache: ${line}`, () => {
    assert.deepEqual(parsed(line), { parse_error: 'apache', message: line })
  })
}
