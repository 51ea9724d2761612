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

test('errors that libuv has no name for have one here: a quota is the disk’s trouble, not a mistake of ours', () => {
  const unnamed = (number: number): Error =>
    Object.assign(new Error(), { code: `Unknown system error -${number}` })
  assert.equal(systemErrorCode(unnamed(122)), 'EDQUOT')
  assert.equal(systemErrorCode(unnamed(116)), 'ESTALE')
  assert.equal(systemErrorCode(unnamed(999)), 'EUNKNOWN')
})
