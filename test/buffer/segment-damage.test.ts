import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { crc32 } from 'node:zlib'
import { AgentError } from '../../src/core/errors.ts'
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

const pathOf = (number: number): string => `/data/buffer/${String(number).padStart(12, '0')}.seg`
const cursorPath = '/data/cursors/es.cursor'
const secondSlot = 8 * 1024 ** 2

/** Four runs that each appended two lines: four segments with one record each, and what one sink settled of the first. */
let disk: MemoryFileSystem
before(async () => {
  disk = new MemoryFileSystem()
  const tail = new FakeTail()
  for (let run = 1; run <= 4; run += 1) {
    const { buffer } = await openTestBuffer(disk)
    const cursor = await buffer.openCursor(es)
    await buffer.append(tail.chunk([`${run} one`, `${run} two`]))
    if (run === 1) cursor.settle((await takeAll(cursor))[0]!, 'acknowledged')
    await buffer.close()
  }
})
const rest = ['1 two', '2 one', '2 two', '3 one', '3 two', '4 one', '4 two']

async function ship(damaged: MemoryFileSystem) {
  const { buffer } = await openTestBuffer(damaged)
  const cursor = await buffer.openCursor(es)
  const lines = await settleAll(cursor)
  const counts = cursor.counts.get('app')!
  const result = { lines, counts, left: inBuffer(buffer, cursor), checkpoints: buffer.checkpoints() }
  await buffer.close()
  return result
}

test('a missing segment in the middle is counted as damaged, and the rest arrives', async () => {
  const damaged = disk.copy()
  damaged.remove(pathOf(2))
  const { lines, counts, left } = await ship(damaged)
  assert.deepEqual(lines, ['1 two', '3 one', '3 two', '4 one', '4 two'])
  assert.deepEqual(counts.dropped, { damaged: 2 })
  assert.equal(left, 0)
  const { buffer } = await openTestBuffer(damaged)
  assert.deepEqual(buffer.holes(), [{ generation: generationOf(1), from: 12, to: 24 }])
  await buffer.close()
})

test('the segment in which a record stood open is gone: what was not settled of it is counted', async () => {
  const damaged = disk.copy()
  damaged.remove(pathOf(1))
  const { lines, counts, left } = await ship(damaged)
  assert.deepEqual(lines, rest.slice(1))
  assert.deepEqual(counts.dropped, { damaged: 1 })
  assert.equal(left, 0)
})

test('all segments are gone: the sink goes on with what comes, and the ledger says what is missing', async () => {
  const damaged = disk.copy()
  for (const path of damaged.files('/data/buffer').keys()) damaged.remove(path)
  const { buffer } = await openTestBuffer(damaged)
  const cursor = await buffer.openCursor(es)
  await buffer.append(new FakeTail().chunk(['5 one'], { generation: generationOf(9) }))
  assert.deepEqual(await settleAll(cursor), ['5 one'])
  assert.equal(inBuffer(buffer, cursor), 0)
  await buffer.close()
})

test('the newest checkpoint table is damaged: the one before it serves', async () => {
  const damaged = disk.copy()
  const newest = [...damaged.files('/data/buffer').keys()].sort().at(-1)!
  damaged.flip(newest, 200)
  const { lines, left, checkpoints } = await ship(damaged)
  assert.deepEqual(lines, rest)
  assert.equal(left, 0)
  assert.equal(checkpoints[0]!.offset, 48)
})

test('every header is damaged: records tell all there is to know', async () => {
  const damaged = disk.copy()
  for (const path of damaged.files('/data/buffer').keys()) damaged.flip(path, 20)
  const { lines, left, checkpoints } = await ship(damaged)
  assert.deepEqual(lines, rest)
  assert.equal(left, 0)
  assert.equal(checkpoints[0]!.offset, 48)
})

test('one damaged slot of a cursor: the other one serves, at least once', async () => {
  for (const at of [0, secondSlot]) {
    const damaged = disk.copy()
    damaged.flip(cursorPath, at + 60)
    const { lines, left } = await ship(damaged)
    assert.deepEqual(lines.slice(-rest.length), rest)
    assert.equal(left, 0)
  }
})

test('both slots of a cursor are damaged: it starts at the oldest event that is there', async () => {
  const damaged = disk.copy()
  damaged.flip(cursorPath, 60)
  damaged.flip(cursorPath, secondSlot + 60)
  const { lines, left } = await ship(damaged)
  assert.deepEqual(lines, ['1 one', ...rest])
  assert.equal(left, 0)
})

test('any byte of a cursor may be wrong, and no unsettled event is skipped', async () => {
  const inSlot = Array.from({ length: 200 }, (_, at) => at)
  for (const at of [...inSlot, ...inSlot.map((byte) => secondSlot + byte)]) {
    const damaged = disk.copy()
    damaged.flip(cursorPath, at, 0x10)
    const { lines, left } = await ship(damaged)
    assert.deepEqual(lines.slice(-rest.length), rest, `byte ${at}`)
    assert.equal(left, 0)
  }
})

