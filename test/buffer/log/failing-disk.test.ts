import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MemoryFileSystem } from '../../support/memory-file-system.ts'
import type { OperationKind } from '../../support/memory-file-system.ts'
import {
  FakeTail,
  es,
  generationOf,
  inBuffer,
  openTestBuffer,
  settleAll,
  settleDown,
} from '../../support/disk-buffer.ts'

function failOnce(disk: MemoryFileSystem, kind: OperationKind, times = 1): void {
  let left = times
  disk.fault = (operation) => {
    if (operation.kind !== kind || !operation.path.endsWith('.seg') || left === 0) return undefined
    left -= 1
    return 'EIO'
  }
}

test('a sync that fails is never just tried again: what it held is written to another segment, and survives the power cut', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk, { fsync: 1000 })
  const tail = new FakeTail()
  await buffer.append(tail.chunk(['one']))
  await buffer.append(tail.chunk(['two']))
  await buffer.append(tail.chunk(['three']))
  failOnce(disk, 'datasync')
  await clock.advance(1000)
  await settleDown()
  await buffer.sync()
  disk.crash({ unsynced: 'lost' })
  const next = await openTestBuffer(disk)
  const cursor = await next.buffer.openCursor(es)
  assert.deepEqual(await settleAll(cursor), ['one', 'two', 'three'])
  assert.equal(inBuffer(next.buffer, cursor), 0)
  assert.deepEqual(next.buffer.holes(), [])
  assert.equal(next.buffer.checkpoints()[0]!.offset, 14)
  await next.buffer.close()
})

test('sinks that were given the records before the sync failed get none of them twice', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk, { fsync: 1000 })
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  await buffer.append(tail.chunk(['one']))
  await buffer.append(tail.chunk(['two']))
  assert.deepEqual(await settleAll(cursor), ['one', 'two'])
  failOnce(disk, 'datasync')
  await clock.advance(1000)
  await settleDown()
  await buffer.append(tail.chunk(['three']))
  assert.deepEqual(await settleAll(cursor), ['three'])
  assert.equal(inBuffer(buffer, cursor), 0)
  await buffer.close()
  const next = await openTestBuffer(disk)
  const again = await next.buffer.openCursor(es)
  assert.deepEqual(await settleAll(again), [])
  assert.deepEqual(again.counts.get('app')!.dropped, {})
  await next.buffer.close()
})

test('a cursor that had not read them yet finds them in their new place', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk, { fsync: 1000, maxBytes: 1024 ** 3 })
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  // One segment, and more than stays in memory, so that they are read from the disk.
  const large = (letter: string): string => letter.repeat(900_000)
  await buffer.append(tail.chunk(['first']))
  failOnce(disk, 'datasync')
  for (const letter of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) await buffer.append(tail.chunk([large(letter)]))
  await clock.advance(1000)
  await settleDown()
  await buffer.sync()
  const lines = await settleAll(cursor)
  assert.deepEqual(
    lines.map((line) => line[0]),
    ['f', 'a', 'b', 'c', 'd', 'e', 'f', 'g'],
  )
  await buffer.close()
})

test('while the disk refuses everything the state says so, and nothing is lost when it comes back', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk, { fsync: 1000 })
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  await buffer.append(tail.chunk(['one']))
  disk.fault = ({ kind, path }) =>
    ['write', 'datasync', 'truncate'].includes(kind) && path.endsWith('.seg') ? 'EIO' : undefined
  const waiting = buffer.append(tail.chunk(['two']))
  await clock.advance(10_000)
  assert.equal(buffer.stats().state, 'failing')
  assert.match(buffer.stats().lastError!, /EIO/)
  disk.fault = undefined
  await clock.advance(1000)
  await settleDown()
  await waiting
  assert.equal(buffer.stats().state, 'ok')
  assert.deepEqual(await settleAll(cursor), ['one', 'two'])
  await buffer.close()
})

test('a write that fails leaves no half record, and is made again elsewhere', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  await buffer.append(tail.chunk(['one']))
  failOnce(disk, 'write')
  const waiting = buffer.append(tail.chunk(['two']))
  await clock.advance(1000)
  await settleDown()
  await waiting
  assert.deepEqual(await settleAll(cursor), ['one', 'two'])
  assert.equal(buffer.sourceCounts().get('app')!.readEvents, 2)
  await buffer.close()
})

const linesOfFiles = (count: number): string[] =>
  Array.from({ length: count }, (_, file) => `line of file ${file}`)

test('chunks of many files that are appended at once are one write, and a record each', async () => {
  const disk = new MemoryFileSystem()
  const { buffer } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  const lines = linesOfFiles(50)
  const isWrite = ({ kind, path }: { kind: string; path: string }): boolean =>
    kind === 'write' && path.endsWith('.seg')
  const before = disk.operations.filter(isWrite).length
  await Promise.all(
    lines.map((line, file) => buffer.append(tail.chunk([line], { generation: generationOf(file + 1) }))),
  )
  assert.equal(disk.operations.filter(isWrite).length - before, 1)
  assert.equal(new Set(buffer.checkpoints().map(({ generation }) => generation)).size, 50)
  assert.deepEqual(await settleAll(cursor), lines)
  assert.equal(buffer.sourceCounts().get('app')!.readEvents, 50)
  await buffer.close()
})

