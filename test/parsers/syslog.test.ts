import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsedLine } from './parsed-line.ts'

const parsed = (line: string): Record<string, unknown> => parsedLine(line, 'syslog')

const priority34 = {
  'log.level': 'fatal',
  level: 'crit',
  'log.syslog.priority': 34,
  'log.syslog.facility.code': 4,
  'log.syslog.facility.name': 'auth',
  'log.syslog.severity.code': 2,
}
const oneSecond = '2026-01-20T10:00:01Z'

const headers: readonly (readonly [string, Record<string, unknown>])[] = [
  [
    '<34>Jan 20 10:00:01 web su[7]: it failed',
    {
      ...priority34,
      '@timestamp': oneSecond,
      'log.syslog.hostname': 'web',
      'process.name': 'su',
      'process.pid': 7,
    },
  ],
  [
    'Jan 20 10:00:01 web su: it failed',
    { '@timestamp': oneSecond, 'log.syslog.hostname': 'web', 'process.name': 'su' },
  ],
  ['Jan 20 10:00:01 su[7]: it failed', { '@timestamp': oneSecond, 'process.name': 'su', 'process.pid': 7 }],
  ['Jan 20 10:00:01 web it failed', { '@timestamp': oneSecond, 'log.syslog.hostname': 'web' }],
  [
    'Jan 20 10:00:01.250 web a/b(c)[x-7]: it failed',
    {
      '@timestamp': '2026-01-20T10:00:01.250Z',
      'log.syslog.hostname': 'web',
      'process.name': 'a/b(c)',
      'log.syslog.procid': 'x-7',
    },
  ],
  [
    'Jan  2 10:00:01 web su: it failed',
    { '@timestamp': '2026-01-02T10:00:01Z', 'log.syslog.hostname': 'web', 'process.name': 'su' },
  ],
  [
    'Dec 31 10:00:01 web su: it failed',
    { '@timestamp': '2025-12-31T10:00:01Z', 'log.syslog.hostname': 'web', 'process.name': 'su' },
  ],
  [
    '2026-01-20T11:00:01+01:00 web su[7]: it failed',
    { '@timestamp': oneSecond, 'log.syslog.hostname': 'web', 'process.name': 'su', 'process.pid': 7 },
  ],
  [
    'Tue 2026-01-20 10:00:01 UTC web su[7]: it failed',
    { '@timestamp': oneSecond, 'log.syslog.hostname': 'web', 'process.name': 'su', 'process.pid': 7 },
  ],
  [
    'Jan 20 2026 10:00:01: %SYS-5-CONFIG: it failed',
    { '@timestamp': oneSecond, 'process.name': '%SYS-5-CONFIG' },
  ],
  ['<34>it failed', priority34],
]

for (const [line, expected] of headers) {
  test(`a header is read: ${line}`, () => {
    assert.deepEqual(parsed(line), { ...expected, message: 'it failed' })
  })
}

test('RFC 5424: header, structured data and message', () => {
  assert.deepEqual(
    parsed(
      '<34>1 2026-01-20T10:00:01Z web app 7 ID1 [a@1 x="1" y="q\\"\\]\\\\z"][b.c@1 x="1" x="2"] \uFEFFhello',
    ),
    {
      ...priority34,
      '@timestamp': oneSecond,
      'log.syslog.hostname': 'web',
      'process.name': 'app',
      'process.pid': 7,
      'log.syslog.msgid': 'ID1',
      'log.syslog.structured_data': { 'a@1': { x: '1', y: 'q"]\\z' }, 'b_c@1': { x: ['1', '2'] } },
      message: 'hello',
    },
  )
})

test('RFC 5424: a dash stands for nothing, and a message need not be there', () => {
  assert.deepEqual(parsed('<34>1 - - - - - -'), priority34)
})

test('RFC 5424: structured data that is none belongs to the message', () => {
  assert.equal(parsed('<34>1 - - - - - [x y] hello')['message'], '[x y] hello')
  assert.equal(parsed('<34>1 - - - - - [x y="1"]hello')['message'], '[x y="1"]hello')
})

test('names of structured data are no names of an object: __proto__ is a key like any other', () => {
  const data = parsed('<34>1 - - - - - [__proto__ constructor="x"] m')['log.syslog.structured_data']
  assert.equal(JSON.stringify(data), '{"__proto__":{"constructor":"x"}}')
})

test('every severity has its level', () => {
  const levels = Array.from({ length: 8 }, (_, code) => parsed(`<${8 + code}>x`)['log.level'])
  assert.deepEqual(levels, ['fatal', 'fatal', 'fatal', 'error', 'warn', 'info', 'info', 'debug'])
})

for (const line of [
  '<192>x',
  '<>x',
  '<1',
  'Jan 20 10:00:01',
  'Jan 20 10:00:01 web',
  'Jan 2 web su: x',
  'x',
]) {
  test(`is no line of syslog: ${line}`, () => {
    assert.deepEqual(parsed(line), { parse_error: 'syslog', message: line })
  })
}

test('a day that is none is kept as text', () => {
  assert.equal(parsed('Feb 30 10:00:01 web su: x')['@timestamp_invalid'], 'Feb 30 10:00:01')
})
