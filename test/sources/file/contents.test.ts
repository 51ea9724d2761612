import assert from 'node:assert/strict'
import { closeSync, openSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import { EventFlag } from '../../../src/core/event.ts'
import { nodeFileSystem } from '../../../src/platform/node-file-system.ts'
import { FakeClock, turn, until } from '../../support/fake-clock.ts'
import { FakeLane } from '../../support/fake-lane.ts'
import { numbered, TailBench } from '../../support/tail-bench.ts'

test('a last line without newline is sent after five quiet seconds, once; its newline makes no event', async (context) => {
  const clock = new FakeClock()
  const bench = new TailBench(context, { clock })
  bench.append('app.log', 'one\nhalf')
  await bench.start()
  await bench.lines(1)
  await until(() => clock.pendingTimers > 1, 'it waits')
  await clock.advance(3000)
  bench.append('app.log', ' and more')
  await until(() => bench.runner.status()[0]!.size === 17, 'the growth was read')
  await clock.advance(3000)
  assert.deepEqual(bench.buffer.lines, ['one'])
  await clock.advance(3000)
  await bench.lines(2)
  assert.deepEqual(
    [bench.buffer.lines[1], bench.buffer.events[1]!.flags],
    ['half and more', EventFlag.partial],
  )
  bench.append('app.log', '\n')
  bench.append('app.log', 'next\n')
  await bench.lines(3)
  assert.deepEqual(bench.buffer.lines, ['one', 'half and more', 'next'])
})

test('a line in two writes is one event', async (context) => {
  const bench = new TailBench(context)
  await bench.start()
  for (let count = 0; count < 20; count++) {
    bench.append('app.log', `first ${count} `)
    await new Promise((resolve) => setImmediate(resolve))
    bench.append('app.log', `second ${count}\n`)
  }
  await bench.lines(20)
  assert.deepEqual(
    bench.buffer.lines,
    Array.from({ length: 20 }, (_, n) => `first ${n} second ${n}`),
  )
})

test('long lines are cut, flagged, and stop nothing; the memory does not grow with them', async (context) => {
  const bench = new TailBench(context, { config: { max_line_bytes: 1000 } })
  const sizes = [10, 999, 1000, 1001, 5000, 300_000, 7, 1000, 2_000_000, 3]
  bench.append('app.log', sizes.map((size) => 'x'.repeat(size) + '\n').join(''))
  await bench.start()
  await bench.lines(sizes.length)
  assert.deepEqual(
    bench.buffer.events.map(({ text, flags, from, to }) => [text.length, flags, to - from]),
    sizes.map((size) => [Math.min(size, 1000), size > 1000 ? EventFlag.truncated : 0, size + 1]),
  )
})

test('lines up to a large max_line_bytes stay whole', async (context) => {
  const bench = new TailBench(context, { config: { max_line_bytes: '4MiB' } })
  const sizes = [5, 300_000, 262_144, 262_143, 4 * 1024 ** 2, 4 * 1024 ** 2 + 1, 5]
  bench.append('app.log', sizes.map((size) => 'x'.repeat(size) + '\n').join(''))
  await bench.start()
  await bench.lines(sizes.length)
  assert.deepEqual(
    bench.buffer.events.map(({ text }) => text.length),
    sizes.map((size) => Math.min(size, 4 * 1024 ** 2)),
  )
})

test('a cut never leaves half a character', async (context) => {
  const bench = new TailBench(context, { config: { max_line_bytes: 100 } })
  bench.append('app.log', `${'a'.repeat(99)}€\n${'€'.repeat(200)}\n${'\u{1f600}'.repeat(100_000)}\n`)
  await bench.start()
  await bench.lines(3)
  assert.deepEqual(bench.buffer.lines, ['a'.repeat(99), '€'.repeat(33), '\u{1f600}'.repeat(25)])
})

test('a long line that has no end yet is sent after five quiet seconds, and goes on as a new line', async (context) => {
  const clock = new FakeClock()
  const bench = new TailBench(context, { clock, config: { max_line_bytes: 1000 } })
  bench.append('app.log', 'x'.repeat(700_000))
  await bench.start()
  await until(() => clock.pendingTimers > 1, 'it waits')
  await clock.advance(5500)
  await bench.lines(1)
  const [event] = bench.buffer.events
  assert.deepEqual([event!.text.length, event!.to], [1000, 700_000])
  assert.equal(event!.flags, EventFlag.truncated | EventFlag.partial)
  bench.append('app.log', 'y\nnext\n')
  await bench.lines(3)
  assert.deepEqual(bench.buffer.lines.slice(1), ['y', 'next'])
})

test('a hole of NULs at the head is skipped (truncated under a writer without O_APPEND)', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', '')
  truncateSync(bench.path('app.log'), 50 * 1024 ** 2)
  bench.append('app.log', numbered('after', 3))
  await bench.start()
  await bench.lines(3)
  assert.deepEqual(bench.buffer.lines, ['after 0', 'after 1', 'after 2'])
  assert.equal(bench.buffer.checkpoints[0]!.offset, 50 * 1024 ** 2 + 24)
})

test('NULs at the end are no event: a file that was made larger in advance is written into later', async (context) => {
  const clock = new FakeClock()
  const bench = new TailBench(context, { clock })
  bench.append('app.log', 'one\n')
  truncateSync(bench.path('app.log'), 4096)
  await bench.start()
  await bench.lines(1)
  await clock.advance(10_000)
  const file = openSync(bench.path('app.log'), 'r+')
  writeSync(file, 'two\n', 4)
  closeSync(file)
  await bench.lines(2)
  assert.deepEqual(bench.buffer.lines, ['one', 'two'])
})

