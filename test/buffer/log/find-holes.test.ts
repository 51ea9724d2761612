import assert from 'node:assert/strict'
import { test } from 'node:test'
import { silentLog } from '../../../src/core/log.ts'
import { findHoles } from '../../../src/buffer/log/find-holes.ts'
import { KnownGaps } from '../../../src/buffer/log/known-gaps.ts'
import { Segments } from '../../../src/buffer/log/segments.ts'
import { FakeTail, generationOf, openTestBuffer } from '../../support/disk-buffer.ts'
import { MemoryFileSystem } from '../../support/memory-file-system.ts'

test('a search in some segments finds no gap in those before, which it has not looked at', async () => {
  const disk = new MemoryFileSystem()
  const tail = new FakeTail()
  // Each start begins a segment, with the sequences 1 and 2, 3 and 4, 5 and 6.
  for (const lines of [
    ['a', 'b'],
    ['c', 'd'],
    ['e', 'f'],
  ]) {
    const { buffer } = await openTestBuffer(disk)
    for (const line of lines) await buffer.append(tail.chunk([line]))
    await buffer.close()
  }
  const fileSystem = disk.forProcess()
  const segments = await Segments.open({ directory: '/data/buffer', fileSystem, log: silentLog })
  const [first, second] = segments.list.map(({ number }) => number)
  assert.equal(segments.list.length, 3)
  const known = new KnownGaps()
  for (const [number, missing] of [
    [second!, { from: 3, to: 4 }],
    [first!, { from: 1, to: 2 }],
  ] as const) {
    const damage = { first: number, last: number, missing }
    const { holes, gaps } = await findHoles(segments, { ...damage, disk: fileSystem }, new Map())
    assert.deepEqual(gaps, [missing])
    assert.equal(holes[0]?.hole.generation, generationOf(1))
    known.add([number], gaps)
    assert.ok(known.has(damage))
  }
  // Another sink was not given this one: it has to be looked for.
  assert.ok(!known.has({ first: first!, last: first!, missing: { from: 2, to: 3 } }))
})
