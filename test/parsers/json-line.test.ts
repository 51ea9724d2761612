import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { JsonLine } from '../../src/parsers/json-line.ts'
import { isJsonObject } from '../../src/parsers/json-object.ts'
import { jsonValue } from '../../src/parsers/json-value.ts'

const json = new JsonLine()

/** Scans the text in the middle of other bytes, as lines lie in a block. */
function scan(text: string): boolean {
  const line = Buffer.from(text)
  return json.scan(Buffer.concat([Buffer.from('}"\\'), line, Buffer.from('9"}]')]), 3, 3 + line.length)
}

function isObject(text: string): boolean {
  try {
    return isJsonObject(JSON.parse(text))
  } catch {
    return false
  }
}

function membersFound(): [string, unknown][] {
  return Array.from({ length: json.count }, (_, index) => [
    json.key(index),
    jsonValue(json.bytes, json.valueStart(index), json.valueEnd(index)),
  ])
}

const tokens = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '"a"',
  '"\\n"',
  '"\\u00e9"',
  '"\\ud800"',
  '"\\x"',
  '"\\u12"',
  '\\',
  '0',
  '-',
  '01',
  '1.0',
  '1.',
  '.5',
  '1e5',
  '1E+9',
  '1e',
  '1e400',
  '-0',
  'true',
  'false',
  'null',
  'nul',
  'truex',
  ' ',
  '\t',
  '\r',
  '\n',
  '\u0000',
  '\u001f',
  '\u007f',
  'é',
  '\u2028',
  '{}',
  '[]',
  '{"a":1}',
  '"__proto__":',
  '"a":',
  '\ufeff',
]

test('it takes for an object exactly what JSON.parse does, and finds the same members', () => {
  const soup = fc.array(fc.constantFrom(...tokens), { maxLength: 14 }).map((parts) => parts.join(''))
  const object = fc.dictionary(fc.string(), fc.jsonValue()).map((value) => JSON.stringify(value))
  const mutated = fc
    .tuple(object, fc.nat(), fc.constantFrom(...tokens), fc.boolean())
    .map(([text, at, token, isCut]) => {
      const place = at % (text.length + 1)
      return text.slice(0, place) + token + text.slice(place + (isCut ? 1 : 0))
    })
  const braced = soup.map((text) => `{"k":${text}}`)
  fc.assert(
    fc.property(fc.oneof(soup, object, mutated, braced), (text) => {
      // As a lane does: what is no UTF-8 was repaired before.
      const line = Buffer.from(text).toString()
      assert.equal(scan(line), isObject(line), line)
      if (!isObject(line)) return
      const parsed: object = JSON.parse(line)
      // Of duplicates the last one counts; numbers as keys come first in an object.
      const byName = (a: [string, unknown], b: [string, unknown]): number => (a[0] < b[0] ? -1 : 1)
      const found = [...new Map(membersFound())].sort(byName)
      assert.deepEqual(found, Object.entries(parsed).sort(byName))
      assert.deepEqual(json.object, parsed)
    }),
    { numRuns: 20_000 },
  )
})

test('a line like those before it, but for one byte, is taken for what it is', () => {
  const usual =
    '{"time":"2026-01-20T10:00:00Z","n":12,"user":{"id":7,"tags":["a","b"]},"":"","msg":"say \\"hi\\"","ok":true}'
  const letters = fc.constantFrom(...'"{}[]:,\\ 0az\t\u00e9'.split(''), '')
  fc.assert(
    fc.property(fc.nat(usual.length), letters, fc.boolean(), (at, letter, replaces) => {
      assert.ok(scan(usual))
      const line = usual.slice(0, at) + letter + usual.slice(at + (replaces ? 1 : 0))
      assert.equal(scan(line), isObject(line), line)
      if (isObject(line)) assert.deepEqual(Object.fromEntries(membersFound()), JSON.parse(line))
    }),
    { numRuns: 20_000 },
  )
})

test('numbers, words and escapes end where the grammar says', () => {
  for (const value of [
    '0',
    '-0',
    '10.50',
    '1e400',
    '1E-7',
    'true',
    'null',
    '"\\u00E9\\/\\b"',
    '[[],{},[{}]]',
    '[1 , 2]',
  ])
    assert.ok(scan(`{"a": ${value} ,"b":${value}}`), value)
  for (const value of [
    '00',
    '+1',
    '1.',
    '.1',
    '1e',
    '1e+',
    '0x1',
    'NaN',
    'tru',
    'True',
    "'a'",
    '"\\u00g0"',
    '"\\u12"',
    '"\t"',
  ])
    assert.ok(!scan(`{"a":${value}}`), value)
  for (const text of [
    '',
    ' ',
    '{',
    '{}}',
    '{} x',
    '{,}',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{"a":1 "b":2}',
    '[]',
    '"a"',
    '1',
  ])
    assert.ok(!scan(text), text)
})

test('a line that ends inside of a value does not go on in the bytes behind it', () => {
  for (const text of [
    '{"a":1',
    '{"a":"x',
    '{"a":[1',
    '{"a',
    '{"a":"\\',
    '{"a":"\\u00',
    '{"a":-',
    '{"a":1e',
    '{"a":tru',
  ])
    assert.ok(!scan(text), text)
})

test('a depth of 100,000 is taken, and one bracket too few is not', () => {
  const deep = (opened: number, closed: number): string => `{"a":${'['.repeat(opened)}${']'.repeat(closed)}}`
  assert.ok(scan(deep(100_000, 100_000)))
  assert.ok(!scan(deep(100_000, 99_999)))
  assert.ok(!scan(deep(99_999, 100_000)))
  assert.ok(scan(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`))
})

test('keys are unescaped, duplicates stay, and places are those in the bytes', () => {
  assert.ok(scan(' {"\\u0061" : 1,"a":2, "__proto__":{"x":"}"} } '))
  assert.deepEqual(membersFound(), [
    ['a', 1],
    ['a', 2],
    ['__proto__', { x: '}' }],
  ])
  assert.equal(json.keyId(0), json.keyId(1))
  assert.equal(json.bytes.toString('utf8', json.valueStart(2), json.valueEnd(2)), '{"x":"}"}')
  assert.equal(json.view().toString(), ' {"\\u0061" : 1,"a":2, "__proto__":{"x":"}"} } ')
})

test('thousands of members fit', () => {
  const names = Array.from({ length: 5000 }, (_, index) => `"k${index}":${index}`)
  assert.ok(scan(`{${names.join(',')}}`))
  assert.equal(json.count, 5000)
  assert.equal(json.key(4999), 'k4999')
})
