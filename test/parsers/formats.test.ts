import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { formatEntry, readFormats } from '../../scripts/generate-format-golden.ts'
import { autoPresets } from '../../src/parsers/auto-presets.ts'

const golden = readFileSync('test/fixtures/formats/golden.json', 'utf8')
const formats = readFormats()

for (const format of formats) {
  test(`lines of ${format.name} become what the golden file says`, () => {
    assert.ok(golden.includes(formatEntry(format)), formatEntry(format))
  })
}

test('there are at least a hundred formats, each under a name of its own, and the golden file is JSON', () => {
  assert.ok(formats.length >= 100)
  const names = formats.map(({ name }) => name)
  assert.equal(new Set(names).size, names.length)
  const entries: unknown = JSON.parse(golden)
  assert.ok(Array.isArray(entries) && entries.length === formats.length)
})

test('every preset has formats in it', () => {
  const used = new Set(formats.map(({ preset }) => preset))
  assert.deepEqual(
    autoPresets.map(({ name }) => name).filter((name) => !used.has(name)),
    [],
  )
})

test('what a preset made has no error and no time that could not be read', () => {
  const bad = golden.split('\n').filter((line) => /"parse_error"|_invalid"/.test(line))
  // A traceback under `parse: python` goes on a line before it: that is multiline's work.
  assert.deepEqual(
    bad.filter((line) => !/"parse_error":"python","message":"(?:Traceback| {2})/.test(line)),
    [],
  )
})
