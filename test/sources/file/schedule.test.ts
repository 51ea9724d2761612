import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Access } from '../../../src/sources/file/access.ts'
import { PathFilter } from '../../../src/sources/file/discovery/glob.ts'
import { nodeFileSystem } from '../../../src/platform/node-file-system.ts'
import { FakeLane } from '../../support/fake-lane.ts'
import { Generation, startOfFile, type FileSourceState } from '../../../src/sources/file/generation.ts'
import { Schedule } from '../../../src/sources/file/schedule.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const place = { path: '/a', device: 1, inode: 1, position: startOfFile, nowMs: 0 }
const source: FileSourceState = {
  name: 'app',
  lane: new FakeLane(),
  filter: new PathFilter(['/*'], []),
  access: new Access(nodeFileSystem, ['/'], []),
  maxLineBytes: 1000,
  ignoreOlderMs: null,
  startAtEnd: false,
  asksContainers: false,
  isFirstRun: true,
}
const generation = (id: string): Generation => new Generation(source, { id, ...place })

test('turns go round: a file that always has more comes after all that wait', () => {
  const schedule = new Schedule(new FakeClock())
  const [busy, one, two] = ['busy', 'one', 'two'].map(generation)
  for (const next of [busy, one, two]) schedule.soon(next!)
  const order: string[] = []
  for (let turn = 0; turn < 4; turn++) {
    const next = schedule.next()!
    order.push(next.id)
    if (next === busy) schedule.soon(next)
  }
  assert.deepEqual(order, ['busy', 'one', 'two', 'busy'])
})

test('what is due later comes when its time has passed, the earliest first', async () => {
  const clock = new FakeClock()
  const schedule = new Schedule(clock)
  const [late, early] = ['late', 'early'].map(generation)
  late!.dueAtMs = 5000
  early!.dueAtMs = 1000
  schedule.later(late!)
  schedule.later(early!)
  await clock.advance(999)
  assert.equal(schedule.next(), undefined)
  await clock.advance(1)
  assert.equal(schedule.next(), early)
  await clock.advance(4000)
  assert.equal(schedule.next(), late)
})

test('a wake that comes before the wait is not lost', async () => {
  const schedule = new Schedule(new FakeClock())
  schedule.stop()
  await schedule.wait()
})
