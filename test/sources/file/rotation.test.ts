import assert from 'node:assert/strict'
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import type { Clock } from '../../../src/core/clock.ts'
import { nodeFileSystem } from '../../../src/platform/node-file-system.ts'
import { systemClock } from '../../../src/platform/system-clock.ts'
import { numbered, TailBench } from '../../support/tail-bench.ts'
import { until } from '../../support/fake-clock.ts'

/** Five quiet seconds in half a second. */
const tenfoldClock: Clock = {
  now: () => systemClock.now(),
  monotonic: () => systemClock.monotonic() * 10,
  after: (delayMs, run) => systemClock.after(delayMs / 10, run),
}

const lines = (prefix: string, count: number, from = 0): string[] =>
  numbered(prefix, count, from).trimEnd().split('\n')

test('a file that grows is read from where it was left, over a restart too', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', numbered('a', 3))
  await bench.start()
  assert.deepEqual(await bench.lines(3), lines('a', 3))
  bench.append('app.log', numbered('b', 2))
  await bench.lines(5)
  await bench.stop()
  bench.append('app.log', numbered('c', 2))
  await bench.start()
  assert.deepEqual(await bench.lines(7), [...lines('a', 3), ...lines('b', 2), ...lines('c', 2)])
  assert.equal(bench.buffer.checkpoints.length, 1)
})

test('a renamed file is read to its end, late writes too, and the new one after it', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', numbered('a', 3))
  await bench.start()
  await bench.lines(3)
  const old = openSync(bench.path('app.log'), 'a')
  renameSync(bench.path('app.log'), bench.path('app.log.1'))
  writeSync(old, numbered('late', 2))
  bench.append('app.log', numbered('b', 2))
  await bench.lines(7)
  writeSync(old, numbered('later', 1))
  closeSync(old)
  await bench.lines(8)
  assert.deepEqual(bench.buffer.lines.slice(0, 7), [...lines('a', 3), ...lines('late', 2), ...lines('b', 2)])
})

test('a chain of renames inside the glob brings every line once', async (context) => {
  const bench = new TailBench(context, { include: ['app.log*'] })
  await bench.start()
  for (let round = 0; round < 5; round++) {
    bench.append('app.log', numbered(`r${round}`, 4))
    await bench.lines(4 * (round + 1))
    for (let index = 3; index >= 1; index--)
      try {
        renameSync(bench.path(`app.log.${index}`), bench.path(`app.log.${index + 1}`))
      } catch {}
    renameSync(bench.path('app.log'), bench.path('app.log.1'))
  }
  bench.append('app.log', numbered('end', 1))
  await bench.lines(21)
  assert.equal(new Set(bench.buffer.lines).size, 21)
  assert.equal(bench.buffer.events.length, 21)
})

test('rotations as fast as each file is noticed lose nothing while the agent runs', async (context) => {
  const bench = new TailBench(context)
  await bench.start()
  for (let round = 0; round < 30; round++) {
    bench.append('app.log', numbered(`r${round}`, 20))
    // A file that came and went out of the globs before anything of it was seen is nobody's.
    await bench.lines(20 * round + 1)
    try {
      unlinkSync(bench.path('app.log.1'))
    } catch {}
    renameSync(bench.path('app.log'), bench.path('app.log.1'))
  }
  await bench.lines(600)
  assert.equal(new Set(bench.buffer.lines).size, 600)
  assert.equal(bench.buffer.events.length, 600)
  assert.equal(bench.buffer.lostBytes, 0)
})

test('copytruncate with unread lines: the copy outside the glob brings the rest', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', numbered('a', 50))
  await bench.start()
  await bench.lines(50)
  bench.buffer.block()
  bench.append('app.log', numbered('b', 50))
  await until(() => bench.buffer.waiting === 1, 'a chunk waits')
  bench.append('app.log', numbered('c', 50))
  copyFileSync(bench.path('app.log'), bench.path('app.log.1'))
  truncateSync(bench.path('app.log'), 0)
  bench.append('app.log', numbered('d', 200))
  bench.buffer.unblock()
  await bench.lines(350)
  assert.deepEqual(bench.buffer.lines, [
    ...lines('a', 50),
    ...lines('b', 50),
    ...lines('c', 50),
    ...lines('d', 200),
  ])
  assert.equal(bench.buffer.lostBytes, 0)
})

test('a truncation without a copy counts what was not read', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', numbered('a', 10))
  await bench.start()
  await bench.lines(10)
  bench.buffer.block()
  bench.append('app.log', numbered('b', 1))
  await until(() => bench.buffer.waiting === 1, 'a chunk waits')
  bench.append('app.log', numbered('c', 10))
  await until(() => bench.runner.status()[0]!.lagBytes === 44, 'the growth was seen')
  truncateSync(bench.path('app.log'), 0)
  bench.append('app.log', numbered('d', 3))
  bench.buffer.unblock()
  await bench.lines(14)
  assert.deepEqual(bench.buffer.lines.slice(11), lines('d', 3))
  assert.deepEqual(bench.buffer.lost, { truncated: 40 })
})

