import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from './steps-under-test.ts'

test('keep filters out what its condition is not true for, a missing field and an error among it', () => {
  const steps = [{ keep: { if: 'status >= 500' } }]
  assert.notEqual(run(steps, '{"status":503}').event, undefined)
  for (const line of ['{"status":200}', '{}', 'text', '{"status":"x"}'])
    assert.equal(run(steps, line).filteredBy, 'steps[0] (keep)', line)
})
