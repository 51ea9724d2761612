import assert from 'node:assert/strict'
import { renameSync } from 'node:fs'
import { test } from 'node:test'
import { EventFlag } from '../../../src/core/event.ts'
import { limits } from '../../../src/core/limits.ts'
import { multilineSchema } from '../../../src/parsers/multiline/schema.ts'
import { laneWith } from '../../lanes/lane-under-test.ts'
import { FakeClock, until } from '../../support/fake-clock.ts'
import { TailBench } from '../../support/tail-bench.ts'

const multiline = multilineSchema.parse({ start: '^event' })!

test('the last event of a quiet file is sent after max_wait, its lines are pending until then', async (context) => {
  const clock = new FakeClock()
  const bench = new TailBench(context, {
    clock,
    realLane: () => laneWith({ parse: 'none', multiline, clock }),
  })
  bench.append('app.log', 'event 1\n  a\nevent 2\n  b\n')
  await bench.start()
  await bench.lines(1)
  const { generation, pending } = bench.buffer.checkpoints[0]!
  assert.deepEqual(pending, [{ generation, from: 12, to: 24, stream: '' }])
  await until(() => clock.pendingTimers > 1, 'it waits')
  await clock.advance(3100)
  await bench.lines(2)
  assert.deepEqual(bench.buffer.lines, ['event 1\n  a', 'event 2\n  b'])
  assert.deepEqual(bench.buffer.checkpoints[0]!.pending, [])
})

test('a drain sends the last event, with the line that has no end yet', async (context) => {
  const bench = new TailBench(context, { realLane: () => laneWith({ parse: 'none', multiline }) })
  bench.append('app.log', 'event 1\n  a\n  b')
  await bench.start()
  await bench.runner.drain()
  assert.deepEqual(bench.buffer.lines, ['event 1\n  a\n  b'])
  assert.equal(bench.buffer.events[0]!.flags & 7, EventFlag.multiline | EventFlag.partial)
})

test('a damaged stretch is read again with the lines before it that belong to its first event', async (context) => {
  const bench = new TailBench(context, { realLane: () => laneWith({ parse: 'none', multiline }) })
  const text = 'event 1\n  a\nevent 2\n  b\n  c\nevent 3\n  d\nevent 4\n'
  bench.append('app.log', text)
  await bench.start()
  await bench.runner.drain()
  await bench.stop()
  const before = bench.buffer.events.length
  const { generation } = bench.buffer.checkpoints[0]!
  bench.buffer.holes = [{ generation, from: text.indexOf('  b'), to: text.indexOf('event 4') }]
  await bench.start()
  await bench.lines(before + 2)
  assert.deepEqual(
    bench.buffer.events.slice(before).map(({ text: line, from, to }) => [line, from, to]),
    [
      ['event 2\n  b\n  c', 12, 28],
      ['event 3\n  d', 28, 40],
    ],
  )
})

test('a kill between the two chunks of an inheritance, and one after the heir has sent it, double no event', async (context) => {
  const bench = new TailBench(context, {
    include: ['app.log*'],
    tuning: { sweepMs: 20 },
    realLane: () => laneWith({ parse: 'none', multiline: { ...multiline, max_wait: 3_600_000 } }),
  })
  const { buffer } = bench
  const kill = async (): Promise<void> => {
    buffer.close()
    await bench.stop().catch(() => {})
    buffer.reopen()
    await bench.start()
  }
  bench.append('app.log', 'event 1\n  a\n')
  await bench.start()
  await until(() => buffer.checkpoints.some(({ offset }) => offset === 12), 'the file is read')
  buffer.killBehind = ({ generation, checkpoint }) =>
    checkpoint.pending.some((range) => range.generation !== generation)
  renameSync(bench.path('app.log'), bench.path('app.log.1'))
  bench.append('app.log', '  b\n')
  await until(() => bench.runner.failure !== undefined, 'the kill')
  await kill()
  bench.append('app.log', 'event 2\n')
  await bench.lines(1)
  await kill()
  await bench.runner.drain()
  assert.deepEqual(buffer.lines, ['event 1\n  a\n  b', 'event 2'])
})

test('of a damaged stretch that ends behind its file, the event that still waited for a line is sent all the same', async (context) => {
  const bench = new TailBench(context, { realLane: () => laneWith({ parse: 'none', multiline }) })
  const text = `event 1\n${`  ${'x'.repeat(1997)}\n`.repeat(300)}`
  bench.append('app.log', text)
  await bench.start()
  await bench.runner.drain()
  await bench.stop()
  const before = bench.buffer.events.length
  const { generation } = bench.buffer.checkpoints[0]!
  bench.buffer.holes = [{ generation, from: 0, to: text.length + 100 }]
  await bench.start()
  await bench.lines(before + 1)
  const again = bench.buffer.lines[before]!
  assert.ok(again.length > limits.readBytes - 2100 && text.startsWith(again), `${again.length} bytes`)
})
