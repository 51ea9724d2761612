import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StoredEvent } from '../../../src/buffer/buffer.ts'
import type { DiskBuffer, StretchAsked } from '../../../src/buffer/disk-buffer.ts'
import type { Instant } from '../../../src/core/event.ts'
import { chunkOf, es, generationOf, openTestBuffer, settleAll } from '../../support/disk-buffer.ts'
import { MemoryFileSystem } from '../../support/memory-file-system.ts'
import { draftEvent } from '../../support/stored-event.ts'

const at = (seconds: number, nanos = 0): Instant => ({ seconds, nanos })
const always: Instant = at(2 ** 32)

/** Appends one record with an event at each of these seconds, for the sinks with these bits. */
async function append(
  buffer: DiskBuffer,
  seconds: readonly number[],
  { source = 'app', from = 0, routes = 0xffff_ffff } = {},
): Promise<void> {
  const events = seconds.map((second, index) =>
    draftEvent({
      line: `{"s":${second}}`,
      time: at(second),
      from: from + index * 10,
      to: from + index * 10 + 10,
      routes,
    }),
  )
  const to = from + seconds.length * 10
  await buffer.append({ ...chunkOf([], { source, generation: generationOf(from + 1), from, to }), events })
}

async function linesOf(buffer: DiskBuffer, asked: Partial<StretchAsked> = {}): Promise<string[]> {
  const stretch = await buffer.stretch({
    sink: 'es',
    from: at(0),
    to: always,
    matches: () => true,
    isForNewSink: () => false,
    ...asked,
  })
  const lines: string[] = []
  for (let found = await stretch.next(); found; found = await stretch.next())
    for (const index of found.events) lines.push(Buffer.from(found.record.event(index).line).toString())
  await stretch.close()
  assert.equal(stretch.scannedBytes, stretch.totalBytes)
  return lines
}

describe('a stretch of the buffer', () => {
  it('has the events from a time on and before another, settled or not, of every segment', async () => {
    const { buffer } = await openTestBuffer(new MemoryFileSystem(), { retainMs: 3600_000 })
    const cursor = await buffer.openCursor(es)
    await append(buffer, [10, 30, 20])
    await settleAll(cursor)
    await append(buffer, [20, 40], { from: 100 })
    assert.deepEqual(await linesOf(buffer, { from: at(20), to: at(40) }), [
      '{"s":30}',
      '{"s":20}',
      '{"s":20}',
    ])
    assert.deepEqual(await linesOf(buffer, { from: at(20, 1), to: at(30) }), [])
    // No cursor has moved.
    assert.equal(cursor.lag().events, 2)
    await buffer.close()
  })

  it('leaves out what is not meant for the sink, or does not match', async () => {
    const { buffer } = await openTestBuffer(new MemoryFileSystem())
    const bit = 1 << buffer.routeBit('es')
    await append(buffer, [1], { routes: bit })
    await append(buffer, [2], { routes: ~bit >>> 0, from: 100 })
    assert.deepEqual(await linesOf(buffer), ['{"s":1}'])
    const matches = (event: StoredEvent): boolean => event.record.source === 'web'
    assert.deepEqual(await linesOf(buffer, { matches }), [])
    await buffer.close()
  })

  it('has what is older than a sink only where that is asked for, source by source', async () => {
    const { buffer } = await openTestBuffer(new MemoryFileSystem())
    await append(buffer, [1])
    await append(buffer, [2], { from: 100, source: 'web' })
    await buffer.openCursor({ name: 'loki', whenFull: 'block' })
    await append(buffer, [3], { from: 200 })
    assert.deepEqual(await linesOf(buffer, { sink: 'loki' }), ['{"s":3}'])
    const isForNewSink = (source: string): boolean => source === 'app'
    assert.deepEqual(await linesOf(buffer, { sink: 'loki', isForNewSink }), ['{"s":1}', '{"s":3}'])
    await buffer.close()
  })

  it('ends when it is told, wherever it is', async () => {
    const { buffer } = await openTestBuffer(new MemoryFileSystem())
    await append(buffer, [1])
    await append(buffer, [2], { from: 100 })
    const asked = { sink: 'es', from: at(0), to: always, isForNewSink: () => false }
    const looked: number[] = []
    const matches = ({ seconds }: StoredEvent): boolean => {
      looked.push(seconds)
      stretch.stop()
      return false
    }
    const stretch = await buffer.stretch({ ...asked, matches })
    assert.equal(await stretch.next(), undefined)
    assert.deepEqual(looked, [1])
    await stretch.close()
    await buffer.close()
  })

  it('goes on behind segments that were deleted meanwhile, and says how many', async () => {
    const fileSystem = new MemoryFileSystem()
    const { buffer } = await openTestBuffer(fileSystem)
    await append(buffer, [1])
    const asked = { sink: 'es', from: at(0), to: always, matches: () => true, isForNewSink: () => false }
    const stretch = await buffer.stretch(asked)
    const disk = fileSystem.forProcess()
    for (const { name } of await disk.readdir('/data/buffer')) await disk.unlink(`/data/buffer/${name}`)
    assert.equal(await stretch.next(), undefined)
    assert.equal(stretch.goneSegments, 1)
    await buffer.close().catch(() => {})
  })
})
