import assert from 'node:assert/strict'
import { test } from 'node:test'
import { limits } from '../../../src/core/limits.ts'
import { MemoryFileSystem } from '../../support/memory-file-system.ts'
import {
  FakeTail,
  chunkOf,
  es,
  generationOf,
  inBuffer,
  openTestBuffer,
  settleAll,
  settleDown,
  takeAll,
} from '../../support/disk-buffer.ts'
import { draftEvent } from '../../support/stored-event.ts'

const loki = { name: 'loki', whenFull: 'block' } as const
const both = { sinks: [es, loki] }

test('events go to the sinks that their routes name; the others count them as filtered', async () => {
  const { buffer } = await openTestBuffer(new MemoryFileSystem(), both)
  const cursors = [await buffer.openCursor(es), await buffer.openCursor(loki)]
  const [toEs, toLoki] = [1 << buffer.routeBit('es'), 1 << buffer.routeBit('loki')]
  const events = [toEs, toLoki, toEs | toLoki, 0].map((routes, index) =>
    draftEvent({ line: `line ${index}`, from: index * 7, routes }),
  )
  await buffer.append({ ...chunkOf([], { to: 35, filtered: 2 }), events })
  assert.deepEqual(await settleAll(cursors[0]!), ['line 0', 'line 2'])
  assert.deepEqual(await settleAll(cursors[1]!), ['line 1', 'line 2'])
  for (const cursor of cursors) {
    assert.deepEqual(cursor.counts.get('app'), { acknowledged: 2, deadLettered: 0, filtered: 4, dropped: {} })
    assert.equal(inBuffer(buffer, cursor), 0)
  }
  await buffer.close()
})

test('routes keep their meaning when sinks come and go', async () => {
  const disk = new MemoryFileSystem()
  const first = await openTestBuffer(disk, both)
  await first.buffer.openCursor(loki)
  const routes = 1 << first.buffer.routeBit('loki')
  const events = [draftEvent({ line: 'for loki', routes })]
  await first.buffer.append({ ...chunkOf([], { to: 9 }), events })
  await first.buffer.close()
  const { buffer } = await openTestBuffer(disk, { sinks: [loki, es] })
  assert.notEqual(1 << buffer.routeBit('loki'), routes)
  assert.deepEqual(await settleAll(await buffer.openCursor(loki)), ['for loki'])
  assert.deepEqual(await settleAll(await buffer.openCursor(es)), [])
  await buffer.close()
})

test('a new sink starts at the end, and counts what was read before as filtered', async () => {
  const { buffer } = await openTestBuffer(new MemoryFileSystem())
  const tail = new FakeTail()
  await buffer.append(tail.chunk(['before', 'it']))
  const cursor = await buffer.openCursor(loki)
  assert.equal(inBuffer(buffer, cursor), 0)
  assert.equal(cursor.counts.get('app')!.filtered, 2)
  await buffer.append(tail.chunk(['after']))
  assert.deepEqual(await settleAll(cursor), ['after'])
  await buffer.close()
})

test('a parked sink holds no space, and resumes where it was', async () => {
  const { buffer } = await openTestBuffer(new MemoryFileSystem(), both)
  const tail = new FakeTail()
  const cursor = await buffer.openCursor(loki)
  await buffer.append(tail.chunk(['one']))
  await settleAll(cursor)
  await buffer.parkCursor('loki')
  await buffer.append(tail.chunk(['two']))
  const again = await buffer.openCursor(loki)
  assert.deepEqual(await settleAll(again), ['two'])
  assert.equal(again.counts.get('app')!.acknowledged, 2)
  await buffer.close()
})

test('what was deleted while a sink was away is dropped as sink_removed, over a restart too', async () => {
  const disk = new MemoryFileSystem()
  const tail = new FakeTail()
  const options = { maxBytes: 4 * 1024 ** 2 }
  const first = await openTestBuffer(disk, { ...both, ...options })
  const left = await first.buffer.openCursor(loki)
  await first.buffer.append(tail.chunk(['stands open', 'and this']))
  const events = await takeAll(left)
  left.settle(events[0]!, 'acknowledged')
  await first.buffer.close()
  const next = await openTestBuffer(disk, options)
  const cursor = await next.buffer.openCursor(es)
  for (let count = 0; count < 8; count += 1) {
    await next.buffer.append(tail.chunk(['x'.repeat(900_000)]))
    await settleAll(cursor)
  }
  await next.buffer.append(tail.chunk(['still there']))
  const again = await next.buffer.openCursor(loki)
  const lines = await settleAll(again)
  assert.equal(lines.at(-1), 'still there')
  const counts = again.counts.get('app')!
  assert.equal(counts.acknowledged, 1 + lines.length)
  assert.equal(counts.dropped.sink_removed, 11 - counts.acknowledged)
  assert.equal(counts.dropped.damaged, undefined)
  assert.equal(inBuffer(next.buffer, again), 0)
  await next.buffer.close()
})

