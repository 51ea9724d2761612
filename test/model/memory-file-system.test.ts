import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryFileSystem } from '../support/memory-file-system.ts'

test('what a dead process has begun to delete stays for its successor', async () => {
  const disk = new MemoryFileSystem()
  disk.put('/log/1.seg', Buffer.from('kept'))
  const process = disk.forProcess()
  const deleting = process.unlink('/log/1.seg')
  disk.crash({ unsynced: 'lost' })
  await deleting
  assert.equal(String(disk.read('/log/1.seg')), 'kept')
  await assert.rejects(process.unlink('/log/1.seg'), /EBADF/)
  assert.ok(disk.has('/log/1.seg'))
})

test('a sync that a crash overtakes makes nothing durable', async () => {
  const disk = new MemoryFileSystem()
  disk.put('/log/1.seg', Buffer.from('kept'))
  const file = await disk.forProcess().open('/log/1.seg', 2)
  await file.write(Buffer.from('lost'), 0)
  let go = (): void => {}
  disk.syncing = new Promise<void>((resolve) => (go = resolve))
  const syncing = file.datasync()
  disk.crash({ unsynced: 'lost' })
  go()
  await assert.rejects(syncing, /EBADF/)
  assert.equal(String(disk.read('/log/1.seg')), 'kept')
})
