import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sideBySide } from '../../../src/agent/jobs/side-by-side.ts'
import { aborted } from '../../../src/core/clock.ts'
import { turn } from '../../support/fake-clock.ts'

test('a sink whose replay fails ends those of the others, and the job is over only when they are', async () => {
  const goOn = new AbortController()
  const ended: string[] = []
  const failing = { run: () => Promise.reject(new Error('the disk')) }
  const other = {
    async run(signal: AbortSignal): Promise<void> {
      await aborted(signal)
      ended.push('told')
      await aborted(goOn.signal)
      ended.push('over')
    },
  }
  const job = sideBySide([failing, other], new AbortController().signal).catch((error: unknown) => {
    ended.push(String(error))
  })
  await turn()
  assert.deepEqual(ended, ['told'])
  goOn.abort()
  await job
  assert.deepEqual(ended, ['told', 'over', 'Error: the disk'])
})
