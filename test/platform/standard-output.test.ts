import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { test } from 'node:test'
import { standardOutput } from '../../src/platform/standard-output.ts'

const script = `
import { standardOutput } from ${JSON.stringify(new URL('../../src/platform/standard-output.js', import.meta.url).href)}
const line = 'x'.repeat(1000) + '\\n'
let isRead = true
while (isRead) isRead = await standardOutput.write(line)
process.stderr.write(JSON.stringify({ isTerminal: standardOutput.isTerminal, after: await standardOutput.write(line) }))
`

test('a reader that goes away is a value, not the end of the process', async () => {
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', (part: Buffer) => (said += part.toString()))
  child.stdout.once('data', () => child.stdout.destroy())
  const code = await new Promise((resolve) => child.on('close', resolve))
  assert.equal(code, 0, said)
  assert.equal(said, '{"isTerminal":false,"after":false}')
})

test('a terminal is told from a pipe by a boolean, whatever node says', () => {
  assert.equal(typeof standardOutput.isTerminal, 'boolean')
})
