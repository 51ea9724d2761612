import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Outcome, SendResult } from '../../src/core/outcome.ts'
import { FakeBuffer } from '../support/fake-cursor.ts'
import { FakeClock } from '../support/fake-clock.ts'
import {
  FakeSink,
  acceptedItem,
  each,
  hang,
  lineOf,
  poison,
  refusedItem,
  reset,
  tooLarge,
  unavailable,
} from '../support/fake-sink.ts'
import type { SentRequest } from '../support/fake-sink.ts'
import { FakeDeadLetters, harness, ledgerAddsUp, never, systemError, turns } from '../delivery/harness.ts'
import type { Harness } from '../delivery/harness.ts'
import { assertRuns } from '../support/model-runs.ts'
import { scaled } from '../torture/harness/scale.ts'

/** What may happen, in any order. Numbers choose among what is possible then. */
type Step =
  | { readonly do: 'append'; readonly events: number }
  | { readonly do: 'advance'; readonly ms: number }
  | {
      readonly do:
        | 'flush'
        | 'save'
        | 'crash'
        | 'stop'
        | 'stop at once'
        | 'letters fail'
        | 'letters work'
        | 'skip'
    }

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('append' as const), events: fc.integer({ min: 1, max: 12 }) }),
  },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(4000) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        ...([
          'flush',
          'save',
          'crash',
          'stop',
          'stop at once',
          'letters fail',
          'letters work',
          'skip',
        ] as const),
      ),
    }),
  },
)

const scenario = fc.record({
  steps: fc.array(step, { minLength: 3, maxLength: 40 }),
  seed: fc.nat(),
  ordered: fc.boolean(),
  takesRuns: fc.boolean(),
  partitions: fc.integer({ min: 1, max: 4 }),
  maxEvents: fc.integer({ min: 1, max: 9 }),
  maxInFlight: fc.integer({ min: 1, max: 4 }),
})
type Scenario = typeof scenario extends fc.Arbitrary<infer Value> ? Value : never

/** Lines that the server refuses for good say so, wherever and whenever they come. */
const isRefused = (line: string): boolean => line.endsWith('R')

/** A server that fails in every way that a sink can tell, and keeps what it took; what outlives crashes of the agent. */
class World {
  readonly buffer = new FakeBuffer()
  readonly letters = new FakeDeadLetters()
  readonly stored: string[] = []
  readonly skipped = new Set<string>()
  isCalm = false
  #random: number
  #appended = 0

  constructor(seed: number) {
    this.#random = seed % 2147483646 || 1
  }

  /** From [0, 1), reproducible. */
  readonly random = (): number => {
    this.#random = (this.#random * 48271) % 2147483647
    return this.#random / 2147483648
  }

  append(events: number): void {
    const lines = Array.from({ length: events }, () => {
      this.#appended += 1
      return `${this.#appended}${this.random() < 0.15 ? 'R' : ''}`
    })
    this.buffer.append(lines, this.random() < 0.5 ? 'app' : 'web')
  }

  answer(request: SentRequest): SendResult | Promise<SendResult> {
    const fate = this.isCalm ? 1 : this.random()
    if (fate < 0.08) return unavailable
    if (fate < 0.12)
      return { kind: 'all', code: '403', outcome: { kind: 'hold', reason: 'forbidden', text: '' } }
    if (fate < 0.16) return reset
    if (fate < 0.2) {
      this.#store(request.lines)
      return reset
    }
    if (fate < 0.23) return hang()
    if (fate < 0.27 && request.lines.length > 1) return tooLarge
    if (fate < 0.33 && request.lines.some(isRefused)) return poison
    return each(request, (line) => this.#outcome(line, request))
  }

  #outcome(line: string, request: SentRequest): Outcome {
    if (isRefused(line)) return refusedItem
    const fate = this.isCalm ? 1 : this.random()
    if (fate < 0.1) return { kind: 'retry', reason: 'item_throttled' }
    if (fate < 0.13) return { kind: 'hold', reason: 'blocked', text: '' }
    if (fate < 0.16 && request.items[0]!.variant === 0) return { kind: 'reroute', variant: 1, reason: 'late' }
    this.#store([line])
    return acceptedItem
  }

