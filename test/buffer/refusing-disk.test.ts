import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../../src/core/limits.ts'
import { silentLog } from '../../src/core/log.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { MemoryFileSystem } from '../support/memory-file-system.ts'
import type { Operation } from '../support/memory-file-system.ts'
import {
  FakeTail,
  chunkOf,
  es,
  inBuffer,
  openInTime,
  openTestBuffer,
  settleAll,
} from '../support/disk-buffer.ts'

const cursorPath = '/data/cursors/es.cursor'
const lines = Array.from({ length: 8 }, (_, index) => `${index}`.repeat(3000))

/** A killed agent's disk: one segment of several sectors, of which the sink has settled and saved nothing. */
async function killed(): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem()
  const { buffer } = await openTestBuffer(disk)
  const tail = new FakeTail()
  for (const line of lines) await buffer.append(tail.chunk([line]))
  disk.crash({ unsynced: 'kept' })
  return disk
}

const isReading = ({ kind, path }: Operation): boolean =>
  kind === 'read' || (kind === 'open' && /(seg|cursor)$/.test(path))

const bad = 5 * 4096
/** One in the last records of the first segment. */
const refusesSector = ({ kind, path, position = 0, length = 0 }: Operation): string | undefined =>
  kind === 'read' && path.endsWith('1.seg') && position < bad + 4096 && position + length > bad
    ? 'EIO'
    : undefined

