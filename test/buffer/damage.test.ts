import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import type { Cursor, Hole } from '../../src/buffer/buffer.ts'
import { limits } from '../../src/core/limits.ts'
import { MemoryFileSystem } from '../support/memory-file-system.ts'
import type { Operation } from '../support/memory-file-system.ts'
import {
  FakeTail,
  chunkOf,
  es,
  generationOf,
  inBuffer,
  openInTime,
  openTestBuffer,
  settleAll,
  settleDown,
} from '../support/disk-buffer.ts'

const segmentPath = '/data/buffer/000000000001.seg'
const secondPath = '/data/buffer/000000000002.seg'
/** Two events a record; the third record is another file's. */
const records = [
  ['a one', 'a two'],
  ['a three', 'a four'],
  ['b one', 'b two'],
  ['a five', 'a six'],
]
const lines = records.flat()

/** A disk with one small segment of four records, as a killed process leaves it, and its size after each record. */
let disk: MemoryFileSystem
const sizes: number[] = []
before(async () => {
  disk = new MemoryFileSystem()
  const { buffer } = await openTestBuffer(disk)
  const tail = new FakeTail()
  for (const record of records) {
    sizes.push(disk.read(segmentPath).length)
    const generation = generationOf(record[0]!.startsWith('a') ? 1 : 2)
    await buffer.append(tail.chunk(record, { generation }))
  }
  sizes.push(disk.read(segmentPath).length)
  disk.crash({ unsynced: 'kept' })
})

interface Outcome {
  readonly lines: string[]
  readonly damaged: number
  readonly left: number
  readonly read: number
  readonly offset: number
  readonly holes: readonly Hole[]
}

/** Starts on the damaged disk, ships everything, and says what came of it. */
async function shipAll(damaged: MemoryFileSystem, isKept = true): Promise<Outcome> {
  const { buffer } = await openTestBuffer(damaged)
  const cursor = await buffer.openCursor(es)
  const shipped = await settleAll(cursor)
  if (isKept) await settleDown()
  const outcome = {
    lines: shipped,
    damaged: cursor.counts.get('app')?.dropped.damaged ?? 0,
    left: inBuffer(buffer, cursor),
    read: buffer.sourceCounts().get('app')?.readEvents ?? 0,
    offset: buffer.checkpoints().find(({ generation }) => generation === generationOf(1))?.offset ?? 0,
    holes: buffer.holes(),
  }
  if (isKept) await buffer.close()
  return outcome
}

test('a tail that is torn at any length loses at most what was torn, and reading goes back to there', async () => {
  const whole = disk.read(segmentPath)
  for (let length = 0; length <= whole.length; length += 1) {
    const torn = disk.copy()
    torn.put(segmentPath, whole.subarray(0, length))
    const outcome = await shipAll(torn, false)
    const count = Math.max(0, sizes.filter((size) => size <= length).length - 1)
    assert.deepEqual(outcome.lines, records.slice(0, count).flat(), `cut at ${length}`)
    assert.equal(outcome.left, 0)
    assert.equal(outcome.damaged, 0)
    assert.equal(outcome.read, count * 2)
    assert.equal(outcome.offset, [0, 12, 27, 27, 40][count])
  }
})

test('a flip of any byte loses at most the record that it is in, and nothing wrong is handed out', async () => {
  const whole = disk.read(segmentPath)
  for (let at = 0; at < whole.length; at += 1) {
    const damaged = disk.copy()
    damaged.flip(segmentPath, at, 1 << (at % 8))
    const outcome = await shipAll(damaged, false)
    const hit = sizes.filter((size) => size <= at).length - 1
    const expected = hit < 0 ? lines : records.filter((_, index) => index !== hit).flat()
    assert.deepEqual(outcome.lines, expected, `byte ${at}`)
    assert.equal(outcome.left, 0, `byte ${at}: the ledger does not add up`)
    // The last record of a source is as good as never written: its checkpoint went with it.
    assert.equal(outcome.damaged, hit < 0 || hit === 3 ? 0 : 2, `byte ${at}`)
  }
})

