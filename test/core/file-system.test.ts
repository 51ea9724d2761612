import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import { systemErrorCode } from '../../src/core/file-system.ts'

test('the code of a system error is told, and nothing of what is none', async () => {
  const error: unknown = await readFile('/nowhere/at/all').catch((reason: unknown) => reason)
  assert.equal(systemErrorCode(error), 'ENOENT')
  assert.equal(systemErrorCode(new Error('plain')), '')
  assert.equal(systemErrorCode(Object.assign(new Error('a number'), { code: 5 })), '')
  assert.equal(systemErrorCode({ code: 'ENOENT' }), '')
  assert.equal(systemErrorCode(undefined), '')
})
