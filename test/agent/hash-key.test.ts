import assert from 'node:assert/strict'
import { test } from 'node:test'
import { installationHashKey } from '../../src/agent/hash-key.ts'
import { MemoryFileSystem } from '../support/memory-file-system.ts'

test('an installation makes its key once, and anew where it is broken', async () => {
  const disk = new MemoryFileSystem()
  await disk.mkdir('/data', { recursive: true })
  const first = await installationHashKey('/data', disk)
  assert.match(first, /^[0-9a-f]{64}$/)
  assert.equal(await installationHashKey('/data', disk), first)
  const file = await disk.open('/data/redact.key', 2)
  await file.truncate(10)
  await file.close()
  const second = await installationHashKey('/data', disk)
  assert.notEqual(second, first)
  assert.equal(await installationHashKey('/data', disk), second)
})
