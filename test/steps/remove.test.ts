import assert from 'node:assert/strict'
import { test } from 'node:test'
import { membersAfter, run } from './steps-under-test.ts'

const after = (names: string[], line: string): string => run([{ remove: names }], line).line

test('remove cuts the member and one comma, all else stays byte for byte', () => {
  assert.equal(after(['a'], '{"a":1,"b":2.50}'), '{"b":2.50}')
  assert.equal(after(['b'], '{"a":1e5,"b":2}'), '{"a":1e5}')
  assert.equal(after(['b'], '{ "a" : 1 , "b" : {"x":"}"} , "c":3 }'), '{ "a" : 1 , "c":3 }')
  assert.equal(after(['a'], '{"a":1 } '), '{ } ')
  assert.equal(after(['a', 'b', 'c'], '{"a":1,"b":2,"c":3,"d":"\\u0041"}'), '{"d":"\\u0041"}')
  assert.equal(after(['x'], '{"a":1}'), '{"a":1}')
})

test('remove takes every member that the name means: duplicates, paths, dots in keys, escapes', () => {
  assert.equal(after(['a'], '{"a":1,"b":2,"\\u0061":3}'), '{"b":2}')
  assert.equal(after(['a.b'], '{"a":{"b":1,"c":2},"a.b":3}'), '{"a":{"c":2}}')
  assert.equal(
    after(['a.b.c'], '{"a.b":{"c":1,"d":2},"a":{"b.c":1,"b":{"c":1}}}'),
    '{"a.b":{"d":2},"a":{"b":{}}}',
  )
})

test('what parsers made is removed as a member', () => {
  assert.deepEqual(membersAfter([{ remove: ['b'] }], 'a=1 b=2', { parse: 'logfmt' }), { a: '1' })
  const chain = { parse: ['json', { type: 'json', field: 'log' }] } as const
  const line = '{"log":"{\\"geo\\":{\\"city\\":1,\\"lat\\":2}}"}'
  assert.deepEqual(membersAfter([{ remove: ['geo.city', 'log'] }], line, { parse: [...chain.parse] }), {
    geo: { lat: 2 },
  })
})

test('the message of a text line is the line: it is gone from everywhere', () => {
  const { document, line } = run([{ remove: ['message'] }], 'some text')
  assert.equal(line, '')
  assert.ok(!document.includes('some text'))
})

test('a million brackets and ten thousand duplicates are removed in no time', () => {
  const many = `{${Array.from({ length: 10_000 }, () => '"a":1').join(',')},"b":2}`
  assert.equal(after(['a'], many), '{"b":2}')
  const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)},"b":2}`
  assert.equal(after(['a.b.c', 'a'], deep), '{"b":2}')
})
