import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { DiskBuffer } from '../../src/buffer/disk-buffer.ts'
import type { SendResult } from '../../src/core/outcome.ts'
import { openTestBuffer } from '../support/disk-buffer.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { mulberry32 } from '../support/fake-faults.ts'
import {
  accepted,
  acceptedItem,
  each,
  hang,
  poison,
  refusedItem,
  reset,
  retryItem,
  tooLarge,
} from '../support/fake-sink.ts'
import { unavailable } from '../support/fake-sink.ts'
import type { SentRequest } from '../support/fake-sink.ts'
import { MemoryFileSystem } from '../support/memory-file-system.ts'
import { Lines, SinkLife, WatchedSlabs, isRefused } from '../support/used-again-rig.ts'
import type { ReadingSink, SinkPlan } from '../support/used-again-rig.ts'
import { assertRuns } from '../support/model-runs.ts'
import { scaled } from '../torture/harness/scale.ts'

/** A server that fails in every way, and one that never does; both read the events whenever a sink may. */
class World {
  isCalm = false
  readonly random: () => number
  readonly clock = new FakeClock()

  constructor(seed: number) {
    this.random = mulberry32(seed)
  }

  readonly answer = (request: SentRequest, sink: ReadingSink): SendResult | Promise<SendResult> => {
    const fate = this.isCalm ? 1 : this.random()
    if (fate < 0.06) return unavailable
    if (fate < 0.12) return reset
    if (fate < 0.16) return hang()
    if (fate < 0.24) return this.#late(request, sink)
    if (fate < 0.3 && request.items.length > 1) return tooLarge
    if (fate < 0.36 && request.lines.some(isRefused)) return poison
    return this.#each(request, sink)
  }

  readonly well = (request: SentRequest, sink: ReadingSink): SendResult => {
    if (request.lines.some(isRefused)) return this.#each(request, sink, true)
    sink.store(request.items)
    return accepted
  }

  #each(request: SentRequest, sink: ReadingSink, isWell = this.isCalm): SendResult {
    return each(request, (line, index) => {
      if (isRefused(line)) return refusedItem
      if (!isWell && this.random() < 0.2) return retryItem
      sink.store([request.items[index]!])
      return acceptedItem
    })
  }

  /** The answer comes before the deadline, or long after it, when nobody waits for it any more. */
  async #late(request: SentRequest, sink: ReadingSink): Promise<SendResult> {
    const delayMs = this.random() < 0.5 ? 900 : 1500
    await new Promise<void>((resolve) => this.clock.after(delayMs, resolve))
    return delayMs > 1000 ? reset : this.#each(request, sink)
  }
}

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('append' as const),
      file: fc.nat(2),
      lengths: fc.array(fc.constantFrom(10, 1000, 90_000, 240_000), { minLength: 1, maxLength: 6 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(10, 300, 1600) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('flush' as const, 'reload' as const, 'reload at once' as const, 'letters' as const),
      sink: fc.nat(2),
    }),
  },
)

const scenario = fc.record({
  seed: fc.nat(),
  whenFull: fc.constantFrom('block' as const, 'drop_oldest' as const),
  steps: fc.array(step, { minLength: 20, maxLength: 90 }),
})

const plansOf = (world: World, whenFull: SinkPlan['whenFull']): SinkPlan[] => [
  { name: 'well', whenFull, options: { takesRuns: true, limits: { maxBytes: 400_000 } }, answer: world.well },
  {
    name: 'ill',
    whenFull,
    options: { takesRuns: true, limits: { maxBytes: 300_000, maxEvents: 7 } },
    answer: world.answer,
  },
  {
    name: 'ordered',
    whenFull,
    options: { ordered: true, partition: ({ event }) => event.record.generation, limits: { maxEvents: 5 } },
    answer: world.answer,
  },
]

