import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, property } from 'fast-check'
import { compileSpanProgram } from '../../src/parsers/span-program/compile-span-program.ts'
import { editedLine, fuzzed } from '../parsers/span-program/fuzzed-pattern.ts'
import { assertSame, regexOf } from '../parsers/span-program/span-runner.ts'

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
    assert.ok(counts.match > numRuns && counts['no match'] > numRuns)
  })
}
