import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readLogfmt } from '../../src/parsers/logfmt-pairs.ts'
import { parsedLine } from './parsed-line.ts'

const parsed = (line: string): Record<string, unknown> => parsedLine(line, 'logfmt')

test('keys are members, time and level are found in them', () => {
  assert.deepEqual(
    parsed('ts=2026-01-20T10:00:00.5Z level=warn msg="a \\"b\\"\\n\\u00e9\\q" n=5 empty= quiet'),
    {
      '@timestamp': '2026-01-20T10:00:00.5Z',
      'log.level': 'warn',
      ts: '2026-01-20T10:00:00.5Z',
      level: 'warn',
      msg: 'a "b"\né\\q',
      n: '5',
      empty: '',
      quiet: true,
    },
  )
})

test('types make numbers of values, by the digits that are written', () => {
  const types = { n: 'int', f: 'float', b: 'bool' } as const
  assert.deepEqual(parsedLine('n=007 f=1.50 b=yes x=1', { type: 'logfmt', types }), {
    n: 7,
    f: 1.5,
    b: true,
    x: '1',
  })
  assert.deepEqual(parsedLine('n=- f=fast x=1', { type: 'logfmt', types }), { f: 'fast', x: '1' })
})

test('of a key that comes again the last value counts', () => {
  assert.deepEqual(parsed('a=1 b=2 a=3'), { a: '3', b: '2' })
})

test('names that objects inherit are keys like any other', () => {
  const keys = Object.keys(parsed('__proto__=1 constructor=2'))
  assert.deepEqual(keys, ['__proto__', 'constructor'])
})

for (const line of ['a sentence with a=b in it', 'word', '=1', 'a="open', 'a="x"y', 'a"b=1', '"a"=1']) {
  test(`is no logfmt: ${line}`, () => {
    assert.deepEqual(parsed(line), { parse_error: 'logfmt', message: line })
  })
}

test('what is written as logfmt comes back', () => {
  const key = fc.stringMatching(/^[a-zA-Z_.@-]{1,8}$/)
  fc.assert(
    fc.property(
      fc.array(fc.tuple(key, fc.string({ unit: 'binary' })), { minLength: 1, maxLength: 8 }),
      (pairs) => {
        const quoted = (value: string): string => `"${value.replaceAll(/["\\]/g, '\\$&')}"`
        const line = pairs.map(([name, value]) => `${name}=${quoted(value)}`).join(' ')
        assert.deepEqual(readLogfmt(line)?.values, new Map(pairs))
      },
    ),
    { numRuns: 300 },
  )
})
