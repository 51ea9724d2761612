import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { readFormats } from '../../scripts/generate-format-golden.ts'
import { autoPresets } from '../../src/parsers/auto-presets.ts'
import type { Preset } from '../../src/parsers/parser.ts'

/** Pieces that the scanners look for, so that random lines get deep into them. */
const pieces = [
  '203.0.113.7 - - ',
  '[20/Jan/2026:10:00:00 +0000] ',
  '"GET / HTTP/1.1" ',
  '200 5 ',
  '"-" "-"',
  '2026/01/20 10:00:00 [error] 1#2: ',
  '*3 x, client: ',
  ', request: "',
  '[Tue Jan 20 10:00:00 2026] ',
  '[core:error] ',
  '[pid 1:tid 2] ',
  '[client 1.2.3.4:5] ',
  '<34>',
  '1 ',
  'Jan 20 10:00:00 ',
  '2026-01-20T10:00:00Z ',
  'host ',
  'tag[1]: ',
  '[a@1 x="',
  '"] ',
  '- ',
  ' - ',
  'I0120 10:00:00.123456 1 ',
  'a.go:1] ',
  'INFO',
  ':name:',
  'key=',
  '"',
  '\\',
  '\\"',
  '[',
  ']',
  '=',
  ' ',
  '\t',
  '1',
  '\u0000',
  '\uFEFF',
  '\uD800',
]

const anyPiece = fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary', maxLength: 6 }))
const realLines = readFormats().flatMap(({ lines }) => lines)

/** Pieces in any order, and real lines with a stretch of them put in place of another. */
const line = fc.oneof(
  fc.array(anyPiece, { maxLength: 14 }).map((parts) => parts.join('')),
  fc
    .tuple(fc.constantFrom(...realLines), fc.nat(200), fc.nat(20), anyPiece)
    .map(([text, at, cut, insert]) => text.slice(0, at) + insert + text.slice(at + cut)),
)

function checkMembers(preset: Preset, text: string): void {
  const parsed = preset.parse(text)
  const fit = preset.fit(text)
  assert.ok(parsed.kind === 'members' || (parsed.kind === 'failed' && fit === 'no'))
  if (parsed.kind !== 'members') return
  const keys = parsed.members.map(({ key }) => key)
  assert.equal(new Set(keys).size, keys.length)
  for (const { json, value } of parsed.members) assert.deepEqual(JSON.parse(json), value)
}

for (const preset of autoPresets) {
  test(`no line makes ${preset.name} throw, or say a name twice, or write what is no JSON`, () => {
    fc.assert(
      fc.property(line, (text) => checkMembers(preset, text)),
      { numRuns: 3000 },
    )
  })

  // Twice the length must not be four times the work: at this length that would be hours.
  test(`no long line costs ${preset.name} more than its length`, () => {
    for (const piece of pieces) {
      for (const head of ['', ...pieces.slice(0, 20)])
        checkMembers(preset, head + piece.repeat(262_144 / piece.length))
    }
  })
}
