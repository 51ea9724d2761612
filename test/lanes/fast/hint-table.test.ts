import assert from 'node:assert/strict'
import { test } from 'node:test'
import { array, assert as check, constantFrom, oneof, property, string } from 'fast-check'
import { createFastLane } from '../../../src/lanes/fast/fast.ts'
import { hides } from '../../../src/steps/redaction/hints.ts'
import { presets, usualPresets } from '../../../src/steps/redaction/presets.ts'
import { stepList } from '../../steps/steps-under-test.ts'
import { generation, laneOptions } from '../lane-under-test.ts'

/** One lane for each preset: whether a line goes through the general lane, where it is redacted. */
const lanes = new Map(
  usualPresets.map((name) => {
    const steps = stepList([{ redact: { presets: [name] } }])
    return [name, createFastLane(laneOptions({ parse: 'none', enrich: { trace: false }, steps }))]
  }),
)

function isRefused(preset: (typeof usualPresets)[number], line: string): boolean {
  const bytes = Buffer.from(`${line}\n`)
  const result = lanes
    .get(preset)!
    .open({ generation, path: '/var/log/a.log' })
    .process({ bytes, from: 0, to: bytes.length }, false)
  assert.ok(result !== 'wait')
  return result.events.length > 0
}

const texts = usualPresets
  .flatMap((name) => [...(presets[name].hintTexts ?? [])])
  .filter((text) => typeof text === 'string')

test('every text that a preset hints at is found wherever it stands, in letters of either size', () => {
  for (const name of usualPresets) {
    for (const text of presets[name].hintTexts ?? []) {
      if (typeof text !== 'string') continue
      for (const before of ['', 'a', 'the quick br', 'x'.repeat(16), 'x'.repeat(31)]) {
        assert.ok(isRefused(name, `${before}${text}`), `${name}: ${before}${text}`)
        assert.ok(isRefused(name, `${before}${text.toUpperCase()}`), `${name}: ${before}${text}`)
        assert.ok(!isRefused('credit_card', `${before}${text}`), text)
      }
    }
  }
})

test('a line is refused just where a preset hints at something, or an escape may hide it', () => {
  const pieces = oneof(
    constantFrom(...texts.flatMap((text) => [text, text.slice(0, -1), text.slice(1)])),
    constantFrom('4111', '1234', '-', ' ', '\\', 'u', '/', '7', 'é', '@'),
    string({ maxLength: 4 }),
  )
  check(
    property(array(pieces, { maxLength: 12 }), (parts) => {
      const line = `.${parts.join('').replaceAll(/[\n\r]/g, '')}`
      for (const name of usualPresets) {
        const isHinted = presets[name].hint.test(line) || hides.test(line) || line.includes('\\U')
        assert.equal(isRefused(name, line), isHinted, `${name}: ${JSON.stringify(line)}`)
      }
    }),
    { numRuns: 300 },
  )
})
