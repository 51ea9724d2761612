import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsedLine } from './parsed-line.ts'

const head = '203.0.113.7 - - [20/Jan/2026:10:00:00 +0000]'
const parsed = (line: string): Record<string, unknown> => parsedLine(line, 'nginx')

test('a combined line comes out in ECS names', () => {
  assert.deepEqual(
    parsed(
      '203.0.113.7 - bob [20/Jan/2026:11:00:00 +0100] "GET /a?b=c HTTP/1.1" 200 612 "https://e.com/" "curl/8"',
    ),
    {
      '@timestamp': '2026-01-20T10:00:00Z',
      'source.address': '203.0.113.7',
      'user.name': 'bob',
      'http.request.method': 'GET',
      'url.original': '/a?b=c',
      'http.version': '1.1',
      'http.response.status_code': 200,
      'http.response.body.bytes': 612,
      'http.request.referrer': 'https://e.com/',
      'user_agent.original': 'curl/8',
    },
  )
})

test('a dash is nothing, and zero bytes are zero', () => {
  assert.deepEqual(Object.keys(parsed(`${head} "-" 400 0 "-" "-"`)), [
    '@timestamp',
    'source.address',
    'http.response.status_code',
    'http.response.body.bytes',
  ])
  assert.equal('http.response.body.bytes' in parsed(`${head} "GET / HTTP/1.1" 304 -`), false)
})

const extras: readonly (readonly [string, Record<string, unknown>])[] = [
  [' 0.123', { 'event.duration': 123_000_000 }],
  [' "10.1.2.3, ::1"', { 'http.request.header.x-forwarded-for': '10.1.2.3, ::1' }],
  [' "-" 12.500', { 'event.duration': 12_500_000_000 }],
  [' 489 0.001 [up] rest', { 'http.request.bytes': 489, 'event.duration': 1_000_000, extra: '[up] rest' }],
  [' 15', { extra: '15' }],
  [' 0.12', { extra: '0.12' }],
  [' "example.com" rt=0.1', { extra: '"example.com" rt=0.1' }],
  [' "not closed', { extra: '"not closed' }],
]

for (const [behind, expected] of extras) {
  test(`behind the user agent: ${behind}`, () => {
    const members = parsed(`${head} "GET / HTTP/1.1" 200 5 "-" "x"${behind}`)
    const base = parsed(`${head} "GET / HTTP/1.1" 200 5 "-" "x"`)
    assert.deepEqual(members, { ...base, ...expected })
  })
}

test('the host may stand in front, with its port', () => {
  const members = parsed(`www.example.com:8443 ${head} "GET / HTTP/1.1" 200 5`)
  assert.deepEqual(
    [members['url.domain'], members['url.port'], members['source.address']],
    ['www.example.com', 8443, '203.0.113.7'],
  )
})

test('quotes in a request are escaped, and a user may have blanks', () => {
  const members = parsed(
    String.raw`1.2.3.4 - john doe [20/Jan/2026:10:00:00 +0000] "GET /\"x\" HTTP/1.1" 200 5`,
  )
  assert.deepEqual([members['user.name'], members['url.original']], ['john doe', String.raw`/\"x\"`])
})

test('old lines of ingress-nginx have the forwarded address in brackets', () => {
  const members = parsed(
    '10.0.0.1 - [10.0.0.1] - - [20/Jan/2026:10:00:00 +0000] "GET / HTTP/2.0" 200 5 "-" "x"',
  )
  assert.equal('user.name' in members, false)
  assert.equal(members['source.address'], '10.0.0.1')
})

test('what scanners send instead of a request is kept whole', () => {
  assert.equal(parsed(`${head} "\\x16\\x03\\x01" 400 157`)['http.request.original'], '\\x16\\x03\\x01')
  assert.equal(parsed(`${head} "GET" 400 157`)['http.request.original'], 'GET')
  assert.equal(parsed(`${head} "GET /a b" 400 157`)['url.original'], '/a b')
})

test('an error line has level, process, connection, and what it says of the request', () => {
  assert.deepEqual(
    parsed(
      '2026/01/20 10:00:00 [warn] 12#34: *56 it broke, client: 10.0.0.1, server: _, request: "GET /x HTTP/1.1", host: "e.com"',
    ),
    {
      '@timestamp': '2026-01-20T10:00:00Z',
      'log.level': 'warn',
      level: 'warn',
      'process.pid': 12,
      'process.thread.id': 34,
      'nginx.error.connection_id': 56,
      message: 'it broke, client: 10.0.0.1, server: _, request: "GET /x HTTP/1.1", host: "e.com"',
      'source.address': '10.0.0.1',
      'http.request.method': 'GET',
      'url.original': '/x',
      'http.version': '1.1',
      'url.domain': 'e.com',
    },
  )
})

const broken = [
  'no access log',
  '',
  head,
  `${head} "GET / HTTP/1.1`,
  `${head} "GET / HTTP/1.1" 20 5`,
  `${head} "GET / HTTP/1.1" 200 many`,
  `${head} "GET / HTTP/1.1" 200 1234567890123456789`,
  '[20/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5',
  '2026/01/20 10:00:00 [loud] 12#34: x',
  '2026/01/20 10:00:00 [error] x',
]

for (const line of broken.filter((text) => text !== '')) {
  test(`is no line of nginx: ${line}`, () => {
    assert.deepEqual(parsed(line), { parse_error: 'nginx', message: line })
  })
}

test('a date that is none is kept as text', () => {
  const members = parsed('1.2.3.4 - - [99/Jan/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 5')
  assert.equal(members['@timestamp_invalid'], '99/Jan/2026:10:00:00 +0000')
})
