import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, constantFrom, nat, property, record } from 'fast-check'
import { numberMember, textMember } from '../../src/parsers/added-members.ts'
import { apachePreset } from '../../src/parsers/apache.ts'
import { klogPreset } from '../../src/parsers/klog.ts'
import { nginxPreset } from '../../src/parsers/nginx.ts'
import type { AddedMember } from '../../src/parsers/parser.ts'
import { presetPrograms } from '../../src/parsers/preset-programs.ts'
import type { PresetMember } from '../../src/parsers/preset-programs.ts'
import { pythonPreset } from '../../src/parsers/python.ts'
import { translate } from '../../src/parsers/regex-guard.ts'
import { compileSpanProgram } from '../../src/parsers/span-program/compile-span-program.ts'

const access =
  '93.184.216.34 - frank [26/Nov/2026:10:00:00 +0000] "GET /api/a?q=1 HTTP/1.1" 200 2326 "https://example.com/" "Mozilla/5.0 (X11)"'
const presets = {
  nginx: { preset: nginxPreset, line: access },
  apache: { preset: apachePreset, line: access },
  klog: { preset: klogPreset, line: 'I1126 10:00:00.123456    1234 net/proxier.go:56] syncing all' },
  python: { preset: pythonPreset, line: '2026-11-26 10:00:00,123 - shop.orders - ERROR - could not connect' },
}

function memberOf(
  { key, as, words = {}, isLeftOut = false }: PresetMember,
  text: string | undefined,
): AddedMember[] {
  if (text === undefined || (isLeftOut && (text === '' || text === '-'))) return []
  return [as === 'number' ? numberMember(key, text) : textMember(key, words[text] ?? text)]
}

const pieces = [
  '',
  '-',
  ' ',
  '"',
  '\\',
  '[',
  ']',
  ' - ',
  ':',
  '0',
  '0123456789',
  'é',
  '\t',
  '\u00a0',
  'error',
  'warn - ',
  'ERROR - ',
  'INFO',
  'HTTP/1.1',
  '\r',
  '[26/Nov/2026:10:00:00 +0000]',
  '"',
  '" ',
  ' "',
  ' 0.123',
  'x.go:7] ',
  '20260120',
  '. ',
  'A'.repeat(40),
  ' +0100',
]
const edits = array(record({ at: nat(140), cut: nat(8), piece: constantFrom(...pieces) }), { maxLength: 3 })

for (const [name, { preset, line }] of Object.entries(presets)) {
  const { pattern, members } = presetPrograms[name]!

  test(`lines that the program of ${name} matches are taken apart as the preset does`, () => {
    const program = compileSpanProgram(pattern)
    assert.ok('groups' in program)
    assert.deepEqual(
      members.map(({ group }) => group).toSorted(),
      program.groups.map((group) => group.name).toSorted(),
    )
    const { source, flags } = translate(pattern)
    const regex = new RegExp(source, flags)
    assert.ok(regex.test(line))
    check(
      property(edits, (list) => {
        let edited = line
        for (const { at, cut, piece } of list) edited = edited.slice(0, at) + piece + edited.slice(at + cut)
        const groups = regex.exec(edited)?.groups
        if (!groups) return
        const ours = members.flatMap((member) => memberOf(member, groups[member.group]))
        assert.deepEqual(preset.parse(edited), { kind: 'members', members: ours }, edited)
      }),
      { numRuns: 5_000 },
    )
  })
}