test('a refill beyond the old offset that was seen before it was read is not counted as lost', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', numbered('a', 10))
  await bench.start()
  await bench.lines(10)
  // Another file's chunk holds up all reading.
  bench.buffer.block()
  bench.append('other.log', 'other\n')
  await until(() => bench.buffer.waiting === 1, 'a chunk waits')
  writeFileSync(bench.path('app.log'), numbered('b', 100))
  await until(() => bench.runner.status().some(({ lagBytes }) => lagBytes > 400), 'the new size was seen')
  bench.buffer.unblock()
  await bench.lines(111)
  assert.deepEqual(bench.buffer.lost, {})
})

test('truncated and refilled to exactly the same size, with the same head', async (context) => {
  const bench = new TailBench(context)
  const head = 'x'.repeat(100) + '\n'
  bench.append('app.log', head + numbered('a', 9))
  await bench.start()
  await bench.lines(10)
  await until(() => bench.runner.status()[0]!.lagBytes === 0, 'all is read')
  writeFileSync(bench.path('app.log'), head + numbered('b', 9))
  await bench.lines(20)
  assert.deepEqual(bench.buffer.lines.slice(10), [head.trim(), ...lines('b', 9)])
})

test('truncated while stopped and refilled beyond the old offset', async (context) => {
  const bench = new TailBench(context)
  const head = numbered('same head', 200)
  bench.append('app.log', head + numbered('a', 10))
  await bench.start()
  await bench.lines(210)
  await bench.stop()
  writeFileSync(bench.path('app.log'), head + numbered('b', 300))
  await bench.start()
  await bench.lines(710)
  assert.deepEqual(bench.buffer.lines.slice(210), [...head.trim().split('\n'), ...lines('b', 300)])
})

test('deleted and created again, with the same inode', async (context) => {
  const bench = new TailBench(context)
  for (let round = 0; round < 10; round++) {
    bench.append('app.log', numbered('same', 5))
    if (round === 0) await bench.start()
    await bench.lines(5 * (round + 1))
    unlinkSync(bench.path('app.log'))
  }
  assert.equal(bench.buffer.events.length, 50)
  assert.equal(bench.buffer.lostBytes, 0)
})

test('a deleted file with unread bytes is read to its end', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', numbered('a', 1))
  await bench.start()
  await bench.lines(1)
  bench.buffer.block()
  bench.append('app.log', numbered('b', 100_000))
  await until(() => bench.buffer.waiting === 1, 'a chunk waits')
  unlinkSync(bench.path('app.log'))
  bench.append('app.log', numbered('c', 10))
  await until(() => bench.runner.status().length === 2, 'the new file was seen')
  unlinkSync(bench.path('app.log'))
  bench.buffer.unblock()
  await bench.lines(100_011)
  assert.deepEqual(bench.buffer.lines.slice(1), [...lines('b', 100_000), ...lines('c', 10)])
})

test('a file that was moved out of sight and deleted there is closed as one that was deleted in sight', async (context) => {
  const bench = new TailBench(context, { clock: tenfoldClock })
  const elsewhere = mkdtempSync(path.join(os.tmpdir(), 'logferry-elsewhere-'))
  context.after(() => rmSync(elsewhere, { recursive: true }))
  bench.append('app.log', numbered('a', 1))
  await bench.start()
  await bench.lines(1)
  renameSync(bench.path('app.log'), path.join(elsewhere, 'app.log'))
  appendFileSync(path.join(elsewhere, 'app.log'), numbered('late', 1))
  await bench.lines(2)
  const deletedAtMs = tenfoldClock.monotonic()
  rmSync(path.join(elsewhere, 'app.log'))
  await until(() => bench.runner.status().length === 0, 'it is closed')
  // A file that still has a name somewhere is waited for a whole minute.
  assert.ok(tenfoldClock.monotonic() - deletedAtMs < 50_000)
})

test('two chain rotations while stopped are read oldest first', async (context) => {
  const bench = new TailBench(context, { include: ['app.log*'] })
  bench.append('app.log', numbered('a', 5))
  await bench.start()
  await bench.lines(5)
  await bench.stop()
  bench.append('app.log', numbered('b', 5))
  renameSync(bench.path('app.log'), bench.path('app.log.1'))
  bench.append('app.log', numbered('c', 5))
  renameSync(bench.path('app.log.1'), bench.path('app.log.2'))
  renameSync(bench.path('app.log'), bench.path('app.log.1'))
  bench.append('app.log', numbered('d', 5))
  await bench.start()
  await bench.lines(20)
  assert.deepEqual(bench.buffer.lines, [
    ...lines('a', 5),
    ...lines('b', 5),
    ...lines('c', 5),
    ...lines('d', 5),
  ])
})