test('the stretch of a damaged record is a hole, also after more restarts, until it was read again', async () => {
  const damaged = disk.copy()
  damaged.flip(segmentPath, sizes[1]! + 100)
  const hole = { generation: generationOf(1), from: 12, to: 27 }
  assert.deepEqual((await shipAll(damaged)).holes, [hole])
  assert.deepEqual((await shipAll(damaged)).holes, [hole])
  const { buffer } = await openTestBuffer(damaged)
  await buffer.append(chunkOf(['a three', 'a four'], { from: 12, moves: false }))
  assert.deepEqual(buffer.holes(), [])
  assert.equal(buffer.checkpoints()[0]!.offset, 40)
  damaged.crash({ unsynced: 'kept' })
  const outcome = await shipAll(damaged)
  assert.deepEqual(outcome.lines, ['a three', 'a four'])
  assert.deepEqual(outcome.holes, [])
  assert.equal(outcome.read, 10)
  assert.equal(outcome.left, 0)
})

test('a hole that is reported as lost is closed', async () => {
  const damaged = disk.copy()
  damaged.flip(segmentPath, sizes[1]! + 100)
  const { buffer } = await openTestBuffer(damaged)
  const lost = [{ reason: 'damaged', bytes: 15 }] as const
  await buffer.append(chunkOf(['a seven'], { from: 40, lost }))
  assert.deepEqual(buffer.holes(), [])
  assert.deepEqual(buffer.sourceCounts().get('app')!.lostBytes, { damaged: 15 })
  damaged.crash({ unsynced: 'kept' })
  const next = await openTestBuffer(damaged)
  assert.deepEqual(next.buffer.holes(), [])
  assert.deepEqual(next.buffer.sourceCounts().get('app')!.lostBytes, { damaged: 15 })
  await next.buffer.close()
})

test('damage that a cursor meets later, in a segment that no start reads any more, is told once', async () => {
  const damaged = disk.copy()
  const first = await openTestBuffer(damaged)
  await first.buffer.close()
  damaged.flip(segmentPath, sizes[2]! + 100)
  const next = await openTestBuffer(damaged, { sinks: [es, { name: 'loki', whenFull: 'block' }] })
  assert.deepEqual(next.buffer.holes(), [])
  const cursor = await next.buffer.openCursor(es)
  assert.deepEqual(await settleAll(cursor), ['a one', 'a two', 'a three', 'a four', 'a five', 'a six'])
  await settleDown()
  const holes = [{ generation: generationOf(2), from: 0, to: 12 }]
  assert.deepEqual(next.buffer.holes(), holes)
  assert.equal(cursor.counts.get('app')!.dropped.damaged, 2)
  assert.equal(inBuffer(next.buffer, cursor), 0)
  damaged.crash({ unsynced: 'lost' })
  assert.deepEqual((await shipAll(damaged)).holes, holes)
})

test('garbage behind the last record is passed over', async () => {
  const damaged = disk.copy()
  const whole = damaged.read(segmentPath)
  const garbage = Buffer.from([0xf5, 0x4c, 0x52, 0xfe, 1, 1, 0, 0, 200, 0, 0, 0, 1, 2, 3, 4])
  damaged.put(segmentPath, Buffer.concat([whole, garbage, Buffer.alloc(5000, 0xa5), garbage]))
  const outcome = await shipAll(damaged)
  assert.deepEqual(outcome.lines, lines)
  assert.equal(outcome.damaged, 0)
  assert.equal(outcome.left, 0)
})

test('a record of before that shows up behind the last one is not taken again', async () => {
  const damaged = disk.copy()
  const whole = damaged.read(segmentPath)
  damaged.put(segmentPath, Buffer.concat([whole, whole.subarray(sizes[0], sizes[1])]))
  const outcome = await shipAll(damaged)
  assert.deepEqual(outcome.lines, lines)
  assert.equal(outcome.offset, 40)
})

