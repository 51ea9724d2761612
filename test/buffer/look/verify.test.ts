import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import { verify } from '../../../src/buffer/look/verify.ts'
import type { Verified } from '../../../src/buffer/look/verify.ts'
import { FakeClock, whileTimePasses } from '../../support/fake-clock.ts'
import { FakeTail, es, openTestBuffer, settleAll, takeAll } from '../../support/disk-buffer.ts'
import { MemoryFileSystem } from '../../support/memory-file-system.ts'

const pathOf = (number: number): string => `/data/buffer/${String(number).padStart(12, '0')}.seg`
const cursorPath = '/data/cursors/es.cursor'
const secondSlot = 8 * 1024 ** 2

/** Two runs: two records in the first segment, three in the second; `ends` has where those of the second begin and end. */
let disk: MemoryFileSystem
let starts: number[]
before(async () => {
  disk = new MemoryFileSystem()
  const tail = new FakeTail()
  starts = []
  for (const lines of [
    ['1', '2'],
    ['3', '4', '5'],
  ]) {
    const { buffer } = await openTestBuffer(disk)
    const cursor = await buffer.openCursor(es)
    for (const line of lines) {
      starts.push(disk.has(pathOf(2)) ? disk.read(pathOf(2)).length : 0)
      await buffer.append(tail.chunk([line, `${line} again`]))
    }
    if (lines.length === 2) cursor.settle((await takeAll(cursor))[0]!, 'acknowledged')
    await buffer.close()
  }
  starts = [...starts.slice(2), disk.read(pathOf(2)).length]
})

async function verified(looked: MemoryFileSystem): Promise<Verified> {
  const clock = new FakeClock()
  return whileTimePasses(verify(looked, '/data', clock), () => clock.advance(100))
}

const places = (findings: Verified['damage']): unknown[] =>
  findings.map(({ kind, path, at, bytes, records }) => [kind, path, at, bytes, records])

test('a sound buffer has no damage, and is left as it is', async () => {
  const found = await verified(disk)
  assert.deepEqual([found.segments, found.records, found.events, found.cursors], [2, 5, 10, 1])
  assert.deepEqual([found.damage, found.unfinished], [[], []])
  assert.equal(found.bytes, disk.read(pathOf(1)).length + disk.read(pathOf(2)).length)
  const untouched = disk.copy().files()
  await verified(disk)
  assert.deepEqual(disk.files(), untouched)
})

test('an agent that has not run yet has nothing that could be damaged', async () => {
  const found = await verified(new MemoryFileSystem())
  assert.deepEqual([found.segments, found.damage], [0, []])
})

test('a flip of any byte of a record is found, with the record’s place and size', async () => {
  for (let record = 0; record < 2; record += 1) {
    const [from, to] = [starts[record]!, starts[record + 1]!]
    for (let at = from; at < to; at += 7) {
      const damaged = disk.copy()
      damaged.flip(pathOf(2), at, 1 << (at % 8))
      const { damage } = await verified(damaged)
      assert.deepEqual(places(damage), [['records', pathOf(2), from, to - from, 1]], `byte ${at}`)
    }
  }
})

test('the end of a record that is being written is no damage, wherever it ends', async () => {
  const bytes = disk.read(pathOf(2))
  for (let size = starts[2]! + 1; size < bytes.length; size += 5) {
    const torn = disk.copy()
    torn.put(pathOf(2), bytes.subarray(0, size))
    const { damage, unfinished, records } = await verified(torn)
    assert.deepEqual([damage, records], [[], 4])
    assert.deepEqual(places(unfinished), [['unfinished', pathOf(2), starts[2], size - starts[2]!, undefined]])
  }
})

test('nor is it after the next start, which goes on in another segment', async () => {
  const torn = disk.copy()
  torn.put(pathOf(2), disk.read(pathOf(2)).subarray(0, starts[2]! + 50))
  const { buffer } = await openTestBuffer(torn)
  await buffer.openCursor(es)
  await buffer.append(new FakeTail().chunk(['new'], { generation: 'a'.repeat(24) }))
  await buffer.close()
  const { damage, unfinished } = await verified(torn)
  assert.deepEqual(damage, [])
  assert.deepEqual(places(unfinished), [['unfinished', pathOf(2), starts[2], 50, undefined]])
})

test('the last record of the log is damaged: a cursor that has passed it knows that it was whole', async () => {
  const damaged = disk.copy()
  const { buffer } = await openTestBuffer(damaged)
  await settleAll(await buffer.openCursor(es))
  await buffer.close()
  // That start began a third segment, which stays empty.
  damaged.remove(pathOf(3))
  damaged.flip(pathOf(2), starts[2]! + 100)
  const { damage, unfinished } = await verified(damaged)
  assert.deepEqual(unfinished, [])
  assert.deepEqual(places(damage), [['records', pathOf(2), starts[2], starts[3]! - starts[2]!, 1]])
})

test('a segment that somebody removed from the middle is missing; those that the agent deletes are not', async () => {
  const damaged = disk.copy()
  const { buffer } = await openTestBuffer(damaged)
  await buffer.openCursor(es)
  await buffer.close()
  const oldest = damaged.copy()
  oldest.remove(pathOf(1))
  assert.deepEqual((await verified(oldest)).damage, [])
  damaged.remove(pathOf(2))
  const { damage } = await verified(damaged)
  assert.deepEqual(places(damage), [['missing', '', 0, 0, 3]])
})

test('damaged headers, tables and slots are told, each at its place', async () => {
  const damaged = disk.copy()
  damaged.flip(pathOf(1), 20)
  damaged.flip(pathOf(2), starts[0]! - 10)
  damaged.flip(cursorPath, secondSlot + 60)
  const { damage } = await verified(damaged)
  assert.deepEqual(
    damage.map(({ kind, path, at }) => [kind, path, at]),
    [
      ['header', pathOf(1), 0],
      ['header', pathOf(2), damage[1]!.at],
      ['cursor', cursorPath, secondSlot],
    ],
  )
  assert.match(damage[1]!.text, /table of checkpoints/)
  assert.match(damage[2]!.text, /the other one is whole/)
})

test('a file that is called like a segment and is none is damage, but for the newest, which may be in the making', async () => {
  const damaged = disk.copy()
  damaged.put(pathOf(1), Buffer.from('something else entirely'))
  assert.deepEqual(
    (await verified(damaged)).damage.map(({ kind, bytes }) => [kind, bytes]),
    [['header', 23]],
  )
  const newest = disk.copy()
  newest.put(pathOf(3), Buffer.from('half a hea'))
  const { damage, unfinished } = await verified(newest)
  assert.deepEqual([damage.length, unfinished.length], [0, 1])
})

test('links are not followed', async () => {
  const linked = disk.copy()
  linked.putLink(pathOf(3), pathOf(1))
  linked.putLink('/data/cursors/loki.cursor', cursorPath)
  const found = await verified(linked)
  assert.deepEqual([found.segments, found.cursors, found.damage.length], [2, 1, 0])
})