test('a changed sink goes on with what was open, and late answers to its old cursor change nothing', async () => {
  const { buffer } = await openTestBuffer(new MemoryFileSystem())
  const cursor = await buffer.openCursor(es)
  await buffer.append(chunkOf(['one', 'two']))
  const [one, two] = await takeAll(cursor)
  cursor.settle(one!, 'acknowledged')
  await cursor.close()
  assert.ok(!cursor.settle(two!, 'acknowledged'))
  const again = await buffer.openCursor(es)
  assert.deepEqual(await settleAll(again), ['two'])
  assert.equal(again.counts.get('app')!.acknowledged, 2)
  await buffer.close()
})

test('a run is settled at once, but for what of it was settled before', async () => {
  const disk = new MemoryFileSystem()
  const { buffer } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  await buffer.append(new FakeTail().chunk(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']))
  const { record } = (await cursor.next())!
  assert.ok(cursor.settle(record.event(3), 'dead_lettered'))
  assert.equal(cursor.settleRun({ record, first: 1, end: 9 }, 'acknowledged'), 7)
  assert.equal(cursor.settleRun({ record, first: 1, end: 9 }, 'acknowledged'), 0)
  assert.equal(cursor.settle(record.event(8), 'acknowledged'), false)
  assert.deepEqual([inBuffer(buffer, cursor), cursor.lag().handedOut], [2, 2])
  await buffer.close()
  const again = await (await openTestBuffer(disk)).buffer.openCursor(es)
  assert.deepEqual(await settleAll(again), ['a', 'j'])
  assert.deepEqual(again.counts.get('app'), { acknowledged: 9, deadLettered: 1, filtered: 0, dropped: {} })
})

test('a run with an order settles the events that stand there, each once', async () => {
  const { buffer } = await openTestBuffer(new MemoryFileSystem())
  const cursor = await buffer.openCursor(es)
  await buffer.append(new FakeTail().chunk(['a', 'b', 'c', 'd', 'e']))
  const { record } = (await cursor.next())!
  const order = Uint32Array.of(0, 4, 1, 3, 2, 77)
  assert.ok(cursor.settle(record.event(4), 'acknowledged'))
  assert.equal(cursor.settleRun({ record, first: 1, end: 3, order }, 'acknowledged'), 1)
  assert.equal(cursor.settle(record.event(1), 'acknowledged'), false)
  assert.equal(cursor.settleRun({ record, first: 3, end: 6, order }, 'acknowledged'), 2)
  assert.equal(inBuffer(buffer, cursor), 1)
  assert.ok(cursor.settle(record.event(0), 'acknowledged'))
  await buffer.close()
})

test('at most 64 MiB stand open past a cursor', async () => {
  const { buffer } = await openTestBuffer(new MemoryFileSystem(), { maxBytes: 1024 ** 3 })
  const cursor = await buffer.openCursor(es)
  const tail = new FakeTail()
  const line = 'x'.repeat(8 * 1024 ** 2)
  for (let count = 0; count < 10; count += 1) await buffer.append(tail.chunk([line]))
  const events = await takeAll(cursor)
  assert.equal(events.length, Math.ceil(limits.openPastCursorBytes / line.length))
  const stop = new AbortController()
  let hasMore = false
  const waiting = cursor.more(stop.signal).then(() => {
    hasMore = true
    return undefined
  })
  for (const event of events.slice(1)) cursor.settle(event, 'acknowledged')
  await settleDown()
  assert.ok(!hasMore)
  assert.equal(await cursor.next(), undefined)
  cursor.settle(events[0]!, 'acknowledged')
  await waiting
  assert.equal((await takeAll(cursor)).length, 2)
  await buffer.close()
})

test('more resolves with the next record, and at once when it is aborted', async () => {
  const { buffer } = await openTestBuffer(new MemoryFileSystem())
  const cursor = await buffer.openCursor(es)
  const stop = new AbortController()
  const aborted = cursor.more(stop.signal)
  stop.abort()
  await aborted
  await cursor.more(stop.signal)
  assert.equal(await cursor.next(), undefined)
  const more = cursor.more(new AbortController().signal)
  await buffer.append(chunkOf(['one']))
  await more
  assert.deepEqual(await settleAll(cursor), ['one'])
  await buffer.close()
})

test('lag tells events and the age of the oldest, also before anything was read', async () => {
  const disk = new MemoryFileSystem()
  const first = await openTestBuffer(disk)
  await first.buffer.append(chunkOf(['one', 'two']))
  await first.clock.advance(5000)
  assert.deepEqual((await first.buffer.openCursor(es)).lag(), { events: 2, seconds: 5, handedOut: 0 })
  assert.equal(first.buffer.stats().oldestSeconds, 5)
  await first.buffer.close()
  const { buffer, clock } = await openTestBuffer(disk)
  clock.jump(7000)
  const cursor = await buffer.openCursor(es)
  assert.deepEqual(cursor.lag(), { events: 2, seconds: 7, handedOut: 0 })
  const events = await takeAll(cursor)
  cursor.settle(events[1]!, 'acknowledged')
  assert.deepEqual(cursor.lag(), { events: 1, seconds: 7, handedOut: 1 })
  cursor.settle(events[0]!, { dropped: 'expired' })
  assert.deepEqual(cursor.lag(), { events: 0, seconds: 0, handedOut: 0 })
  await buffer.close()
})

test('a stretch without events moves the checkpoint and the counters together', async () => {
  const disk = new MemoryFileSystem()
  const { buffer } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  await buffer.append(chunkOf([], { from: 1000, to: 1000 }))
  await buffer.append(chunkOf([], { from: 1000, to: 1500, filtered: 5 }))
  assert.equal(await cursor.next(), undefined)
  assert.equal(buffer.checkpoints()[0]!.offset, 1500)
  assert.equal(inBuffer(buffer, cursor), 0)
  assert.equal(cursor.counts.get('app')!.filtered, 5)
  assert.deepEqual(buffer.sourceCounts().get('app'), {
    readBytes: 500,
    readEvents: 5,
    parseErrors: 0,
    lostBytes: {},
  })
  await buffer.close()
})

test('a generation that is gone for a day and settled by all leaves the table, a live one stays', async () => {
  const disk = new MemoryFileSystem()
  const { buffer, clock } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  await buffer.append(chunkOf(['one']))
  const gone = chunkOf(['two'], { generation: generationOf(2) })
  await buffer.append({ ...gone, checkpoint: { ...gone.checkpoint, goneAtMs: clock.now() } })
  clock.jump(25 * 3600_000)
  await clock.advance(61_000)
  assert.equal(buffer.checkpoints().length, 2)
  await settleAll(cursor)
  await clock.advance(61_000)
  assert.deepEqual(
    buffer.checkpoints().map(({ generation }) => generation),
    [generationOf(1)],
  )
  await buffer.close()
})

test('the mark of a checkpoint is a copy: the tailer reads on into the same buffer', async () => {
  const { buffer } = await openTestBuffer(new MemoryFileSystem())
  const mark = Buffer.from('as it was')
  const chunk = chunkOf(['one'])
  await buffer.append({ ...chunk, checkpoint: { ...chunk.checkpoint, mark } })
  mark.fill(0)
  assert.equal(Buffer.from(buffer.checkpoints()[0]!.mark).toString(), 'as it was')
  await buffer.close()
})

test('state above 64 KiB is refused, and the cursor stays as it was saved', async () => {
  const disk = new MemoryFileSystem()
  const { buffer } = await openTestBuffer(disk)
  const cursor = await buffer.openCursor(es)
  cursor.state = { small: 1 }
  await cursor.save()
  cursor.state = { large: 'x'.repeat(70_000) }
  assert.ok(!(await isSaved(cursor.save())))
  disk.crash({ unsynced: 'lost' })
  const next = await openTestBuffer(disk)
  assert.deepEqual((await next.buffer.openCursor(es)).state, { small: 1 })
  await next.buffer.close()
})

async function isSaved(saving: Promise<void>): Promise<boolean> {
  let saved = false
  void saving.then(
    () => (saved = true),
    () => undefined,
  )
  await settleDown()
  return saved
}