test('what the disk refuses of many files at once is written one by one, none twice and none lost', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  const lines = linesOfFiles(20)
  failOnce(disk, 'write', 2)
  const waiting = Promise.all(
    lines.map((line, file) => buffer.append(tail.chunk([line], { generation: generationOf(file + 1) }))),
  )
  await settleDown()
  await clock.advance(1000)
  await settleDown()
  await waiting
  assert.deepEqual(await settleAll(cursor), lines)
  assert.equal(inBuffer(buffer, cursor), 0)
  await buffer.close()
})

test('two chunks of one file that wait together follow each other, each at its place', async () => {
  const disk = new MemoryFileSystem()
  const { buffer } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  await Promise.all(['one', 'two', 'three'].map((line) => buffer.append(tail.chunk([line]))))
  assert.deepEqual(await settleAll(cursor), ['one', 'two', 'three'])
  const [checkpoint] = buffer.checkpoints()
  await buffer.close()
  const { buffer: again } = await openTestBuffer(disk)
  assert.deepEqual(again.checkpoints(), [checkpoint])
  assert.deepEqual(again.holes(), [])
  await again.close()
})

test('records that are neither in memory nor readable any more are not pretended to be there', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk, { fsync: 1000, maxBytes: 1024 ** 3 })
  const tail = new FakeTail()
  await buffer.append(tail.chunk(['first']))
  const path = '/data/buffer/000000000001.seg'
  const large = 'x'.repeat(900_000)
  for (let count = 0; count < 7; count += 1) await buffer.append(tail.chunk([large]))
  for (const each of disk.files('/data/buffer').keys()) disk.flip(each, 500_000)
  assert.ok(disk.files().has(path))
  failOnce(disk, 'datasync')
  await clock.advance(5000)
  await settleDown()
  assert.equal(buffer.stats().state, 'failing')
  disk.crash({ unsynced: 'lost' })
  const next = await openTestBuffer(disk)
  assert.ok(next.buffer.checkpoints()[0]!.offset < 7 * 900_001)
  await next.buffer.close()
})

test('what a failed sync put in doubt is given up for no sector that cannot be read: it waits for the disk', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk, { fsync: 1000, maxBytes: 1024 ** 3 })
  const tail = new FakeTail()
  await buffer.append(tail.chunk(['first']))
  const large = 'x'.repeat(900_000)
  // More than is kept in memory.
  for (let count = 0; count < 7; count += 1) await buffer.append(tail.chunk([large]))
  let syncs = 0
  disk.fault = ({ kind, path }) => {
    if (!path.endsWith('1.seg')) return undefined
    if (kind === 'datasync') return (syncs += 1) === 1 ? 'EIO' : undefined
    return kind === 'read' ? 'EIO' : undefined
  }
  // Far longer than a sink waits for a sector.
  for (let seconds = 0; seconds < 90; seconds += 1) {
    await clock.advance(1000)
    await settleDown(5)
  }
  assert.equal(buffer.stats().state, 'failing')
  disk.fault = undefined
  await clock.advance(2000)
  await settleDown()
  assert.equal(buffer.stats().state, 'ok')
  disk.crash({ unsynced: 'lost' })
  const next = await openTestBuffer(disk)
  assert.equal(next.buffer.checkpoints()[0]!.offset, 6 + 7 * 900_001)
  await next.buffer.close()
})

test('with fsync never nothing is ever synced but the cursors', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk, { fsync: 'never' })
  const cursor = await buffer.openCursor(es)
  await buffer.append(new FakeTail().chunk(['one'], { generation: generationOf(4) }))
  assert.deepEqual(await settleAll(cursor), ['one'])
  await clock.advance(3000)
  await buffer.sync()
  await buffer.close()
  const synced = disk.operations.filter(({ kind, path }) => kind === 'datasync' && path.endsWith('.seg'))
  assert.deepEqual(synced, [])
})

test('with fsync never a power cut may take more than the cursor knows: the ledger adds up all the same', async () => {
  const disk = new MemoryFileSystem()
  const tail = new FakeTail()
  const first = await openTestBuffer(disk, { fsync: 'never' })
  const cursor = await first.buffer.openCursor(es)
  await first.buffer.append(tail.chunk(['one']))
  await first.buffer.append(tail.chunk(['two']))
  await settleAll(cursor)
  await cursor.save()
  disk.crash({ unsynced: 'lost' })
  const { buffer } = await openTestBuffer(disk, { fsync: 'never' })
  const again = await buffer.openCursor(es)
  assert.equal(inBuffer(buffer, again), 0)
  await buffer.append(new FakeTail().chunk(['one']))
  assert.deepEqual(await settleAll(again), ['one'])
  assert.equal(inBuffer(buffer, again), 0)
  await buffer.close()
})
