import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { StoredRecord } from '../../src/buffer/buffer.ts'
import { turn } from '../support/fake-clock.ts'
import { MemoryFileSystem } from '../support/memory-file-system.ts'
import { WatchedSlabs } from '../support/used-again-rig.ts'
import {
  FakeTail,
  chunkOf,
  es,
  inBuffer,
  openTestBuffer,
  settleAll,
  settleDown,
  takeAll,
} from '../support/disk-buffer.ts'

const mebibyte = 1024 ** 2
const maxBytes = 4 * mebibyte
const large = (letter: string): string => letter.repeat(700 * 1024)
const loki = { name: 'loki', whenFull: 'drop_oldest' } as const

/** Whether a promise is settled by now, without waiting for it. */
async function isDone(promise: Promise<unknown>): Promise<boolean> {
  let done = false
  void promise.finally(() => {
    done = true
  })
  await settleDown()
  return done
}

test('a full buffer makes append wait, drops nothing, and names who holds it', async () => {
  const { buffer, clock } = await openTestBuffer(new MemoryFileSystem(), { maxBytes })
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  for (const letter of ['a', 'b', 'c', 'd', 'e']) await buffer.append(tail.chunk([large(letter)]))
  const waiting = buffer.append(tail.chunk([large('f')]))
  assert.ok(!(await isDone(waiting)))
  assert.equal(buffer.stats().state, 'full')
  assert.deepEqual(buffer.stats().heldBy, ['es'])
  assert.notEqual(buffer.stats().blockedSinceMs, undefined)
  await clock.advance(60_000)
  assert.ok(!(await isDone(waiting)))
  assert.deepEqual(
    (await settleAll(cursor)).map((line) => line[0]),
    ['a', 'b', 'c', 'd', 'e'],
  )
  await waiting
  assert.equal(buffer.stats().state, 'ok')
  assert.equal(buffer.stats().blockedSinceMs, undefined)
  assert.deepEqual(
    (await settleAll(cursor)).map((line) => line[0]),
    ['f'],
  )
  assert.deepEqual(cursor.counts.get('app')!.dropped, {})
  await buffer.close()
})

test('drop_oldest skips the oldest segment: counted, its requests told, late answers ignored', async () => {
  const { buffer } = await openTestBuffer(new MemoryFileSystem(), { maxBytes, sinks: [loki] })
  const cursor = await buffer.openCursor(loki)
  const skipped: StoredRecord[] = []
  cursor.onSkip((records) => skipped.push(...records))
  const tail = new FakeTail()
  await buffer.append(tail.chunk([large('a'), 'a small']))
  const [first] = await takeAll(cursor)
  for (const letter of ['b', 'c', 'd', 'e', 'f', 'g', 'h']) await buffer.append(tail.chunk([large(letter)]))
  assert.deepEqual(
    skipped.map((record) => record.sequence),
    [1],
  )
  assert.ok(!cursor.settle(first!, 'acknowledged'))
  const rest = await settleAll(cursor)
  assert.equal(rest.at(-1)![0], 'h')
  const counts = cursor.counts.get('app')!
  assert.equal(counts.dropped.buffer_full! + counts.acknowledged, 9)
  assert.ok(counts.dropped.buffer_full! >= 2)
  assert.equal(inBuffer(buffer, cursor), 0)
  await buffer.close()
})

test('what drop_oldest has counted is told even where the disk refuses to read the rest of the segment', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk, { maxBytes: 2 * maxBytes, sinks: [loki] })
  const cursor = await buffer.openCursor(loki)
  const skipped: number[] = []
  cursor.onSkip((records) => skipped.push(...records.map(({ sequence }) => sequence)))
  const tail = new FakeTail()
  await buffer.append(tail.chunk(['taken']))
  await cursor.next()
  await buffer.append(tail.chunk(['not taken']))
  for (const letter of 'abcdefghij') await buffer.append(tail.chunk([large(letter)]))
  disk.fault = ({ kind }) => (kind === 'read' ? 'ENXIO' : undefined)
  const waiting = (async () => {
    for (const letter of 'klmn') await buffer.append(tail.chunk([large(letter)]))
  })()
  assert.ok(!(await isDone(waiting)))
  assert.deepEqual([skipped, cursor.counts.get('app')!.dropped], [[1], { buffer_full: 1 }])
  disk.fault = undefined
  await clock.advance(2000)
  await waiting
  const { length } = await settleAll(cursor)
  assert.equal(cursor.counts.get('app')!.dropped.buffer_full! + length, 16)
  assert.deepEqual([skipped, inBuffer(buffer, cursor)], [[1], 0])
  await buffer.close()
})

test('records that drop_oldest skips before anybody has seen them give their memory back', async () => {
  const slabs = new WatchedSlabs()
  const { buffer } = await openTestBuffer(new MemoryFileSystem(), {
    maxBytes: 2 * maxBytes,
    sinks: [loki],
    slabs,
  })
  const cursor = await buffer.openCursor(loki)
  const tail = new FakeTail()
  for (let index = 0; index < 100; index++) await buffer.append(tail.chunk([large('x')]))
  assert.ok(slabs.seen.size < 12, `${slabs.seen.size} slabs`)
  const { length } = await settleAll(cursor)
  assert.equal(cursor.counts.get('app')!.dropped.buffer_full! + length, 100)
  await buffer.close()
})

