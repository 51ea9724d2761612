import assert from 'node:assert/strict'
import { renameSync, rmSync } from 'node:fs'
import { test } from 'node:test'
import { multilineSchema } from '../../../../src/parsers/multiline/schema.ts'
import { laneWith } from '../../../lanes/lane-under-test.ts'
import { factsWith, FakeContainers } from '../../../support/fake-containers.ts'
import { FakeClock, turn, until, whileTimePasses } from '../../../support/fake-clock.ts'
import { TailBench } from '../../../support/tail-bench.ts'

const plain = () => laneWith({ parse: 'none' })

/** Each line with the label of its chunk. */
function labelled({ buffer }: TailBench): string[] {
  return buffer.lines.map((line, index) => {
    const json = buffer.shared[index]!.find(({ name }) => name === 'kubernetes.labels.app')?.json
    return `${json === undefined ? '-' : String(JSON.parse(json))}: ${line}`
  })
}

test('a file whose pod is not known waits, not longer than it may, and holds up nobody else', async (context) => {
  const clock = new FakeClock()
  const containers = new FakeContainers().waits('new', 5000)
  const bench = new TailBench(context, { clock, containers, realLane: plain })
  bench.append('new.log', 'one\n')
  bench.append('old.log', 'two\n')
  await bench.start()
  await bench.lines(1)
  await until(() => clock.pendingTimers > 1, 'it waits')
  await clock.advance(4999)
  bench.append('new.log', 'three\n')
  await until(() => bench.runner.status().some(({ size }) => size === 10), 'the growth was seen')
  assert.deepEqual(bench.buffer.lines, ['two'])
  containers.giveUp('new')
  await clock.advance(1)
  await bench.lines(3)
  assert.deepEqual(labelled(bench), ['-: two', '-: one', '-: three'])
})

test('the wait ends with the news of its pod, and the first line has the label', async (context) => {
  const containers = new FakeContainers().waits('new', 1e9)
  const bench = new TailBench(context, { clock: new FakeClock(), containers, realLane: plain })
  bench.append('new.log', 'one\n')
  await bench.start()
  await until(() => containers.looks > 0, 'it was looked at')
  containers.know('new', factsWith('cart'))
  await bench.lines(1)
  assert.deepEqual(labelled(bench), ['cart: one'])
})

test('labels are those of the time of reading: a change holds from the next read on, and costs no look before', async (context) => {
  const containers = new FakeContainers().know('a', factsWith('cart'))
  const bench = new TailBench(context, { containers, realLane: plain })
  bench.append('a.log', 'one\n')
  bench.append('b.log', 'other\n')
  await bench.start()
  await bench.lines(2)
  const { looks } = containers
  bench.append('a.log', 'two\n')
  await bench.lines(3)
  assert.equal(containers.looks, looks)
  containers.know('a', factsWith('basket'))
  bench.append('a.log', 'three\n')
  await bench.lines(4)
  // What is known again as it was opens no lane anew, and a label may go.
  containers.know('a', factsWith(''))
  bench.append('a.log', 'four\n')
  await bench.lines(5)
  const ofA = labelled(bench).filter((line) => !line.includes('other'))
  assert.deepEqual(ofA, ['cart: one', 'cart: two', 'basket: three', '-: four'])
  assert.equal(bench.buffer.lostBytes, 0)
})

const multiline = multilineSchema.parse({ start: '^event', max_wait: '1h' })!

test('lines that wait for the next one are joined across a change', async (context) => {
  const clock = new FakeClock()
  const containers = new FakeContainers().know('a', factsWith('cart'))
  const realLane = () => laneWith({ parse: 'none', multiline, clock })
  const bench = new TailBench(context, { clock, containers, realLane })
  bench.append('a.log', 'event 1\nevent 2\n')
  await bench.start()
  await bench.lines(1)
  containers.know('a', factsWith('basket'))
  bench.append('a.log', '  more\nevent 3\n')
  await bench.lines(2)
  assert.deepEqual(labelled(bench), ['cart: event 1', 'basket: event 2\n  more'])
  assert.equal(bench.buffer.lostBytes, 0)
})