  #store(lines: readonly string[]): void {
    this.stored.push(...lines.filter((line) => !isRefused(line)))
  }
}

/** One life of the agent's half that delivers. */
function start(world: World, scene: Scenario): Harness {
  const { ordered, takesRuns, partitions, maxEvents, maxInFlight } = scene
  const sink = new FakeSink({
    ordered,
    takesRuns,
    limits: { maxEvents, maxBytes: 40 },
    partition: (item) => `${item.event.from % partitions} ${item.variant}`,
    answer: (request) => world.answer(request),
  })
  const life = harness({
    sink,
    buffer: world.buffer,
    clock: new FakeClock(),
    deadLetters: world.letters,
    random: world.random,
    config: { max_in_flight: maxInFlight, timeout: 3000, retry: { min: 100, max: 2000 } },
  })
  life.delivery.start()
  return life
}

async function stop(life: Harness, withinMs: number): Promise<void> {
  const deadline = new AbortController()
  const stopped = life.delivery.stop(deadline.signal)
  if (withinMs > 0) await life.clock.advance(withinMs)
  deadline.abort()
  await stopped
  assert.equal(life.clock.pendingTimers, 0, 'a stop leaves no timer behind')
}

async function perform(action: Step, world: World, life: Harness): Promise<'go on' | 'restart'> {
  switch (action.do) {
    case 'append':
      world.append(action.events)
      break
    case 'advance':
      await life.clock.advance(action.ms)
      break
    case 'flush':
      life.delivery.flush()
      break
    case 'save':
      await life.cursor.save()
      break
    case 'crash':
      life.cursor.crash()
      return 'restart'
    case 'stop':
    case 'stop at once':
      await stop(life, action.do === 'stop' ? 2000 : 0)
      return 'restart'
    case 'letters fail':
      world.letters.fails = systemError('ENOSPC')
      break
    case 'letters work':
      world.letters.fails = undefined
      break
    case 'skip':
      for (const line of life.cursor.dropOldest(1)) world.skipped.add(line)
      // Drops are saved at once, or a crash would bring the dropped events back: that is the buffer's to do.
      await life.cursor.save()
      break
    default:
      action satisfies never
  }
  return 'go on'
}

async function live(world: World, given: Scenario): Promise<Harness> {
  let life = start(world, given)
  for (const action of given.steps) {
    const next = await perform(action, world, life)
    await turns(3)
    if (next === 'restart') life = start(world, given)
    await turns(3)
    assert.ok(ledgerAddsUp(life), 'the ledger adds up at every step')
  }
  world.isCalm = true
  world.letters.fails = undefined
  for (let round = 0; round < 60 && life.cursor.lag().events > 0; round++) {
    await turns(5)
    await life.clock.advance(1500)
  }
  await turns(5)
  return life
}

describe('delivery, whatever happens', () => {
  it('settles each event once in the end, loses none, and makes dead letters of the refused ones only', async (context) => {
    await assertRuns(
      context,
      scenario,
      async (given) => {
        const world = new World(given.seed)
        const life = await live(world, given)
        const { buffer, cursor } = life
        assert.equal(cursor.lag().events, 0, 'all is settled')
        assert.ok(ledgerAddsUp({ buffer, cursor }))
        const lines = buffer.events.map((event) => lineOf({ event, ...blank }))
        const stored = new Set(world.stored)
        const lost = lines.filter((line) => !isRefused(line) && !stored.has(line) && !world.skipped.has(line))
        assert.deepEqual(lost, [])
        const dead = new Set(world.letters.lines)
        const kept = lines.filter((line) => isRefused(line) && !world.skipped.has(line))
        assert.deepEqual(
          kept.filter((line) => !dead.has(line)),
          [],
          'every refused event is a dead letter',
        )
        assert.deepEqual(
          [...dead].filter((line) => !isRefused(line)),
          [],
          'no other event is',
        )
        assert.equal(await life.delivery.settled(never), true, 'and it knows')
        await stop(life, 0)
      },
      { numRuns: scaled({ short: 150, full: 1_500, long: 50_000 }) },
    )
  })
})

const blank = { attempts: 0, unanswered: false, variant: 0, firstRefusedMs: 0 }
