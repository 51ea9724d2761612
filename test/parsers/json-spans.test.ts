import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { firstBytesOf, memberSpans, skipSpace, valueText } from '../../src/parsers/json-spans.ts'

test('spans are those of every member, whatever the values and the spaces', () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue(), { noNullPrototype: true }),
      fc.constantFrom(0, 1, 2),
      (object, indent) => {
        const json = Buffer.from(JSON.stringify(object, undefined, indent))
        const spans = memberSpans(json, 0)
        const rebuilt = spans.map((span) => [
          span.key,
          JSON.parse(json.toString('utf8', span.valueStart, span.valueEnd)) as unknown,
        ])
        assert.deepEqual(Object.fromEntries(rebuilt), JSON.parse(json.toString()))
        for (const { key, keyStart, keyEnd } of spans)
          assert.equal(JSON.parse(json.toString('utf8', keyStart, keyEnd)), key)
      },
    ),
    { numRuns: 500 },
  )
})

test('with first bytes only names that begin so are decoded, escaped ones always', () => {
  const json = Buffer.from('{"host":1,"other":2,"\\u0068ost":3,"h\\u006fst":4,"":5}')
  const keys = memberSpans(json, 0, firstBytesOf(['host', 'log'])).map((span) => span.key)
  assert.deepEqual(keys, ['host', '', 'host', 'host', ''])
})

test('a depth of 100,000 is passed over', () => {
  const json = Buffer.from(` {"a":${'['.repeat(100_000)}${']'.repeat(100_000)},"b":1}`)
  assert.deepEqual(
    memberSpans(json, skipSpace(json, 0)).map((span) => span.key),
    ['a', 'b'],
  )
})

test('the text of a value is found by name, by path, and the last one of a name', () => {
  const json = Buffer.from('{"n":1.0,"a":{"b":{"c":1e400}},"a.b":5,"n":9007199254740993}')
  assert.equal(valueText(json, 'n'), '9007199254740993')
  assert.equal(valueText(json, 'a.b'), '5')
  assert.equal(valueText(json, 'a.b.c'), '1e400')
  assert.equal(valueText(json, 'x'), undefined)
})