test('nobody drops while a blocking sink holds the oldest segment', async () => {
  const { buffer } = await openTestBuffer(new MemoryFileSystem(), { maxBytes, sinks: [es, loki] })
  const [blocking, dropping] = [await buffer.openCursor(es), await buffer.openCursor(loki)]
  const tail = new FakeTail()
  for (const letter of ['a', 'b', 'c', 'd', 'e']) await buffer.append(tail.chunk([large(letter)]))
  const waiting = buffer.append(tail.chunk([large('f')]))
  assert.ok(!(await isDone(waiting)))
  assert.deepEqual(dropping.counts.get('app'), undefined)
  await settleAll(blocking)
  await waiting
  assert.equal(dropping.counts.get('app')!.dropped.buffer_full, 1)
  await buffer.close()
})

test('a record above max_bytes goes through once everything before it is settled', async () => {
  const { buffer } = await openTestBuffer(new MemoryFileSystem(), { maxBytes })
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  await buffer.append(tail.chunk(['small']))
  const waiting = buffer.append(tail.chunk(['x'.repeat(6 * mebibyte)]))
  assert.ok(!(await isDone(waiting)))
  assert.deepEqual(await settleAll(cursor), ['small'])
  await waiting
  assert.equal((await settleAll(cursor))[0]!.length, 6 * mebibyte)
  await buffer.append(tail.chunk(['after']))
  assert.deepEqual(await settleAll(cursor), ['after'])
  await buffer.close()
})

test('at rest the two newest segments are left, and no settled one besides', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  for (let count = 0; count < 12; count += 1) await buffer.append(tail.chunk([large('x').repeat(4)]))
  const segments = (): number => disk.files('/data/buffer').size
  assert.ok(segments() > 4)
  await settleAll(cursor)
  await clock.advance(3000)
  await settleDown()
  assert.equal(segments(), 2)
  await buffer.close()
})

test('retain keeps settled data, but not against new events', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk, { maxBytes, retainMs: 60_000 })
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  const append = async (letter: string): Promise<void> => {
    await buffer.append(tail.chunk([large(letter)]))
    await settleAll(cursor)
  }
  for (const letter of ['a', 'b', 'c', 'd']) await append(letter)
  await clock.advance(5000)
  assert.equal(disk.files('/data/buffer').size, 4)
  for (const letter of ['e', 'f', 'g']) await append(letter)
  assert.ok(disk.files('/data/buffer').size <= 6)
  await clock.advance(65_000)
  await settleDown()
  assert.equal(disk.files('/data/buffer').size, 2)
  await buffer.close()
})

test('a full disk stops reading and not delivery; the half-written record is cut off, and written once there is space', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  await buffer.append(tail.chunk(['one']))
  const { length } = disk.read('/data/buffer/000000000001.seg')
  disk.capacity = 100_000
  const waiting = buffer.append(tail.chunk([large('x')]))
  assert.ok(!(await isDone(waiting)))
  assert.equal(buffer.stats().state, 'disk_full')
  assert.match(buffer.stats().lastError!, /ENOSPC/)
  assert.equal(disk.read('/data/buffer/000000000001.seg').length, length)
  assert.deepEqual(await settleAll(cursor), ['one'])
  disk.capacity = Infinity
  await clock.advance(1000)
  await waiting
  assert.equal(buffer.stats().state, 'ok')
  assert.deepEqual(await settleAll(cursor), [large('x')])
  assert.equal(buffer.sourceCounts().get('app')!.readEvents, 2)
  await buffer.close()
})

test('a start on a full disk delivers what is there', async () => {
  const disk = new MemoryFileSystem()
  const tail = new FakeTail()
  const first = await openTestBuffer(disk)
  await first.buffer.append(tail.chunk(['one', 'two']))
  await first.buffer.close()
  disk.capacity = 0
  const { buffer, clock } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  assert.deepEqual(await settleAll(cursor), ['one', 'two'])
  assert.equal(buffer.stats().state, 'disk_full')
  const waiting = buffer.append(tail.chunk(['three']))
  assert.ok(!(await isDone(waiting)))
  disk.capacity = Infinity
  await clock.advance(1000)
  await waiting
  assert.deepEqual(await settleAll(cursor), ['three'])
  await buffer.close()
})

test('append rejects after close, with nothing written', async () => {
  const disk = new MemoryFileSystem()
  const { buffer } = await openTestBuffer(disk, { maxBytes })
  const tail = new FakeTail()
  for (const letter of ['a', 'b', 'c', 'd', 'e']) await buffer.append(tail.chunk([large(letter)]))
  const waiting = assert.rejects(buffer.append(tail.chunk([large('f')])), /closed/)
  await turn()
  await buffer.close()
  await waiting
  await assert.rejects(buffer.append(chunkOf(['x'])), /closed/)
  const next = await openTestBuffer(disk, { maxBytes })
  assert.equal(next.buffer.sourceCounts().get('app')!.readEvents, 5)
  await next.buffer.close()
})