test('a damaged length does not hide the records behind it', async () => {
  for (const length of [0, 143, 144, 0x7fff_ffff, 0xffff_ffff]) {
    const damaged = disk.copy()
    const bytes = Buffer.from(damaged.read(segmentPath))
    bytes.writeUInt32LE(length, sizes[1]! + 8)
    damaged.put(segmentPath, bytes)
    assert.deepEqual((await shipAll(damaged)).lines, [...records[0]!, ...records[2]!, ...records[3]!])
  }
})

/** Four large records of which one lies where the disk cannot read: the disk, and the place. */
async function withBadSector(
  bytes: number,
): Promise<{ damaged: MemoryFileSystem; isBad: (operation: Operation) => boolean }> {
  const damaged = new MemoryFileSystem()
  const tail = new FakeTail()
  const { buffer } = await openTestBuffer(damaged)
  const large = ['a', 'b', 'c', 'd'].map((letter) => letter.repeat(bytes))
  for (const line of large) await buffer.append(tail.chunk([line]))
  damaged.crash({ unsynced: 'kept' })
  const bad = 1.5 * bytes
  return {
    damaged,
    isBad: ({ kind, position = 0, length = 0 }) =>
      kind === 'read' && position <= bad && position + length > bad,
  }
}

const firstLetters = async (cursor: Cursor): Promise<string[]> =>
  (await settleAll(cursor)).map((line) => line[0]!)

test('a sector that cannot be read costs the record in it, once it was tried for long, and the rest is read around it', async () => {
  const { damaged, isBad } = await withBadSector(20_000)
  damaged.fault = (operation) => (isBad(operation) ? 'EIO' : undefined)
  const { buffer, clock } = await openInTime(damaged)
  const cursor = await buffer.openCursor(es)
  await assert.rejects(settleAll(cursor), /EIO/)
  await clock.advance(limits.unreadableMs - 1)
  await assert.rejects(settleAll(cursor), /EIO/)
  assert.deepEqual(cursor.counts.get('app')?.dropped ?? {}, {})
  await clock.advance(1)
  assert.deepEqual(await firstLetters(cursor), ['a', 'c', 'd'])
  await settleDown()
  assert.deepEqual(cursor.counts.get('app')!.dropped, { damaged: 1 })
  assert.equal(inBuffer(buffer, cursor), 0)
})

test('a sector that a sink has given up, and that can be read when its stretch is looked for, is read again from the file all the same', async () => {
  const { damaged, isBad } = await withBadSector(1_500_000)
  const { buffer, clock } = await openTestBuffer(damaged)
  damaged.fault = (operation) => (operation.path === segmentPath && isBad(operation) ? 'EIO' : undefined)
  const cursor = await buffer.openCursor(es)
  await assert.rejects(settleAll(cursor), /EIO/)
  await clock.advance(limits.unreadableMs)
  assert.deepEqual(await firstLetters(cursor), ['c', 'd'])
  // Whoever looks is as patient as the sink was: by then the disk is well.
  damaged.fault = undefined
  await clock.advance(2000)
  await settleDown()
  assert.deepEqual(buffer.holes(), [{ generation: generationOf(1), from: 1_500_001, to: 3_000_002 }])
  await buffer.close()
})

test('a disk that cannot be read for a while costs nothing: it was taken for bad sectors, and the buffer was gone in a second', async () => {
  const { damaged, isBad } = await withBadSector(1_500_000)
  const { buffer, clock } = await openTestBuffer(damaged)
  damaged.fault = ({ kind }) => (kind === 'read' ? 'EIO' : undefined)
  const cursor = await buffer.openCursor(es)
  // The first one was read when the cursor was opened.
  const first = await cursor.next()
  assert.equal(first?.events.length, 1)
  for (let tries = 0; tries < 20; tries++) {
    await assert.rejects(settleAll(cursor), /EIO/)
    await clock.advance(1000)
  }
  damaged.fault = (operation) => (isBad(operation) ? 'EIO' : undefined)
  await assert.rejects(settleAll(cursor), /EIO/)
  damaged.fault = undefined
  assert.deepEqual(await firstLetters(cursor), ['b', 'c', 'd'])
  assert.deepEqual(cursor.counts.get('app')!.dropped, {})
})

