import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test, type TestContext } from 'node:test'
import { EventFlag } from '../../src/core/event.ts'
import { limits } from '../../src/core/limits.ts'
import { silentLog } from '../../src/core/log.ts'
import { encodingOf } from '../../src/core/encoding.ts'
import type { Lane } from '../../src/lanes/lane.ts'
import { multilineSchema } from '../../src/parsers/multiline/schema.ts'
import { nodeFileSystem } from '../../src/platform/node-file-system.ts'
import { createStdin } from '../../src/sources/stdin.ts'
import { stdinSchema } from '../../src/sources/stdin-source.ts'
import { laneWith } from '../lanes/lane-under-test.ts'
import { encode } from '../support/encode.ts'
import { FakeBuffer } from '../support/fake-buffer.ts'
import { FakeClock, turn, until } from '../support/fake-clock.ts'
import { FakeLane } from '../support/fake-lane.ts'
import { stepList } from '../steps/steps-under-test.ts'

function bench(context: TestContext, config: Record<string, unknown> = {}, lane: Lane = new FakeLane()) {
  const buffer = new FakeBuffer()
  const clock = new FakeClock()
  const stdin = new PassThrough()
  const runner = createStdin([{ name: 'in', config: stdinSchema.parse(config), lane }], {
    emit: buffer.emit,
    checkpoints: [],
    holes: [],
    fileSystem: nodeFileSystem,
    clock,
    log: silentLog,
    stdin,
    newGeneration: () => '0123456789abcdef01234567',
  })
  context.after(async () => {
    buffer.unblock()
    await runner.stop()
    stdin.destroy()
  })
  return { buffer, clock, stdin, runner }
}

test('the end of stdin ends a drain; a last line without newline is sent, flagged', async (context) => {
  const { buffer, runner, stdin } = bench(context)
  await runner.start()
  stdin.end('one\r\ntwo\n\nhalf')
  await runner.drain()
  assert.deepEqual(buffer.lines, ['one', 'two', 'half'])
  assert.deepEqual(
    buffer.events.map(({ from, to, flags }) => [from, to, flags]),
    [
      [0, 5, 0],
      [5, 9, 0],
      [10, 14, EventFlag.partial],
    ],
  )
  assert.ok(buffer.checkpoints[0]!.goneAtMs > 0)
  assert.equal(runner.status()[0]!.lagBytes, 0)
})

test('what one read brings is one chunk', async (context) => {
  const { buffer, runner, stdin } = bench(context)
  await runner.start()
  stdin.write('line\n'.repeat(500))
  await until(() => buffer.events.length === 500, 'all lines came')
  assert.equal(buffer.chunks.length, 1)
})

test('a long line is cut, flagged, and counted in its offsets', async (context) => {
  const { buffer, runner, stdin } = bench(context, { max_line_bytes: 16 })
  await runner.start()
  stdin.end(`${'x'.repeat(100)}\nshort\n`)
  await runner.drain()
  assert.deepEqual(buffer.lines, ['x'.repeat(16), 'short'])
  assert.deepEqual(
    buffer.events.map(({ from, to, flags }) => [from, to, flags]),
    [
      [0, 101, EventFlag.truncated],
      [101, 107, 0],
    ],
  )
})

test('bytes arrive as they are: UTF-8 cut between reads, and what is none', async (context) => {
  const { buffer, runner, stdin } = bench(context)
  await runner.start()
  const euro = Buffer.from('€ ä\n')
  stdin.write(euro.subarray(0, 2))
  await turn()
  stdin.end(euro.subarray(2))
  await runner.drain()
  assert.deepEqual(buffer.lines, ['€ ä'])
})

test('nothing is read while the buffer is full', async (context) => {
  const { buffer, runner, stdin } = bench(context)
  await runner.start()
  buffer.block()
  stdin.write('one\n')
  await until(() => buffer.waiting === 1, 'the first chunk waits')
  stdin.write('two\n')
  await turn()
  assert.equal(stdin.readableLength, 4)
  buffer.unblock()
  await until(() => buffer.events.length === 2, 'both came')
})

test('a last line without newline is sent after five quiet seconds, and what follows is a new line', async (context) => {
  const { buffer, clock, runner, stdin } = bench(context)
  await runner.start()
  stdin.write('half')
  await until(() => clock.pendingTimers > 0, 'the wait began')
  await clock.advance(4900)
  assert.deepEqual(buffer.lines, [])
  await clock.advance(200)
  await until(() => buffer.events.length === 1, 'the half line came')
  stdin.end('\nnext\n')
  await runner.drain()
  assert.deepEqual(buffer.lines, ['half', 'next'])
})