test('renamed out of the glob while stopped: the sibling is found and read first', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', numbered('a', 5))
  await bench.start()
  await bench.lines(5)
  await bench.stop()
  bench.append('app.log', numbered('b', 5))
  renameSync(bench.path('app.log'), bench.path('old-20261120'))
  bench.append('app.log', numbered('c', 5))
  await bench.start()
  await bench.lines(15)
  assert.deepEqual(bench.buffer.lines, [...lines('a', 5), ...lines('b', 5), ...lines('c', 5)])
})

test('copied and truncated while stopped: the copy brings the rest', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', numbered('a long enough line', 5))
  await bench.start()
  await bench.lines(5)
  await bench.stop()
  bench.append('app.log', numbered('b', 5))
  copyFileSync(bench.path('app.log'), bench.path('app.log.1'))
  writeFileSync(bench.path('app.log'), numbered('c', 50))
  await bench.start()
  await bench.lines(60)
  assert.deepEqual(bench.buffer.lines.slice(5), [...lines('b', 5), ...lines('c', 50)])
})

test('a symlink that is switched: both targets are read, the old one to its end', async (context) => {
  const bench = new TailBench(context, { include: ['current.log'] })
  mkdirSync(bench.path('data'))
  bench.append('data/1', numbered('a', 3))
  symlinkSync('data/1', bench.path('current.log'))
  await bench.start()
  await bench.lines(3)
  bench.append('data/1', numbered('b', 1))
  await bench.lines(4)
  bench.append('data/2', numbered('c', 2))
  symlinkSync('data/2', bench.path('next'))
  renameSync(bench.path('next'), bench.path('current.log'))
  await bench.lines(6)
  bench.append('data/1', numbered('d', 1))
  await bench.lines(7)
  assert.deepEqual(bench.buffer.lines, ['a 0', 'a 1', 'a 2', 'b 0', 'c 0', 'c 1', 'd 0'])
  assert.ok(bench.buffer.events.every((event) => event.path === bench.path('current.log')))
})

test('a file whose link is switched in the moment in which it was opened is read all the same', async (context) => {
  let isSwitched = false
  const bench = new TailBench(context, {
    include: ['current.log'],
    fileSystem: {
      ...nodeFileSystem,
      async open(name, flags, mode) {
        const file = await nodeFileSystem.open(name, flags, mode)
        if (name !== bench.path('current.log') || isSwitched) return file
        isSwitched = true
        symlinkSync('data/2', bench.path('new'))
        renameSync(bench.path('new'), bench.path('current.log'))
        return file
      },
    },
  })
  mkdirSync(bench.path('data'))
  bench.append('data/1', numbered('a', 3))
  bench.append('data/2', numbered('b', 3))
  symlinkSync('data/1', bench.path('current.log'))
  await bench.start()
  await bench.lines(6)
  assert.deepEqual([...bench.buffer.lines].sort(), [...lines('a', 3), ...lines('b', 3)])
})

test('one inode under two names is read once', async (context) => {
  const bench = new TailBench(context)
  bench.append('a.log', numbered('a', 3))
  linkSync(bench.path('a.log'), bench.path('b.log'))
  await bench.start()
  await bench.lines(3)
  linkSync(bench.path('a.log'), bench.path('c.log'))
  bench.append('c.log', numbered('b', 1))
  await bench.lines(4)
  assert.equal(bench.buffer.events.length, 4)
  assert.equal(bench.runner.status().length, 1)
})

test('a file that is replaced by a rename over it', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', numbered('a', 3))
  await bench.start()
  await bench.lines(3)
  bench.append('app.log', numbered('b', 3))
  bench.append('new', numbered('c', 3))
  renameSync(bench.path('new'), bench.path('app.log'))
  await bench.lines(9)
  assert.deepEqual(bench.buffer.lines, [...lines('a', 3), ...lines('b', 3), ...lines('c', 3)])
})

test('a late folder, removed and made again', async (context) => {
  const bench = new TailBench(context, { include: ['late/*/x.log'] })
  await bench.start()
  assert.equal(bench.warnings.length, 1)
  for (let round = 0; round < 3; round++) {
    mkdirSync(bench.path('late/sub'), { recursive: true })
    bench.append('late/sub/x.log', numbered(`r${round}`, 2))
    await bench.lines(2 * (round + 1))
    rmSync(bench.path('late'), { recursive: true })
  }
  assert.equal(bench.buffer.events.length, 6)
})

test('a CRI fragment is joined over a rotation, and over a restart between its parts', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', 'one\nP begin-\n')
  await bench.start()
  await bench.lines(1)
  await until(() => bench.buffer.checkpoints[0]!.pending.length === 1, 'the fragment is in the checkpoint')
  await bench.restart()
  renameSync(bench.path('app.log'), bench.path('app.log.1'))
  bench.append('app.log', 'F end\ntwo\n')
  await bench.lines(3)
  assert.deepEqual(bench.buffer.lines, ['one', 'begin-end', 'two'])
  await until(
    () => bench.buffer.checkpoints.every(({ pending }) => pending.length === 0),
    'nothing is pending',
  )
  assert.equal(readFileSync(bench.path('app.log.1'), 'utf8'), 'one\nP begin-\n')
})
