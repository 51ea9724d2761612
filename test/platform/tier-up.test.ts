import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

const tierUp = fileURLToPath(new URL('../../src/platform/tier-up.js', import.meta.url))
const isNode20 = process.versions.node.startsWith('20.')

/** Calls a function 20,000 times and says whether V8 has optimised it by then, waiting up to a second for its compiler. */
const program = (isLate: boolean): string => `
  import { setFlagsFromString } from 'node:v8'
  import { optimiseLate } from ${JSON.stringify(tierUp)}
  setFlagsFromString('--allow-natives-syntax')
  if (${isLate}) optimiseLate()
  const status = new Function('f', 'return %GetOptimizationStatus(f)')
  const optimised = 0x10
  function add(a, b) { return a + b }
  let sum = 0
  for (let turn = 0; turn < 20_000; turn++) sum = add(sum, turn)
  for (let waited = 0; waited < 20 && !(status(add) & optimised); waited++) {
    await new Promise((resolve) => setTimeout(resolve, 50))
    for (let turn = 0; turn < 10; turn++) sum = add(sum, turn)
  }
  console.log((status(add) & optimised) !== 0)
`

function isOptimised({ isLate }: { isLate: boolean }): boolean {
  const args = ['--input-type=module', '-e', program(isLate)]
  const { stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  assert.equal(stderr, '')
  return stdout.trim() === 'true'
}

test(
  'a function that ran for a moment only is not optimised',
  { skip: !isNode20 && 'nothing is set' },
  () => {
    assert.equal(isOptimised({ isLate: false }), true)
    assert.equal(isOptimised({ isLate: true }), false)
  },
)

test('no version of Node says on standard error that it does not know the flag', () => {
  isOptimised({ isLate: true })
})
