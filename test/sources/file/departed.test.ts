import assert from 'node:assert/strict'
import { appendFileSync, readFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs'
import { test } from 'node:test'
import { FakeClock, until } from '../../support/fake-clock.ts'
import { numbered, TailBench } from '../../support/tail-bench.ts'

test('a file that was moved out of sight and comes back longer goes on where it was', async (context) => {
  const clock = new FakeClock()
  const bench = new TailBench(context, { clock })
  const elsewhere = new TailBench(context)
  bench.append('app.log', numbered('a', 3))
  await bench.start()
  await bench.lines(3)
  renameSync(bench.path('app.log'), elsewhere.path('app.log'))
  await until(async () => {
    await clock.advance(10_000)
    return bench.runner.status().length === 0
  }, 'it is given up')
  assert.ok(bench.buffer.checkpoints[0]!.goneAtMs > 0)
  appendFileSync(elsewhere.path('app.log'), numbered('b', 2))
  renameSync(elsewhere.path('app.log'), bench.path('app.log'))
  await bench.lines(5)
  assert.equal(bench.buffer.events.length, 5)
  assert.equal(bench.buffer.checkpoints.length, 1)
  assert.equal(bench.buffer.checkpoints[0]!.goneAtMs, 0)
})

test('after a restart a file that was gone is known again unless it was written to since', async (context) => {
  for (const isWritten of [false, true]) {
    const bench = new TailBench(context)
    bench.append('app.log', numbered('a line that is long enough', 3))
    await bench.start()
    await bench.lines(3)
    await bench.stop()
    const checkpoint = bench.buffer.checkpoints[0]!
    const chunk = bench.buffer.chunks.at(-1)!
    const gone = { ...checkpoint, goneAtMs: Date.now() - 1000 }
    await bench.buffer.emit({ ...chunk, from: checkpoint.offset, checkpoint: gone, events: [] })
    if (isWritten) writeFileSync(bench.path('app.log'), readFileSync(bench.path('app.log')))
    else utimesSync(bench.path('app.log'), new Date(Date.now() - 60_000), new Date(Date.now() - 60_000))
    await bench.start()
    await bench.runner.drain()
    assert.equal(bench.buffer.events.length, isWritten ? 6 : 3)
  }
})