test('a change waits for lines of the file before, which is gone: they could not be read again', async (context) => {
  const clock = new FakeClock()
  const containers = new FakeContainers().know('a', factsWith('cart'))
  const realLane = () => laneWith({ parse: 'none', multiline, clock })
  const bench = new TailBench(context, { clock, containers, realLane })
  bench.append('a.log', 'event 1\nevent 2\n')
  await bench.start()
  await bench.lines(1)
  renameSync(bench.path('a.log'), bench.path('gone'))
  bench.append('a.log', '  more\n')
  const inherited = (): boolean =>
    bench.buffer.checkpoints.some((one) =>
      one.pending.some(({ generation }) => generation !== one.generation),
    )
  await until(inherited, 'the next file has taken them over')
  rmSync(bench.path('gone'))
  await whileTimePasses(
    until(() => bench.runner.status().length === 1, 'the file before is forgotten'),
    () => clock.advance(500).then(turn),
  )
  containers.know('a', factsWith('basket'))
  bench.append('a.log', 'event 3\n')
  await bench.lines(2)
  bench.append('a.log', 'event 4\n')
  await bench.lines(3)
  assert.deepEqual(bench.buffer.lines, ['event 1', 'event 2\n  more', 'event 3'])
  assert.equal(labelled(bench).at(-1), 'basket: event 3')
  assert.equal(bench.buffer.lostBytes, 0)
})

test('a log that its pod leaves out is not read and not lost, and is read on once the pod wants it again', async (context) => {
  const containers = new FakeContainers().know('a', factsWith('cart', { isLeftOut: true }))
  const bench = new TailBench(context, { containers, realLane: plain })
  bench.append('a.log', 'one\n')
  bench.append('b.log', 'other\n')
  await bench.start()
  await bench.lines(1)
  await bench.runner.drain()
  assert.deepEqual(bench.buffer.lines, ['other'])
  assert.deepEqual(
    bench.runner
      .status()
      .map(({ isOpen, lagBytes }) => [isOpen, lagBytes])
      .toSorted(),
    [
      [false, 0],
      [true, 0],
    ],
  )
  containers.know('a', factsWith('cart'))
  await bench.lines(2)
  containers.know('a', factsWith('cart', { isLeftOut: true }))
  bench.append('a.log', 'two\n')
  await bench.runner.drain()
  rmSync(bench.path('a.log'))
  await until(() => bench.runner.status().length === 1, 'the deleted file is forgotten')
  assert.deepEqual(labelled(bench), ['-: other', 'cart: one'])
  assert.equal(bench.buffer.lostBytes, 0)
})

test('a log that is left out rotates: nothing of it is lost, and what comes behind it waits for nothing', async (context) => {
  const out = factsWith('cart', { isLeftOut: true })
  const containers = new FakeContainers().know('a', factsWith('cart'))
  const bench = new TailBench(context, { containers, realLane: plain })
  bench.append('a.log', 'one\n')
  await bench.start()
  await bench.lines(1)
  containers.know('a', out)
  bench.append('a.log', 'left out\n')
  await bench.runner.drain()
  // By rename, as the kubelet does, twice; the oldest goes.
  renameSync(bench.path('a.log'), bench.path('a.1'))
  bench.append('a.log', 'left out, too\n')
  await bench.runner.drain()
  renameSync(bench.path('a.1'), bench.path('a.2'))
  renameSync(bench.path('a.log'), bench.path('a.1'))
  bench.append('a.log', 'left out as well\n')
  rmSync(bench.path('a.2'))
  await bench.runner.drain()
  await until(() => bench.runner.status().length === 2, 'the oldest is forgotten')
  assert.deepEqual([bench.buffer.lines, bench.buffer.lostBytes], [['one'], 0])
  containers.know('a', factsWith('cart'))
  await until(() => bench.buffer.lines.includes('left out as well'), 'the newest is read')
  assert.equal(bench.buffer.lostBytes, 0)
})

test('a drain waits for the pod too, as long as lines may wait', async (context) => {
  const clock = new FakeClock()
  const containers = new FakeContainers().waits('a', 5000)
  const bench = new TailBench(context, { clock, containers, realLane: plain })
  bench.append('a.log', 'one\nhalf')
  await bench.start()
  const state = { isDone: false }
  const drained = bench.runner.drain().then(() => (state.isDone = true))
  await until(() => containers.looks > 1, 'it was looked at')
  await turn()
  assert.equal(state.isDone, false)
  containers.giveUp('a')
  await clock.advance(5000)
  await drained
  assert.deepEqual(bench.buffer.lines, ['one', 'half'])
})

test('a stop ends the wait, and the next start reads all of it', async (context) => {
  const containers = new FakeContainers().waits('a', 1e9)
  const bench = new TailBench(context, { containers, realLane: plain })
  bench.append('a.log', 'one\n')
  await bench.start()
  await until(() => containers.looks > 0, 'it was looked at')
  await bench.stop()
  assert.equal(containers.listeners, 0)
  containers.know('a', factsWith('cart'))
  await bench.start()
  await bench.lines(1)
  assert.deepEqual(labelled(bench), ['cart: one'])
})
