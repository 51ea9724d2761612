import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { File } from '../../../src/core/file-system.ts'
import { LogSync } from '../../../src/buffer/log/log-sync.ts'
import type { FsyncMode } from '../../../src/buffer/log/log-sync.ts'
import type { Segment } from '../../../src/buffer/log/segments.ts'
import { FakeClock } from '../../support/fake-clock.ts'
import { settleDown } from '../../support/disk-buffer.ts'

/** A segment whose syncs end when the test says so. */
function setUp(mode: FsyncMode) {
  const clock = new FakeClock()
  const running: { resolve(): void; reject(error: Error): void }[] = []
  const broken: unknown[] = []
  const links = { count: 1 }
  const file: Pick<File, 'datasync'> & { stat(): Promise<{ links: number }> } = {
    stat: async () => ({ links: links.count }),
    datasync: () =>
      new Promise<void>((resolve, reject) => running.push({ resolve: () => resolve(), reject })),
  }
  const sync = new LogSync({
    mode,
    sequence: 0,
    clock,
    syncDirectory: async () => {},
    onSynced: () => {},
    onBroken: (error) => broken.push(error),
  })
  const path = '/data/buffer/000000000001.seg'
  const header = { preamble: undefined, sources: undefined, dataStart: 64, isSynced: false }
  const segment: Segment = { number: 1, path, ...header, voidFrom: Infinity, size: 64, end: 64 }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- LogSync calls nothing else of a file
  sync.attach(segment, file as unknown as File, 0)
  return { sync, clock, running, broken, segment, links }
}

test('whoever asks while a sync runs shares the next one', async () => {
  const { sync, running } = setUp(60_000)
  sync.written(1, 100)
  const first = sync.now()
  sync.written(2, 200)
  let done = 0
  const later = [sync.now(), sync.now(), sync.now()].map(async (each) => {
    await each
    done += 1
  })
  running[0]!.resolve()
  await first
  assert.equal(done, 0)
  assert.equal(sync.syncedSequence, 1)
  await settleDown()
  running[1]!.resolve()
  await Promise.all(later)
  assert.equal(running.length, 2)
  assert.equal(sync.syncedEnd, 200)
})

test('with an interval one timer serves all writes, and an idle log has none', async () => {
  const { sync, clock, running, segment } = setUp(1000)
  assert.equal(clock.pendingTimers, 1)
  sync.written(1, 100)
  sync.written(2, 200)
  assert.equal(clock.pendingTimers, 1)
  await clock.advance(1000)
  assert.equal(running.length, 1)
  running[0]!.resolve()
  await settleDown()
  assert.equal(clock.pendingTimers, 0)
  assert.equal(sync.syncedSequence, 2)
  assert.ok(segment.isSynced)
})

test('a segment that was removed is not taken for synced, whatever the disk says', async () => {
  const { sync, running, broken, links } = setUp(60_000)
  sync.written(1, 100)
  links.count = 0
  const refused = assert.rejects(sync.now(), /ENOENT: \S+\.seg was removed/)
  running[0]!.resolve()
  await refused
  assert.equal(sync.syncedSequence, 0)
  assert.equal(broken.length, 1)
})

test('a failed sync is told at once, and the patient wait for a new segment', async () => {
  const { sync, running, broken } = setUp(60_000)
  sync.written(1, 100)
  const impatient = assert.rejects(sync.now(), /EIO/)
  let isSafe = false
  const patient = sync.patiently().then(() => {
    isSafe = true
    return undefined
  })
  running[0]!.reject(new Error('EIO'))
  await impatient
  assert.equal(broken.length, 1)
  assert.ok(sync.isBroken)
  await assert.rejects(sync.now(), /EIO/)
  await settleDown()
  assert.ok(!isSafe)
  assert.equal(running.length, 1, 'a failed sync was tried again')
  const again = setUp(60_000)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- as above
  sync.attachSynced(again.segment, {} as File, 1)
  await patient
})

test('with never everything that is written counts as synced, and nothing is', async () => {
  const { sync, running } = setUp('never')
  sync.written(5, 100)
  await sync.now()
  await sync.patiently()
  assert.equal(sync.syncedSequence, 5)
  assert.equal(running.length, 0)
})

test('a wait that begins behind the stop is refused where the disk had refused: the agent would wait for it for ever', async () => {
  const { sync, running } = setUp(60_000)
  sync.written(1, 100)
  const first = sync.now()
  running[0]!.reject(new Error('EIO'))
  await assert.rejects(first, /EIO/)
  const stop = new Error('the buffer is closed')
  sync.stop(stop)
  await assert.rejects(sync.patiently(), stop)
})

test('behind the stop, what is synced already is not waited for', async () => {
  const { sync, running } = setUp(60_000)
  sync.written(1, 100)
  const first = sync.now()
  running[0]!.resolve()
  await first
  sync.stop(new Error('the buffer is closed'))
  await sync.patiently()
})
