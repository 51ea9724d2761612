import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, property } from 'fast-check'
import { compileSpanProgram } from '../../src/parsers/span-program/compile-span-program.ts'
import type { SpanProgram } from '../../src/parsers/span-program/compile-span-program.ts'
import { editedLine, fuzzed } from '../parsers/span-program/fuzzed-pattern.ts'
import { realPatterns } from '../parsers/span-program/real-patterns.ts'
import { assertSame, regexOf, runProgram } from '../parsers/span-program/span-runner.ts'

/** LOGFERRY_FUZZ_SEED and LOGFERRY_FUZZ_RUNS set another seed and budget. */
const seed = Number(process.env['LOGFERRY_FUZZ_SEED'] ?? Date.now() % 2 ** 31)
const numRuns = Number(process.env['LOGFERRY_FUZZ_RUNS'] ?? 2_000)

for (const [kind, { pattern, edits }] of Object.entries(fuzzed)) {
  test(`a program says of each line what RegExp says, or leaves it alone: ${kind}`, (context) => {
    const counts = { refused: 0, match: 0, 'no match': 0, 'not mine': 0 }
    const editLists = array(edits, { minLength: 4, maxLength: 8 })
    check(
      property(pattern, editLists, ({ source, sample }, lists) => {
        const program = compileSpanProgram(source)
        if ('refusal' in program) {
          counts.refused++
          return
        }
        const regex = regexOf(source)
        for (const list of [[], ...lists]) counts[assertSame(program, regex, editedLine(sample, list))]++
      }),
      { numRuns, seed },
    )
    context.diagnostic(`seed ${seed}: ${JSON.stringify(counts)}`)
    assert.ok(counts.match > numRuns / 2 && counts['no match'] > numRuns / 2)
  })
}

function programOf(pattern: string): SpanProgram {
  const program = compileSpanProgram(pattern)
  assert.ok('bytes' in program, `${pattern}: ${JSON.stringify(program)}`)
  return program
}

test('it says the same of the lines that real patterns are for, whatever is put into them', () => {
  const compiled = realPatterns.flatMap(({ pattern, line }) => {
    const program = compileSpanProgram(pattern)
    return 'refusal' in program ? [] : [{ program, regex: regexOf(pattern), line }]
  })
  for (const { edits } of Object.values(fuzzed)) {
    check(
      property(array(edits, { minLength: 1, maxLength: 4 }), (lists) => {
        for (const { program, regex, line } of compiled) {
          // The edits are in the first 60 bytes: once from the front, once from behind.
          for (const list of lists) {
            assertSame(program, regex, editedLine(line, list))
            const turned = list.map((edit) => ({ ...edit, at: Math.max(0, line.length - edit.at) }))
            assertSame(program, regex, editedLine(line, turned))
          }
        }
      }),
      { numRuns: Math.ceil(numRuns / 20), seed },
    )
  }
})

test('what fuzzing has found stays found', () => {
  for (const [pattern, line] of [
    ['(?:(.\\.\\da)?$){0,3}', 'a.7a'],
    ['((a|){0,3}){1,2}|', 'a'],
    ['(?:a|(b)){2,3}$', 'ba'],
    ['(?<x>.*)?$', ''],
  ] as const) {
    assert.notEqual(assertSame(programOf(pattern), regexOf(pattern), Buffer.from(line)), 'not mine', pattern)
  }
})

test('characters beyond ASCII are taken like others where it is no matter how many there are', () => {
  const lines = [
    'Größe geändert: 日本 😀',
    'a\u00a0b\u2003c\ufeff',
    'x\u2028y',
    '日本語ログ ok 😀😀',
    '\u3000',
    'é',
  ]
  for (const pattern of ['^(.*)$', '(\\S+)\\s+(\\S+)', '^[^:]*: (.*)$', '^(.*?) (.*)', '\\s+(\\S*)$']) {
    for (const line of lines) {
      const answer = assertSame(programOf(pattern), regexOf(pattern), Buffer.from(line))
      assert.notEqual(answer, 'not mine', `${pattern} on ${line}`)
    }
  }
})

test('what UTF-16 counts in another way is left to RegExp', () => {
  for (const [pattern, line] of [
    ['^.{3}$', 'aéb'],
    ['^a.b', 'a😀b'],
    ['(?<x>[à-ü]+)', 'é'],
    ['.*([^a]+)b', '😀b'],
    ['.??[^a]b', 'éab'],
    ['([^a]??){0,3}', '\u2028b'],
  ] as const) {
    assert.equal(runProgram(programOf(pattern), Buffer.from(line), 1), 'not mine', `${pattern} on ${line}`)
  }
})

test('a hostile line ends: it is left to RegExp when it has cost more than lines do', () => {
  const pattern = '^(.*?) (.*?) (.*?) (.*?) (.*?) (.*?) x$'
  assert.equal(runProgram(programOf(pattern), Buffer.from('a '.repeat(30_000)), 1), 'not mine')
  assert.equal(assertSame(programOf(pattern), regexOf(pattern), Buffer.from('a b c d e f x')), 'match')
  // So many choices are open at once that there is no room for them.
  assert.equal(runProgram(programOf('^(?:a,|b)*(?:a|b,)$'), Buffer.from('a,'.repeat(5_000)), 1), 'not mine')
})

test('a long line that has to be looked through once is no hostile one', () => {
  const noise = 'x1 '.repeat(3_000)
  for (const [pattern, line] of [
    ['^(.*) - (.*)$', `${noise}- end`],
    ['level=(\\w+)', `${noise}level=warn`],
    ['.*level=(\\w+)', noise],
    ['^"((?:[^"\\\\]|\\\\.)*)"$', `"${noise}\\"${noise}"`],
    ['(\\w+ )+$', noise],
  ] as const) {
    const answer = assertSame(programOf(pattern), regexOf(pattern), Buffer.from(line))
    assert.notEqual(answer, 'not mine', pattern)
  }
})
