import assert from 'node:assert/strict'
import { test } from 'node:test'
import { descriptorLimit } from '../../src/platform/descriptor-limit.ts'

test('the limit of descriptors is what the system says', () => {
  const limits = (text: string) => (): string =>
    `Limit                     Soft Limit           Hard Limit           Units     \nMax open files            ${text}  files     \n`
  assert.equal(descriptorLimit(limits('512                  1024')), 512)
  assert.equal(descriptorLimit(limits('unlimited            unlimited')), Infinity)
  assert.equal(
    descriptorLimit(() => ''),
    Infinity,
  )
  assert.ok(descriptorLimit() > 0)
})