test('auto waits for more lines, a second at the most, and not where a drain asks', async (context) => {
  const clock = new FakeClock()
  const bench = new TailBench(context, { clock, lane: new FakeLane({ autoLines: 20 }) })
  bench.append('app.log', numbered('a', 2))
  await bench.start()
  await until(() => clock.pendingTimers > 1, 'it waits')
  assert.equal(bench.buffer.events.length, 0)
  await clock.advance(1100)
  await bench.lines(2)
  bench.append('other.log', numbered('b', 2))
  await bench.runner.drain()
  assert.equal(bench.buffer.events.length, 4)
})

test('fragments that waited too long are sent', async (context) => {
  const clock = new FakeClock()
  let deadline = 0
  const bench = new TailBench(context, { clock, lane: new FakeLane({ deadline: () => deadline }) })
  deadline = clock.monotonic() + 3000
  // Before the start: under load a watcher may miss a file that comes right after it, and no sweep runs on a fake clock.
  bench.append('app.log', 'P rest\n')
  await bench.start()
  await until(() => bench.buffer.chunks.length === 1, 'the fragment was read')
  await until(() => clock.pendingTimers > 1, 'it waits')
  await clock.advance(3100)
  await bench.lines(1)
  assert.deepEqual([bench.buffer.lines, bench.buffer.events[0]!.flags], [['rest'], EventFlag.partial])
  assert.deepEqual(bench.buffer.checkpoints[0]!.pending, [])
})

test('the drain sends all that is there: unfinished lines, fragments, and files that nobody has seen yet', async (context) => {
  const bench = new TailBench(context)
  bench.append('a.log', numbered('a', 100_000))
  bench.append('b.log', 'whole\nhalf')
  bench.append('c.log', 'P fragment\n')
  await bench.start()
  bench.append('d.log', 'late\n')
  await bench.runner.drain()
  assert.equal(bench.buffer.events.length, 100_004)
  assert.deepEqual(bench.buffer.lines.filter((line) => !line.startsWith('a ')).toSorted(), [
    'fragment',
    'half',
    'late',
    'whole',
  ])
  assert.ok(bench.runner.status().every((file) => file.lagBytes === 0))
})

test('a busy file does not starve the others', async (context) => {
  const bench = new TailBench(context)
  bench.append('busy.log', numbered('busy', 400_000))
  bench.append('quiet.log', 'quiet\n')
  await bench.start()
  await until(() => bench.buffer.lines.includes('quiet'), 'the quiet file was read')
  assert.ok(bench.buffer.events.length < 100_000)
})

test('a stretch whose record is damaged is read again, and counted as lost where the file has changed', async (context) => {
  const bench = new TailBench(context)
  bench.append('app.log', numbered('a', 1000))
  bench.append('gone.log', numbered('g', 10))
  await bench.start()
  await bench.lines(1010)
  await bench.stop()
  const [app, gone] = ['app.log', 'gone.log'].map((name) =>
    bench.buffer.checkpoints.find(({ path }) => path === bench.path(name)),
  )
  const [tenth, twentieth] = [10, 20].map(
    (index) => bench.buffer.events.filter(({ path }) => path === app!.path)[index]!,
  )
  bench.buffer.holes = [
    { generation: app!.generation, from: tenth!.from, to: twentieth!.from },
    { generation: gone!.generation, from: 0, to: 20 },
  ]
  writeFileSync(bench.path('gone.log'), 'other\n')
  await bench.start()
  await bench.lines(1010 + 10 + 1)
  const again = bench.buffer.events.slice(1010).filter(({ path }) => path === app!.path)
  assert.deepEqual(
    again.map(({ text }) => text),
    Array.from({ length: 10 }, (_, n) => `a ${n + 10}`),
  )
  assert.deepEqual([again[0]!.from, again[9]!.to], [tenth!.from, twentieth!.from])
  assert.ok(bench.buffer.chunks.some((chunk) => !chunk.moves && chunk.from === tenth!.from))
  assert.deepEqual(bench.buffer.lost, { damaged: 20 })
})

test('a drain that is asked for in the middle of a read sends the unfinished line too', async (context) => {
  const gate = { isShut: false, waiting: 0, open: () => {} }
  const slowDisk = Object.assign(Object.create(nodeFileSystem), {
    openNow: undefined,
    async open(...args: Parameters<typeof nodeFileSystem.open>) {
      const file = await nodeFileSystem.open(...args)
      const ownRead = file.read.bind(file)
      const read: typeof file.read = async (...part) => {
        gate.waiting++
        if (gate.isShut) await new Promise<void>((resolve) => (gate.open = resolve))
        return ownRead(...part)
      }
      return Object.assign(file, { read })
    },
  })
  const bench = new TailBench(context, { clock: new FakeClock() }).withFileSystem(slowDisk)
  bench.append('app.log', 'one\n')
  await bench.start()
  await bench.lines(1)
  Object.assign(gate, { isShut: true, waiting: 0 })
  bench.append('app.log', 'half')
  await until(() => gate.waiting === 1, 'the rest is being read')
  const drained = bench.runner.drain()
  // Room for its looks at the disk. Too little would not fail the test, only show less.
  for (let turns = 0; turns < 500; turns++) await turn()
  gate.isShut = false
  gate.open()
  await drained
  assert.deepEqual(bench.buffer.lines, ['one', 'half'])
})