test('auto waits for more lines, a second at the most', async (context) => {
  const { buffer, clock, runner, stdin } = bench(context, {}, new FakeLane({ autoLines: 20 }))
  await runner.start()
  stdin.write('one\n')
  await until(() => clock.pendingTimers > 0, 'it waits')
  stdin.write('two\n')
  await turn()
  assert.deepEqual(buffer.lines, [])
  await clock.advance(1100)
  await until(() => buffer.events.length === 2, 'both came')
})

test('fragments are joined over reads, and what is left of one is sent at the end', async (context) => {
  const { buffer, runner, stdin } = bench(context)
  await runner.start()
  stdin.write('P a-\n')
  await turn()
  stdin.write('F b\nP rest\n')
  stdin.end()
  await runner.drain()
  assert.deepEqual(buffer.lines, ['a-b', 'rest'])
})

test('stop leaves a terminal that says nothing behind', async (context) => {
  const { buffer, runner, stdin } = bench(context)
  await runner.start()
  stdin.write('one\n')
  await until(() => buffer.events.length === 1, 'the line came')
  await runner.stop()
  await runner.stop()
  await runner.drain()
  assert.equal(runner.failure, undefined)
})

for (const label of ['utf-16le', 'utf-16be', 'gbk']) {
  test(`stdin in ${label} is split and decoded for any way in which its bytes come`, async (context) => {
    const encoding = label === 'gbk' ? encodingOf('gbk') : undefined
    const { buffer, runner, stdin } = bench(context, {}, laneWith({ parse: 'none', encoding }))
    await runner.start()
    const mark = label === 'gbk' ? '' : '\ufeff'
    const last = label === 'gbk' ? '好' : '\u0a0a💩'
    for (const byte of encode(`${mark}你\r\n\nabc\n${last}`, label)) {
      stdin.write(Buffer.from([byte]))
      await turn()
    }
    stdin.end()
    await runner.drain()
    assert.deepEqual(buffer.lines, ['你', 'abc', last])
    const places = buffer.events.map(({ from, to }) => [from, to])
    if (label === 'gbk')
      assert.deepEqual(places, [
        [0, 4],
        [5, 9],
        [9, 11],
      ])
    else
      assert.deepEqual(places, [
        [0, 8],
        [10, 18],
        [18, 24],
      ])
  })
}

test('stdin with a mark of UTF-8 whose last bytes never come is what it is', async (context) => {
  const { buffer, runner, stdin } = bench(context, {}, laneWith({ parse: 'none' }))
  await runner.start()
  stdin.end(Buffer.from([0xef, 0xbb]))
  await runner.drain()
  assert.deepEqual(buffer.lines, ['\ufffd'])
})

test('multilines are joined over reads, and the last one is sent at the end', async (context) => {
  const multiline = multilineSchema.parse('python')!
  const { buffer, runner, stdin } = bench(context, {}, laneWith({ parse: 'none', multiline }))
  await runner.start()
  stdin.write('ERROR a\nTraceback (most recent call last):\n')
  await turn()
  stdin.end('  File "x.py", line 1, in f\nValueError: x\nINFO b')
  await runner.drain()
  assert.deepEqual(buffer.lines, [
    'ERROR a\nTraceback (most recent call last):\n  File "x.py", line 1, in f\nValueError: x',
    'INFO b',
  ])
})

test('an event that steps filter out after its stretch was told is counted all the same', async (context) => {
  const clock = new FakeClock()
  const steps = stepList([{ keep: { if: 'false' } }])
  const opened = bench(context, {}, laneWith({ parse: 'cri', steps, clock }))
  const { buffer, runner, stdin } = opened
  await runner.start()
  stdin.write('2026-01-20T00:00:00Z stdout P only a part\n')
  await until(() => buffer.chunks.length === 1, 'the part is told as pending')
  await clock.advance(limits.fragmentWaitMs)
  await opened.clock.advance(limits.fragmentWaitMs)
  await until(() => buffer.chunks.length === 2, 'what waited too long is told')
  assert.deepEqual(
    buffer.chunks.map(({ filtered }) => filtered),
    [0, 1],
  )
  assert.deepEqual(buffer.events, [])
})
