import assert from 'node:assert/strict'
import { appendFileSync, renameSync } from 'node:fs'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { EventFlag } from '../../../src/core/event.ts'
import { encodingOf } from '../../../src/core/encoding.ts'
import { multilineSchema } from '../../../src/parsers/multiline/schema.ts'
import { laneWith } from '../../lanes/lane-under-test.ts'
import { encode } from '../../support/encode.ts'
import { FakeClock, until } from '../../support/fake-clock.ts'
import { TailBench } from '../../support/tail-bench.ts'
import type { BenchOptions } from '../../support/tail-bench.ts'

type Lane = NonNullable<Parameters<typeof laneWith>[0]>

const benchOf = (context: TestContext, lane: Lane = {}, options: BenchOptions = {}): TailBench =>
  new TailBench(context, { realLane: () => laneWith({ parse: 'none', ...lane }), ...options })

const write = (bench: TailBench, text: string, label: string, name = 'app.log'): void =>
  appendFileSync(bench.path(name), encode(text, label))

const flagsOf = (bench: TailBench): number[] =>
  bench.buffer.events.map(({ flags }) => flags & ~EventFlag.timeOfReading)

for (const label of ['utf-16le', 'utf-16be']) {
  test(`a file that begins with the mark of ${label} is read as that, after a restart too`, async (context) => {
    const bench = benchOf(context)
    write(bench, '\ufeffeins\n\u0a0a zwei\n', label)
    await bench.start()
    await bench.lines(2)
    await bench.stop()
    write(bench, 'dröi\n', label)
    await bench.start()
    await bench.lines(3)
    assert.deepEqual(
      bench.buffer.events.map(({ text, from, to }) => [text, from, to]),
      [
        ['eins', 0, 12],
        ['\u0a0a zwei', 12, 26],
        ['dröi', 26, 36],
      ],
    )
    assert.deepEqual(flagsOf(bench), [0, 0, 0])
  })
}

test('a mark, a unit and a newline that come in halves are waited for', async (context) => {
  const bench = benchOf(context)
  await bench.start()
  const file = encode('\ufeffä💩\nb\n', 'utf-16le')
  for (const byte of file) {
    appendFileSync(bench.path('app.log'), Buffer.from([byte]))
    await until(() => bench.runner.status()[0]?.size !== undefined, 'it is seen')
  }
  await bench.lines(2)
  assert.deepEqual(
    [bench.buffer.lines, flagsOf(bench)],
    [
      ['ä💩', 'b'],
      [0, 0],
    ],
  )
})

test('an unfinished line is sent after five quiet seconds, without the half of a character', async (context) => {
  const clock = new FakeClock()
  const bench = benchOf(context, { encoding: encodingOf('utf-16le') }, { clock })
  const file = encode('ab💩c\n', 'utf-16le')
  appendFileSync(bench.path('app.log'), file.subarray(0, 7))
  await bench.start()
  await until(() => clock.pendingTimers > 1, 'it waits')
  await clock.advance(5100)
  await bench.lines(1)
  appendFileSync(bench.path('app.log'), file.subarray(7))
  await clock.advance(1000)
  await bench.lines(2)
  assert.deepEqual(
    bench.buffer.events.map(({ text, from, to }) => [text, from, to]),
    [
      ['ab', 0, 4],
      ['💩c', 4, 12],
    ],
  )
  assert.deepEqual(flagsOf(bench), [EventFlag.partial, 0])
})

for (const label of ['gbk', 'shift_jis', 'utf-16le']) {
  test(`${label}: many reads and lines that are too long split no character`, async (context) => {
    const encoding = encodingOf(label)
    const bench = benchOf(context, { encoding, maxLineBytes: 1001 }, { config: { max_line_bytes: 1001 } })
    const char = label === 'shift_jis' ? '日' : '中'
    const lines = Array.from({ length: 700 }, (_, index) => `${index}${char.repeat(index % 480)}`)
    // Longer than a read, so that it is skimmed.
    const long = `x${char.repeat(200_000)}`
    write(bench, [...lines, long, 'end'].map((line) => `${line}\n`).join(''), label)
    await bench.start()
    await bench.lines(702)
    assert.deepEqual(bench.buffer.lines.slice(0, 700), lines)
    const [cut, end] = bench.buffer.events.slice(700)
    assert.deepEqual([cut!.text, end!.text], [`x${char.repeat(label === 'utf-16le' ? 499 : 500)}`, 'end'])
    assert.equal(cut!.to, end!.from)
    assert.ok(flagsOf(bench).every((flags, index) => flags === (index === 700 ? EventFlag.truncated : 0)))
  })
}

test('an event goes on from a file in UTF-16 in one in GBK', async (context) => {
  const multiline = multilineSchema.parse({ start: '^\\d', max_wait: '1h' })!
  const bench = benchOf(context, { multiline, encoding: encodingOf('gbk') })
  write(bench, '\ufeff1 你好\n', 'utf-16be')
  await bench.start()
  await until(() => bench.buffer.checkpoints[0]?.pending.length === 1, 'it is read')
  renameSync(bench.path('app.log'), bench.path('app.log.1'))
  write(bench, '  好\n2\n', 'gbk')
  await bench.lines(1)
  assert.deepEqual(bench.buffer.lines, ['1 你好\n  好'])
})
