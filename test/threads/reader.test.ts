import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { test, type TestContext } from 'node:test'
import type { Buffer as DiskBuffer } from '../../src/buffer/buffer.ts'
import { silentLog } from '../../src/core/log.ts'
import { nodeFileSystem } from '../../src/platform/node-file-system.ts'
import { stdinSchema } from '../../src/sources/stdin-source.ts'
import { Reader } from '../../src/threads/reader.ts'
import { FakeBuffer } from '../support/fake-buffer.ts'
import { FakeClock, turn, until } from '../support/fake-clock.ts'
import { FakeLane } from '../support/fake-lane.ts'

function bench(context: TestContext) {
  const buffer = new FakeBuffer()
  const clock = new FakeClock()
  const stdin = new PassThrough()
  const side = { append: buffer.emit, checkpoints: () => buffer.checkpoints, holes: () => buffer.holes }
  const reader = new Reader({
    sources: { in: { type: 'stdin', ...stdinSchema.parse({}) } },
    lanes: new Map([['in', new FakeLane()]]),
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the reader's half of a buffer
    buffer: side as unknown as DiskBuffer,
    fileSystem: nodeFileSystem,
    clock,
    log: silentLog,
    stdin,
  })
  context.after(async () => {
    buffer.unblock()
    await reader.stop()
    stdin.destroy()
  })
  return { buffer, clock, stdin, reader }
}

test('what its sources read is in the buffer after a drain, and told in the status', async (context) => {
  const { buffer, reader, stdin } = bench(context)
  await reader.start()
  stdin.end('one\ntwo\n')
  await reader.drain()
  assert.deepEqual(buffer.lines, ['one', 'two'])
  const { files, failure } = reader.status()
  assert.deepEqual(
    files.map(({ source, offset }) => [source, offset]),
    [['in', 8]],
  )
  assert.equal(failure, undefined)
})

test('time before a full buffer counts as blocked while it lasts and afterwards; a short wait does not', async (context) => {
  const { buffer, clock, reader, stdin } = bench(context)
  await reader.start()
  buffer.block()
  stdin.write('one\n')
  await until(() => buffer.waiting === 1, 'the chunk waits')
  await clock.advance(99)
  assert.deepEqual(reader.status().blockedSeconds, new Map())
  await clock.advance(2401)
  assert.deepEqual(reader.status().blockedSeconds, new Map([['in', 2.5]]))
  buffer.unblock()
  await until(() => buffer.lines.length === 1, 'the chunk is in')
  await turn()
  await clock.advance(5000)
  assert.deepEqual(reader.status().blockedSeconds, new Map([['in', 2.5]]))
})

test('a stop before the start, and a second one, are safe', async (context) => {
  const { reader } = bench(context)
  await reader.stop()
  await reader.stop()
})