test('a header that cannot be read, however long it is tried, is a damaged header', async () => {
  const { damaged } = await withBadSector(20_000)
  damaged.fault = ({ kind, position = 0 }) => (kind === 'read' && position < 4096 ? 'EIO' : undefined)
  const { buffer, clock } = await openInTime(damaged)
  const cursor = await buffer.openCursor(es)
  await assert.rejects(settleAll(cursor), /EIO/)
  await clock.advance(limits.unreadableMs)
  assert.deepEqual(await firstLetters(cursor), ['b', 'c', 'd'])
  assert.deepEqual(cursor.counts.get('app')!.dropped, { damaged: 1 })
})

test('a zero-length segment is removed, and the log goes on with a number above it', async () => {
  const damaged = disk.copy()
  damaged.put(secondPath, Buffer.alloc(0))
  const outcome = await shipAll(damaged)
  assert.deepEqual(outcome.lines, lines)
  const files = [...damaged.files('/data/buffer').keys()]
  assert.ok(!files.includes(secondPath))
  assert.ok(files.includes('/data/buffer/000000000003.seg'))
})

test('a segment of which nothing can be read is renamed, never deleted, and its number not used again', async () => {
  const damaged = disk.copy()
  damaged.put(secondPath, Buffer.from('what is this?'.repeat(100)))
  damaged.put(`${secondPath}.bad`, Buffer.from('an earlier one'))
  const outcome = await shipAll(damaged)
  assert.deepEqual(outcome.lines, lines)
  const files = damaged.files('/data/buffer')
  assert.equal(files.get(`${secondPath}.bad`)!.toString(), 'an earlier one')
  assert.equal(files.get(`${secondPath}.bad.1`)!.length, 1300)
  assert.ok(files.has('/data/buffer/000000000003.seg'))
})

test('a copy of a segment under another number is renamed, not shipped twice', async () => {
  const damaged = disk.copy()
  damaged.put('/data/buffer/000000000007.seg', damaged.read(segmentPath))
  const outcome = await shipAll(damaged)
  assert.deepEqual(outcome.lines, lines)
  assert.equal(outcome.read, 8)
  assert.ok(damaged.files().has('/data/buffer/000000000007.seg.bad'))
})

test('foreign files and links are left alone', async () => {
  const damaged = disk.copy()
  damaged.put('/data/buffer/README', Buffer.from('hands off'))
  damaged.put('/data/buffer/1.seg', Buffer.from('not ours'))
  damaged.putLink('/data/buffer/000000000009.seg', '/etc/passwd')
  assert.deepEqual((await shipAll(damaged)).lines, lines)
  assert.equal(damaged.read('/data/buffer/README').toString(), 'hands off')
  assert.equal(damaged.read('/data/buffer/1.seg').toString(), 'not ours')
})

test('damage that cannot be noted because the disk is full is met again after a restart', async () => {
  const damaged = disk.copy()
  await (await openTestBuffer(damaged)).buffer.close()
  damaged.flip(segmentPath, sizes[1]! + 100)
  damaged.capacity = 0
  const { buffer } = await openTestBuffer(damaged)
  const cursor = await buffer.openCursor(es)
  await settleAll(cursor)
  await settleDown()
  assert.equal(inBuffer(buffer, cursor), 0)
  await buffer.close()
  damaged.capacity = Infinity
  assert.deepEqual((await shipAll(damaged)).holes, [{ generation: generationOf(1), from: 12, to: 27 }])
})
