import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileSpanProgram } from '../../../src/parsers/span-program/compile-span-program.ts'
import { realPatterns } from './real-patterns.ts'
import { assertSame, regexOf } from './span-runner.ts'

function refusalOf(pattern: string): string | undefined {
  const program = compileSpanProgram(pattern)
  return 'refusal' in program ? program.refusal : undefined
}

/** Of the real patterns those that stay with RegExp. */
const refused: Readonly<Record<string, string>> = {
  'kube-custom': 'a group repeats something that can match in two ways, at column 61',
  'strong password': 'look-around, at column 7',
  'look-behind': 'look-around, at column 1',
  'same quote': 'a reference back to a group, at column 27',
  words: 'a group repeats something that can match in two ways, at column 11',
}

for (const { name, pattern, line } of realPatterns) {
  const refusal = refused[name]
  const title = refusal ? `stays with RegExp (${refusal})` : 'is a program that takes its line apart'
  test(`${name} ${title}`, () => {
    const program = compileSpanProgram(pattern)
    if ('refusal' in program) assert.equal(program.refusal, refusal)
    else assert.equal(assertSame(program, regexOf(pattern), Buffer.from(line)), 'match')
    assert.equal('refusal' in program, refusal !== undefined)
  })
}

test('a refusal says why and where, in the pattern as it was written', () => {
  for (const [pattern, refusal] of [
    ['(?i)(?P<a>x)(?P<b>(y+)+)z', 'a group repeats something that can match in two ways, at column 19'],
    ['(?<a>a|)+b', 'a group repeats something that can be empty, at column 1'],
    ['(?:$)*', 'a group repeats something that can be empty, at column 1'],
    ['(?m)^(?<a>x)', 'flag m, which finds lines within a line, at column 5'],
    ['(?<a>x)(?=y)', 'look-around, at column 8'],
    ['(?<a>x)\\k<a>', 'a reference back to a group, at column 8'],
    ['(?<a>x)|(?<a>y)', 'two groups of one name, at column 9'],
    ['(a)\\1', 'a reference back to a group, at column 4'],
    ['\\cA', 'an escape by number or control letter, at column 1'],
    ['[\\07]', 'an escape by number or control letter, at column 2'],
    ['x\\ud83d', 'half of a character, at column 2'],
    ['😀+', 'a count behind a character of two UTF-16 units, at column 1'],
    ['a{2000000}', 'a repetition of more than 1000000, at column 2'],
  ] as const) {
    assert.equal(refusalOf(pattern), refusal, pattern)
  }
})

test('a pattern that would be a large program is refused before it is one', () => {
  const tooLarge = 'it would take more than 512 instructions'
  for (const pattern of [
    '((?:){999}){999}',
    'a'.repeat(10_000),
    '(?:a{999999}){1000000}',
    '(?:(?:(?:a|b|c|d){30}){30}){30}',
    '.*'.repeat(3_000),
    '(a|b?c){900}',
  ]) {
    assert.equal(refusalOf(pattern), tooLarge, pattern.slice(0, 40))
  }
  assert.equal(refusalOf('('.repeat(60) + ')'.repeat(60)), 'groups within groups, more than 50, at column 51')
  assert.equal(refusalOf('(a)'.repeat(101)), 'more than 100 groups that capture, at column 301')
  const largest = compileSpanProgram('(a?){120}')
  assert.ok('bytes' in largest && largest.bytes.length < 64 * 1024)
})

test('groups are told by name and slot', () => {
  const program = compileSpanProgram('(?P<time>\\S+) (x|(?:y)) [(?<no>] (?<message>.*)')
  assert.ok('groups' in program)
  assert.deepEqual(program.groups, [
    { name: 'time', slot: 2 },
    { name: 'message', slot: 6 },
  ])
  assert.equal(program.slots, 8)
})
