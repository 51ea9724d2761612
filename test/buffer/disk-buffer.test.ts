import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../../src/core/limits.ts'
import { turn } from '../support/fake-clock.ts'
import { MemoryFileSystem } from '../support/memory-file-system.ts'
import {
  FakeTail,
  chunkOf,
  es,
  generationOf,
  inBuffer,
  openTestBuffer,
  settleAll,
  takeAll,
} from '../support/disk-buffer.ts'

test('what is appended is read back in order, and is settled once', async () => {
  const disk = new MemoryFileSystem()
  const { buffer } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  await buffer.append(tail.chunk(['{"a":1}', '{"a":2}']))
  await buffer.append(tail.chunk(['{"a":3}']))
  const events = await takeAll(cursor)
  assert.deepEqual(
    events.map((event) => String(event.line)),
    ['{"a":1}', '{"a":2}', '{"a":3}'],
  )
  assert.equal(inBuffer(buffer, cursor), 3)
  assert.ok(cursor.settle(events[1]!, 'acknowledged'))
  assert.ok(!cursor.settle(events[1]!, 'acknowledged'))
  assert.equal(inBuffer(buffer, cursor), 2)
  assert.deepEqual(cursor.lag().handedOut, 2)
  await buffer.close()
})

test('a restart goes on after what was settled, event by event', async () => {
  const disk = new MemoryFileSystem()
  const tail = new FakeTail()
  const first = await openTestBuffer(disk)
  const cursor = await first.buffer.openCursor(es)
  await first.buffer.append(tail.chunk(['one', 'two', 'three']))
  await first.buffer.append(tail.chunk(['four']))
  const events = await takeAll(cursor)
  cursor.settle(events[1]!, 'acknowledged')
  cursor.settle(events[3]!, 'dead_lettered')
  cursor.state = { demoted: ['x'] }
  await first.buffer.close()

  const { buffer } = await openTestBuffer(disk)
  const again = await buffer.openCursor(es)
  assert.deepEqual(again.state, { demoted: ['x'] })
  assert.equal(inBuffer(buffer, again), 2)
  assert.deepEqual(await settleAll(again), ['one', 'three'])
  assert.equal(inBuffer(buffer, again), 0)
  assert.deepEqual(again.counts.get('app'), { acknowledged: 3, deadLettered: 1, filtered: 0, dropped: {} })
  await buffer.append(tail.chunk(['five']))
  assert.deepEqual(await settleAll(again), ['five'])
  assert.deepEqual(buffer.holes(), [])
  await buffer.close()
})

test('a killed process loses nothing that was appended, and reads on where the records end', async () => {
  const disk = new MemoryFileSystem()
  const tail = new FakeTail()
  const { buffer } = await openTestBuffer(disk, { fsync: 1000 })
  await buffer.append(tail.chunk(['one']))
  await buffer.append(tail.chunk(['two']))
  disk.crash({ unsynced: 'kept' })
  const next = await openTestBuffer(disk)
  assert.equal(next.buffer.checkpoints()[0]!.offset, 8)
  assert.deepEqual(await settleAll(await next.buffer.openCursor(es)), ['one', 'two'])
  await next.buffer.close()
})

test('a power cut loses at most what was not synced, and the checkpoint goes back with it', async () => {
  const disk = new MemoryFileSystem()
  const tail = new FakeTail()
  const { buffer, clock } = await openTestBuffer(disk, { fsync: 1000 })
  const appended = buffer.append(tail.chunk(['one']))
  await clock.advance(1000)
  await appended
  await buffer.append(tail.chunk(['two']))
  disk.crash({ unsynced: 'lost' })
  const next = await openTestBuffer(disk)
  assert.equal(next.buffer.checkpoints()[0]!.offset, 4)
  assert.deepEqual(await settleAll(await next.buffer.openCursor(es)), ['one'])
  await next.buffer.append(chunkOf(['two'], { from: 4 }))
  assert.deepEqual(await settleAll(await next.buffer.openCursor(es)), ['two'])
  await next.buffer.close()
})

test('reading goes on while new files wait for a sync, up to a bound: each waited for the disk by itself', async () => {
  const disk = new MemoryFileSystem()
  const { buffer } = await openTestBuffer(disk, { fsync: 60_000 })
  const cursor = await buffer.openCursor(es)
  let release = (): void => {}
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  disk.syncing = held
  const appended = Array.from({ length: limits.hiddenRecords }, (_, index) =>
    buffer.append(chunkOf([`line ${index}`], { generation: generationOf(index + 1) })),
  )
  await Promise.all(appended)
  assert.equal(await cursor.next(), undefined)
  let isTaken = false
  const oneMore = buffer.append(chunkOf(['last'], { generation: generationOf(1000) })).finally(() => {
    isTaken = true
  })
  await turn()
  assert.equal(isTaken, false)
  release()
  await oneMore
  assert.equal((await settleAll(cursor)).length, limits.hiddenRecords + 1)
  await buffer.close()
})

test('nothing of a new generation is visible before it is synced, nor what comes after it', async () => {
  const disk = new MemoryFileSystem()
  const { buffer } = await openTestBuffer(disk, { fsync: 60_000 })
  const cursor = await buffer.openCursor(es)
  disk.fault = ({ kind }) => (kind === 'write' ? undefined : undefined)
  await buffer.append(chunkOf(['one']))
  const syncs = disk.operations.filter(({ kind }) => kind === 'datasync').length
  await buffer.append(chunkOf(['two'], { from: 4 }))
  assert.equal(disk.operations.filter(({ kind }) => kind === 'datasync').length, syncs)
  await buffer.append(chunkOf(['other'], { generation: generationOf(2) }))
  assert.equal(disk.operations.filter(({ kind }) => kind === 'datasync').length, syncs + 1)
  assert.deepEqual(await settleAll(cursor), ['one', 'two', 'other'])
  await buffer.close()
})