test('segments and cursors that cannot be read for a while at a start cost nothing: it waits, and says so', async () => {
  for (const ending of ['seg', 'cursor', '']) {
    const disk = await killed()
    const clock = new FakeClock()
    const said: string[] = []
    const error = (fields: object, message: string): void =>
      void said.push(`${message} ${JSON.stringify(fields)}`)
    disk.fault = (operation) =>
      clock.monotonic() < limits.unreadableMs - 1000 &&
      isReading(operation) &&
      operation.path.endsWith(ending)
        ? 'EIO'
        : undefined
    const { buffer } = await openInTime(disk, { clock, log: { ...silentLog, error } })
    assert.match(said[0]!, /the disk refuses to read; it is tried again .*"path":"\/data\/.*EIO/)
    const cursor = await buffer.openCursor(es)
    assert.deepEqual(await settleAll(cursor), lines)
    assert.deepEqual(cursor.counts.get('app')!.dropped, {})
    assert.equal(inBuffer(buffer, cursor), 0)
    assert.deepEqual(buffer.holes(), [])
    assert.equal(buffer.checkpoints()[0]!.offset, 8 * 3001)
    await buffer.close()
  }
})

test('a file of which nothing can be read for half a minute ends the start, which has changed nothing; the next has it all', async () => {
  for (const ending of ['seg', 'cursor']) {
    const disk = await killed()
    const before = disk.files()
    disk.fault = (operation) => (isReading(operation) && operation.path.endsWith(ending) ? 'EIO' : undefined)
    await assert.rejects(openInTime(disk), {
      code: 'data_dir_unreadable',
      message: new RegExp(`data_dir /data cannot be read, /data/.*${ending}: EIO`),
    })
    disk.fault = undefined
    assert.deepEqual(disk.files(), before)
    const { buffer } = await openTestBuffer(disk)
    assert.deepEqual(await settleAll(await buffer.openCursor(es)), lines)
    await buffer.close()
  }
})

test('a stop during the waiting ends the start, and nothing counts as damaged', async () => {
  const disk = await killed()
  const before = disk.files()
  disk.fault = (operation) => (isReading(operation) ? 'EIO' : undefined)
  const stop = new AbortController()
  stop.abort()
  await assert.rejects(openTestBuffer(disk, { signal: stop.signal }), { code: 'data_dir_unreadable' })
  assert.deepEqual(disk.files(), before)
})

test('a broken sector at the end of the log: the start goes on without its record, and the file is read again from there', async () => {
  const disk = await killed()
  disk.fault = refusesSector
  const { buffer, clock } = await openInTime(disk)
  assert.ok(clock.monotonic() >= limits.unreadableMs)
  const { offset } = buffer.checkpoints()[0]!
  assert.equal(offset, 6 * 3001)
  assert.deepEqual(await settleAll(await buffer.openCursor(es)), lines.slice(0, 6))
  await buffer.close()
})

for (const emptyStarts of [0, 1, 3]) {
  test(`a broken sector at the end of the log that a later start can read: a sink that was behind gets each line once, with ${emptyStarts} idle starts between`, async () => {
    const disk = await killed()
    disk.fault = refusesSector
    // What the sector hides is read again, cut otherwise: the record's number is not to be that of an old one.
    const { buffer, clock } = await openInTime(disk)
    const rest = [...lines.slice(6), 'new']
    await buffer.append(chunkOf(rest, { from: buffer.checkpoints()[0]!.offset }))
    await clock.advance(2000)
    disk.crash({ unsynced: 'kept' })
    for (let starts = 0; starts < emptyStarts; starts += 1) {
      const idle = await openTestBuffer(disk)
      await idle.clock.advance(2000)
      await idle.buffer.close()
    }
    const next = await openTestBuffer(disk)
    const cursor = await next.buffer.openCursor(es)
    assert.deepEqual(await settleAll(cursor), [...lines.slice(0, 6), ...rest])
    assert.equal(inBuffer(next.buffer, cursor), 0)
    assert.deepEqual(cursor.counts.get('app')!.dropped, {})
    assert.deepEqual(next.buffer.holes(), [])
    await next.buffer.close()
  })
}

test('a replay sends nothing that a start could not read, though the disk gives it back: it was read again', async () => {
  const disk = await killed()
  disk.fault = refusesSector
  const { buffer } = await openInTime(disk)
  disk.fault = undefined
  const rest = [...lines.slice(6), 'new']
  await buffer.append(chunkOf(rest, { from: buffer.checkpoints()[0]!.offset }))
  const all = { from: { seconds: 0, nanos: 0 }, to: { seconds: 2 ** 32, nanos: 0 } }
  const stretch = await buffer.stretch({
    ...all,
    sink: 'es',
    matches: () => true,
    isForNewSink: () => false,
  })
  const sent: string[] = []
  for (let found = await stretch.next(); found; found = await stretch.next())
    for (const index of found.events) sent.push(Buffer.from(found.record.event(index).line).toString())
  assert.deepEqual(sent, [...lines.slice(0, 6), ...rest])
  await stretch.close()
  await buffer.close()
})

test('idle starts while a sector at the end of the log stays broken do not bring back what it hides', async () => {
  const disk = await killed()
  for (let starts = 0; starts < 3; starts += 1) {
    disk.fault = refusesSector
    const idle = await openInTime(disk)
    await idle.clock.advance(2000)
    disk.crash({ unsynced: 'kept' })
  }
  const { buffer } = await openTestBuffer(disk)
  const { offset } = buffer.checkpoints()[0]!
  await buffer.append(chunkOf(lines.slice(6), { from: offset }))
  const cursor = await buffer.openCursor(es)
  assert.deepEqual(await settleAll(cursor), lines)
  assert.equal(inBuffer(buffer, cursor), 0)
  await buffer.close()
})

test('one slot of a cursor is broken: nothing is skipped, at least once', async () => {
  const disk = await killed()
  disk.fault = ({ kind, path, position = 0 }) =>
    kind === 'read' && path === cursorPath && position < 4096 ? 'EIO' : undefined
  const { buffer } = await openInTime(disk)
  assert.deepEqual(await settleAll(await buffer.openCursor(es)), lines)
  await buffer.close()
})

test('a segment that may not be opened is not left out, which passed over all that it held', async () => {
  const disk = await killed()
  disk.fault = ({ kind, path }) => (kind === 'open' && path.endsWith('1.seg') ? 'EACCES' : undefined)
  await assert.rejects(openTestBuffer(disk), /EACCES/)
})