test('a cursor that is cut at any length, or zeros from there on, skips no unsettled event', async () => {
  const whole = disk.read(cursorPath)
  const inSlot = Array.from({ length: 100 }, (_, at) => at * 2 + 1)
  for (const at of [...inSlot, ...inSlot.map((byte) => secondSlot + byte)]) {
    const cut = whole.subarray(0, at)
    for (const bytes of [cut, Buffer.concat([cut, Buffer.alloc(whole.length - at)])]) {
      const damaged = disk.copy()
      damaged.put(cursorPath, bytes)
      const { lines, left } = await ship(damaged)
      assert.deepEqual(lines.slice(-rest.length), rest, `cut at ${at}`)
      assert.equal(left, 0)
    }
  }
})

test('a cursor file that was cut to nothing counts as damaged, not as a new sink', async () => {
  const damaged = disk.copy()
  damaged.put(cursorPath, Buffer.alloc(0))
  assert.deepEqual((await ship(damaged)).lines, ['1 one', ...rest])
})

/** One record of two lines, as it was written before segments said which sequences were skipped. */
const segmentOfBefore =
  'iUxGU0VHDQoBAAEBDgAAAAo2b14AAAAAAAAAAAAAAAABAAAAAAAAAAEAAAAAAAAAAKjadpsBAAAAAAAAZd0AnwEAAgBlcwAAAAAAAAAA9UxS/gEBAQDmAQAA' +
  'smfWYgEAAAAAAAAAAKjadpsBAAAAAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAZutX5ACAAAAAAAAAAAAAAD//////////6CK' +
  'AGsVzVsHoIoAaxXNWwdIAQAAEAAAAAAAAAACAAAAAAAAAAAAAAAAAAAAAwBhcHAFAHdlYi0xABQAL3Zhci9sb2cvYXBwL2FwcC5sb2cAAAAAAADwPwAAAAAA' +
  'AABACgAAAO++rd4OAHRoZSBsYXN0IGJ5dGVzEAAAAAAAAAAAAAQAanNvbqCKAGsFAAAAAAAAAAAAAAAAAAAAAAAAAAIACQBob3N0Lm5hbWUHAAAAIndlYi0x' +
  'Ig0AbG9nLmZpbGUucGF0aBYAAAAiL3Zhci9sb2cvYXBwL2FwcC5sb2ciAAAAANgBAAAHAAAAoIoAaxXNWwcAAAAAAAAAAAgAAAAAAAAAAAAAAAAAAAAAAAAA' +
  'AAAAAAAAAAD/////AAADAAEAAADfAQAA3wEAAN8BAAAHAAAAoIoAaxXNWwcIAAAAAAAAABAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAD/////AAADAAEA' +
  'AADmAQAA5gEAAG9sZCBvbmVvbGQgdHdv'

test('a buffer of the version before is read, and goes on', async () => {
  const old = new MemoryFileSystem()
  for (const folder of ['/data', '/data/buffer', '/data/cursors']) await old.mkdir(folder, {})
  old.put(pathOf(1), Buffer.from(segmentOfBefore, 'base64'))
  // A cursor that is damaged begins at the oldest event.
  old.put(cursorPath, Buffer.alloc(0))
  const { buffer } = await openTestBuffer(old)
  const cursor = await buffer.openCursor(es)
  await buffer.append(chunkOf(['new'], { from: buffer.checkpoints()[0]!.offset }))
  assert.deepEqual(await settleAll(cursor), ['old one', 'old two', 'new'])
  assert.equal(inBuffer(buffer, cursor), 0)
  await buffer.close()
})

test('a segment of a newer version is refused, and nothing is changed', async () => {
  const newer = disk.copy()
  const path = pathOf(4)
  const bytes = Buffer.from(newer.read(path))
  bytes.writeUInt16LE(2, 8)
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 60)), 60)
  newer.put(path, bytes)
  const files = newer.files()
  await assert.rejects(openTestBuffer(newer), (error: unknown) => {
    assert.ok(error instanceof AgentError)
    assert.equal(error.code, 'data_dir_newer_version')
    assert.match(
      error.message,
      /data_dir \/data was written by a newer version: .*000000000004\.seg has format 2/,
    )
    return true
  })
  assert.deepEqual(newer.files(), files)
})

test('a cursor of a newer version is refused', async () => {
  const newer = disk.copy()
  const bytes = Buffer.from(newer.read(cursorPath))
  bytes.writeUInt16LE(7, 8)
  const length = bytes.readUInt32LE(20)
  bytes.writeUInt32LE(crc32(bytes.subarray(32, 32 + length), crc32(bytes.subarray(0, 28))), 28)
  newer.put(cursorPath, bytes)
  await assert.rejects(openTestBuffer(newer), /es\.cursor has format 7, this version knows 1/)
})
