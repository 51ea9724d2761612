import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { generatedFiles } from '../../scripts/generated-files.ts'
import { errorTable } from '../../src/core/errors.ts'

describe('generated files', () => {
  for (const [path, text] of generatedFiles()) {
    it(`${path} is current (npm run generate)`, () => {
      const isCurrent = readFileSync(join(process.cwd(), path), 'utf8') === text
      assert.ok(isCurrent, `${path} is not what the sources say`)
    })
  }

  it('the reference says something about every key of its own', () => {
    const rows = (generatedFiles().get('docs/config.md') ?? '')
      .split('\n')
      .filter((line) => line.startsWith('| `'))
    const silent = rows.filter((row) => row.endsWith('|  |') && !/^\| `[^`]*\./.test(row))
    assert.deepEqual(silent, [])
  })

  it('every error code has a row', () => {
    const text = generatedFiles().get('docs/errors.md') ?? ''
    for (const code of Object.keys(errorTable)) assert.ok(text.includes(`| \`${code}\` |`), code)
  })
})
