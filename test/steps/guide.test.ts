import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { configFolder } from '../config/config-file.ts'
import { conditionProblem } from '../../src/steps/condition.ts'
import { presetNames } from '../../src/steps/redaction/presets.ts'
import { run } from './steps-under-test.ts'

const guide = readFileSync('docs/steps.md', 'utf8')

/** The rows of the tables below a heading, by their cells without backquotes. */
function rowsBelow(heading: string): string[][] {
  const from = guide.indexOf(`\n## ${heading}\n`)
  const to = guide.indexOf('\n## ', from + 1)
  return guide
    .slice(from, to < 0 ? undefined : to)
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) =>
      line
        .slice(1, -1)
        .split(' | ')
        .map((cell) => cell.trim()),
    )
}

const bare = (cell: string | undefined): string => cell?.replaceAll(/^`|`$/g, '') ?? ''

test('configs of the guide are taken without a warning', async (context) => {
  const { load } = await configFolder(context)
  const blocks = [...guide.matchAll(/```jsonc\n([^]*?)```/g)].map((match) => match[1]!)
  assert.ok(blocks.length >= 4)
  for (const block of blocks) assert.deepEqual((await load(block)).warnings, [])
})

test('conditions of the guide are right', () => {
  const rows = rowsBelow('Conditions')
  assert.ok(rows.length >= 8)
  for (const [condition] of rows) assert.equal(conditionProblem(bare(condition)), undefined, condition)
})

test('examples of the guide become what it says', () => {
  const rows = rowsBelow('Examples')
  assert.ok(rows.length >= 9)
  for (const [step, line, becomes] of rows) {
    const { line: left, filteredBy } = run([JSON.parse(bare(step))], bare(line))
    assert.equal(filteredBy === '' ? left : 'filtered', bare(becomes), step)
  }
})

test('the guide has a row for each preset', () => {
  assert.deepEqual(
    rowsBelow('redact').map(([name]) => bare(name)),
    [...presetNames],
  )
})
