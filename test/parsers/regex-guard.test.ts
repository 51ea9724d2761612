import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import {
  compileGuarded,
  compileGuardedSearch,
  enableRegexGuard,
  RegexError,
} from '../../src/parsers/regex-guard.ts'
import { unrollRepeats } from '../../src/parsers/regex-unroll.ts'

const evil = `${'a'.repeat(50_000)}b`

test('this V8 has the guard', () => {
  assert.equal(enableRegexGuard(), true)
})

for (const pattern of [
  '^(?<x>(a+)+)$',
  '^(?<x>(a|a)*)$',
  '^(?<x>(.*?,){11}P)',
  '(?<x>(x+x+)+y)',
  '^(?<x>[a-f]{32}(a+)+)$',
]) {
  test(`a covered pattern ends by itself: ${pattern}`, () => {
    enableRegexGuard()
    const regex = compileGuarded(pattern)
    assert.equal(regex.runs, 'guarded')
    assert.equal(regex.exec(evil), null)
  })
}

for (const pattern of [
  '(?i)^(?<x>(a+)+)$',
  '^(?=a)(?<x>(a+)+)$',
  '^(?<x>a+)+\\1$',
  '^(?<x>(?:a?){60}a{60})$b',
  '^(?<x>(a+){1,200})$',
]) {
  test(`a pattern that the guard does not cover is timed: ${pattern}`, () => {
    enableRegexGuard()
    const regex = compileGuarded(pattern, 100)
    assert.equal(regex.runs, 'vm')
    assert.equal(regex.exec(evil), 'timeout')
    // It works on after that.
    assert.notEqual(regex.exec('xyz'), 'timeout')
  })
}

test('a search that is stopped right behind a match finds it when it runs again: redact left that secret in', () => {
  // Both runs end, and nobody hears of the first one, as where the limit comes while it returns.
  const search = compileGuardedSearch('(?i)user-\\d+', 10_000, (run, limitMs) => {
    run(limitMs)
    return run(limitMs)
  })
  assert.equal(search.runs, 'vm')
  assert.deepEqual(search.places('USER-12 and user-3'), [0, 7, 12, 18])
})

test("Python's and RE2's way to write groups and flags is understood", () => {
  const regex = compileGuarded('(?i)^(?P<level>[a-z]+) (?P<text>.*)$')
  assert.deepEqual(regex.groups, ['level', 'text'])
  const match = regex.exec('WARN x')
  assert.ok(match !== 'timeout' && match)
  assert.deepEqual({ ...match.groups }, { level: 'WARN', text: 'x' })
})

for (const [pattern, text] of [
  ['a(b', 'unterminated group at position 2'],
  ['a)', "unmatched ')' at position 2"],
  ['(?<a>[x', 'unterminated character class at position 6'],
  ['(?<a>x)**', 'nothing to repeat at position 9'],
  ['(?<a>x)(?<a>y)', 'duplicate capture group name at position 14'],
  ['(?>x)', 'invalid group at position 2'],
] as const) {
  test(`an invalid pattern says what and where: ${pattern}`, () => {
    assert.throws(
      () => compileGuarded(pattern),
      (error) => error instanceof RegexError && error.message === text,
    )
  })
}

test('unrolled repetitions mean the same', () => {
  assert.equal(unrollRepeats('[ab]{17}c{3}'), `${'[ab]'.repeat(17)}c{3}`)
  for (const kept of [
    'x{17}?',
    '\\x41{20}',
    '\\u0041{20}',
    '(a){20}',
    '[a{20}]',
    '\\{20}',
    '(?<n>a)\\1{20}',
    'x{1,20}',
    'x{200}',
  ]) {
    assert.equal(unrollRepeats(kept), kept)
  }
  const parts = fc.array(
    fc.constantFrom('[0-9a-f]{17}', '\\d{20}', 'a{18}', '[^\\]]{19}', '\\w', '.{2}', '-', '(?:b)', '\\.{17}'),
    { maxLength: 5 },
  )
  const texts = fc.stringMatching(/^[0-9a-f.b-]{0,80}$/)
  fc.assert(
    fc.property(parts, texts, (source, text) => {
      const pattern = source.join('')
      assert.deepEqual(new RegExp(unrollRepeats(pattern)).exec(text), new RegExp(pattern).exec(text))
    }),
    { numRuns: 300 },
  )
})
