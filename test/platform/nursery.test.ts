import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const nursery = fileURLToPath(new URL('../../src/platform/nursery.js', import.meta.url))

/** Makes garbage of which much survives for a while, as a chunk's events do, and prints the nursery's size at the end. */
const program = `
  import { getHeapSpaceStatistics } from 'node:v8'
  import { keepNursery } from ${JSON.stringify(nursery)}
  keepNursery()
  let kept = []
  for (let turn = 0; turn < 60; turn++) {
    for (let i = 0; i < 20000; i++) kept.push({ turn, i })
    if (turn % 4 === 0) kept = []
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  console.log(getHeapSpaceStatistics().find((space) => space.space_name === 'new_space').space_size)
`

test('the nursery grows to 8 MiB under load, and no further', () => {
  const args = ['--input-type=module', '-e', program]
  const bytes = Number(execFileSync(process.execPath, args, { encoding: 'utf8' }))
  assert.ok(bytes > 2 * 1024 ** 2 && bytes <= 16 * 1024 ** 2, String(bytes))
})