async function settle(world: World, lives: readonly SinkLife[], appends: Promise<void>): Promise<void> {
  world.isCalm = true
  for (const life of lives) life.letters.fails = undefined
  let isAppended = false
  void appends.then(() => (isAppended = true))
  for (let rounds = 0; rounds < 200; rounds++) {
    await world.clock.advance(1000)
    if (isAppended && lives.every(({ cursor }) => cursor.lag().events === 0)) return
  }
  assert.fail('something is never settled')
}

/** At once, or with a second to settle what is in flight. */
async function reload(
  life: SinkLife,
  buffer: DiskBuffer,
  clock: FakeClock,
  isAtOnce: boolean,
): Promise<void> {
  const deadline = new AbortController()
  if (isAtOnce) deadline.abort()
  const stopped = life.stop(deadline.signal)
  for (let rounds = 0; rounds < 12; rounds++) await clock.advance(100)
  deadline.abort()
  for (let rounds = 0; rounds < 12; rounds++) await clock.advance(100)
  await stopped
  await life.start(buffer)
}

test('what is released is overwritten, and no sink ever sees it: faults, late answers, reloads, drop_oldest, backlogs', async (context) => {
  await assertRuns(
    context,
    scenario,
    async ({ seed, whenFull, steps }) => {
      const world = new World(seed)
      const slabs = new WatchedSlabs()
      const sinks = ['well', 'ill', 'ordered'].map((name) => ({ name, whenFull }))
      const { buffer } = await openTestBuffer(new MemoryFileSystem(), {
        slabs,
        sinks,
        clock: world.clock,
        maxBytes: 12 * 1024 ** 2,
      })
      const lines = new Lines()
      const lives = plansOf(world, whenFull).map((plan) => new SinkLife(plan, lines, world))
      for (const life of lives) await life.start(buffer)
      let appends = Promise.resolve()
      for (const one of steps) {
        if (one.do === 'append') appends = appends.then(() => lines.append(buffer, one.file, one.lengths))
        else if (one.do === 'advance') await world.clock.advance(one.ms)
        else {
          const life = lives[one.sink]!
          if (one.do === 'flush') life.delivery.flush()
          else if (one.do === 'letters')
            life.letters.fails = life.letters.fails ? undefined : new Error('full')
          else await reload(life, buffer, world.clock, one.do === 'reload at once')
        }
      }
      await settle(world, lives, appends)
      assert.deepEqual(lines.wrong, [])
      for (const { sink, letters, mistakes } of lives) {
        assert.deepEqual(mistakes, [])
        for (const line of letters.lines) assert.ok(lines.lines.has(line), line.slice(0, 200))
        if (whenFull === 'block') assert.equal(sink.got.size + letters.letters.size, lines.documents.size)
      }
      await Promise.all(lives.map((life) => life.stop(AbortSignal.abort())))
      await buffer.close()
    },
    { numRuns: scaled({ short: 15, full: 60, long: 1_500 }) },
  )
})

test('memory comes back: after refusals, halves, retries and dead letters no more of it is asked for', async () => {
  const world = new World(7)
  const slabs = new WatchedSlabs()
  const sinks = ['well', 'ill', 'ordered'].map((name) => ({ name, whenFull: 'block' as const }))
  const { buffer } = await openTestBuffer(new MemoryFileSystem(), { slabs, sinks, clock: world.clock })
  const lines = new Lines()
  const lives = plansOf(world, 'block').map((plan) => new SinkLife(plan, lines, world))
  for (const life of lives) await life.start(buffer)
  const round = async (): Promise<void> => {
    world.isCalm = false
    for (let index = 0; index < 4; index++) {
      await lines.append(buffer, index % 2, [200_000, 200_000, 90_000, 1000, 10])
      await world.clock.advance(400)
    }
    await settle(world, lives, Promise.resolve())
  }
  for (let rounds = 0; rounds < 10; rounds++) await round()
  const before = slabs.seen.size
  for (let rounds = 0; rounds < 20; rounds++) await round()
  assert.ok(slabs.seen.size <= before + 2, `${slabs.seen.size} slabs, ${before} of them at first`)
  assert.deepEqual(lines.wrong, [])
  await Promise.all(lives.map((life) => life.stop(AbortSignal.abort())))
  await buffer.close()
})
