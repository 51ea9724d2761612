import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const garbage = fileURLToPath(new URL('../../src/platform/garbage.js', import.meta.url))

/** Keeps 1 MiB blocks long enough to be old for V8, drops them, and prints what is in use when it looks again. */
const program = `
  import { keepGarbageSmall } from ${JSON.stringify(garbage)}
  keepGarbageSmall()
  const kept = []
  let most = 0
  for (let turn = 0; turn < 400; turn++) {
    kept.push(Buffer.alloc(1024 ** 2))
    if (kept.length > 8) kept.shift()
    if (turn % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 60))
    most = Math.max(most, process.memoryUsage().external)
  }
  console.log(most)
`

test('blocks outside of the heap do not gather until V8 looks for them', () => {
  const args = ['--input-type=module', '-e', program]
  const peak = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  assert.ok(peak < 130 * 1024 ** 2, `${peak}`)
})
