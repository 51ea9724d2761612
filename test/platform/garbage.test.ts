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

/** Leaves small objects that became old, and waits until they are gone: their sum is above what idling forgives, below the other bound. */
const idling = `
  import { keepGarbageSmall } from ${JSON.stringify(garbage)}
  keepGarbageSmall({ idleLookMs: 100 })
  let kept = Array.from({ length: 200_000 }, (_, index) => ({ index, text: 'x' + index }))
  for (let turn = 0; turn < 4; turn++) await new Promise((resolve) => setTimeout(resolve, 60))
  const full = process.memoryUsage().heapUsed
  kept = undefined
  while (process.memoryUsage().heapUsed > full - 8 * 1024 ** 2) await new Promise((resolve) => setTimeout(resolve, 20))
  console.log('gone')
`

test('what a burst has left is given back once there is nothing to do', { timeout: 30_000 }, () => {
  const args = ['--input-type=module', '-e', idling]
  assert.equal(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 25_000 }), 'gone\n')
})

test('blocks outside of the heap do not gather until V8 looks for them', () => {
  const args = ['--input-type=module', '-e', program]
  const peak = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  assert.ok(peak < 130 * 1024 ** 2, `${peak}`)
})
