import assert from 'node:assert/strict'
import { test } from 'node:test'
import { survey } from '../../../src/buffer/look/survey.ts'
import { FakeTail, es, generationOf, openTestBuffer, takeAll } from '../../support/disk-buffer.ts'
import { FakeClock, whileTimePasses } from '../../support/fake-clock.ts'
import { MemoryFileSystem } from '../../support/memory-file-system.ts'

const loki = { name: 'loki', whenFull: 'block' } as const

test('each segment has what is in it and who needs it, each cursor how much it has to do', async () => {
  const disk = new MemoryFileSystem()
  const tail = new FakeTail()
  for (const run of [1, 2]) {
    const { buffer } = await openTestBuffer(disk, { sinks: [es, loki] })
    const cursor = await buffer.openCursor(es)
    await buffer.openCursor(loki)
    await buffer.append(tail.chunk([`${run} one`, `${run} two`]))
    await buffer.append(tail.chunk([`${run} web`], { source: 'web', generation: generationOf(run + 1) }))
    const events = await takeAll(cursor)
    const settled = run === 1 ? events : events.slice(0, 1)
    for (const event of settled) cursor.settle(event, 'acknowledged')
    await buffer.close()
  }
  const { segments, cursors } = await survey(disk, '/data', new FakeClock())
  assert.deepEqual(
    segments.map(({ number, records, events, sources, neededBy }) => [
      number,
      records,
      events,
      [...sources],
      neededBy,
    ]),
    [
      [1, 2, 3, ['app', 'web'], ['loki']],
      [2, 2, 3, ['app', 'web'], ['es', 'loki']],
    ],
  )
  assert.ok(
    segments.every(({ first, last, bytes }) => first && last && first.seconds <= last.seconds && bytes > 0),
  )
  assert.deepEqual(
    cursors.map(({ sink, state, segment, eventsBehind }) => [sink, state, segment, eventsBehind]),
    [
      ['es', 'reading', 2, 2],
      ['loki', 'reading', 1, 6],
    ],
  )
})

test('a parked cursor holds nothing, a damaged one all', async () => {
  const disk = new MemoryFileSystem()
  const { buffer } = await openTestBuffer(disk, { sinks: [es, loki] })
  await buffer.openCursor(es)
  await buffer.openCursor(loki)
  await buffer.append(new FakeTail().chunk(['one']))
  await buffer.parkCursor('loki')
  await buffer.close()
  for (const at of [0, 8 * 1024 ** 2]) disk.flip('/data/cursors/es.cursor', at + 20)
  const clock = new FakeClock()
  const looking = survey(disk, '/data', clock)
  const { segments, cursors } = await whileTimePasses(looking, () => clock.advance(100))
  assert.deepEqual(segments[0]!.neededBy, ['es'])
  assert.deepEqual(
    cursors.map(({ sink, state }) => [sink, state]),
    [
      ['es', 'damaged'],
      ['loki', 'parked'],
    ],
  )
})
