import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import type { SendResult } from '../../src/core/outcome.ts'
import { harness, ledgerAddsUp, numbered } from '../delivery/harness.ts'
import type { Harness } from '../delivery/harness.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { mulberry32 } from '../support/fake-faults.ts'
import { FakeSink, accepted, unavailable } from '../support/fake-sink.ts'

const agents = 100
const maxInFlight = 4
const bucketMs = 100
/** How long the server takes for a request that it accepts. */
const serviceMs = 50
const outageMs = 600_000

/** One server for a hundred agents: counts requests by time, and those that it works on at once. */
class Server {
  readonly buckets: number[] = []
  /** When each agent was served first. */
  readonly served = new Map<number, number>()
  isDown = true
  inFlight = 0
  mostInFlight = 0
  readonly #clock: FakeClock
  readonly #refusal: SendResult

  constructor(clock: FakeClock, refusal: SendResult) {
    this.#clock = clock
    this.#refusal = refusal
  }

  answer(agent: number): SendResult | Promise<SendResult> {
    const bucket = Math.floor(this.#clock.monotonic() / bucketMs)
    this.buckets[bucket] = (this.buckets[bucket] ?? 0) + 1
    if (this.isDown) return this.#refusal
    if (!this.served.has(agent)) this.served.set(agent, bucket)
    this.inFlight += 1
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight)
    return new Promise((resolve) => {
      this.#clock.after(serviceMs, () => {
        this.inFlight -= 1
        resolve(accepted)
      })
    })
  }

  /** The most requests in 100 ms between two moments. */
  peak(fromMs: number, toMs: number): number {
    const part = this.buckets.slice(Math.ceil(fromMs / bucketMs), Math.floor(toMs / bucketMs))
    return part.reduce((most, count) => Math.max(most, count ?? 0), 0)
  }

  total(fromMs: number, toMs: number): number {
    const part = this.buckets.slice(Math.ceil(fromMs / bucketMs), Math.floor(toMs / bucketMs))
    return part.reduce((sum, count) => sum + (count ?? 0), 0)
  }
}

interface Fleet {
  readonly clock: FakeClock
  readonly server: Server
  readonly fleet: readonly Harness[]
  readonly isDone: () => boolean
}

/** A hundred deliveries that have each twenty batches, and a server that is down. */
function muster(context: TestContext, refusal: SendResult): Fleet {
  const clock = new FakeClock()
  const server = new Server(clock, refusal)
  const fleet = Array.from({ length: agents }, (_, index) => {
    const sink = new FakeSink({ answer: () => server.answer(index), limits: { maxEvents: 10 } })
    const parts = harness({
      sink,
      clock,
      random: mulberry32(1000 + index),
      config: { max_in_flight: maxInFlight },
    })
    for (let record = 0; record < 20; record += 1) parts.buffer.append(numbered(10))
    parts.delivery.start()
    return parts
  })
  context.after(async () => {
    await Promise.all(fleet.map(({ delivery }) => delivery.stop(AbortSignal.abort())))
  })
  return { clock, server, fleet, isDone: () => fleet.every(({ cursor }) => cursor.lag().events === 0) }
}

/** In steps, as timers that fall due have to be made before they can fire. */
async function pass(clock: FakeClock, ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += 1000) await clock.advance(Math.min(1000, ms - passed))
}

function assertWhole({ fleet }: Fleet): void {
  for (const parts of fleet) {
    assert.ok(ledgerAddsUp(parts))
    assert.equal(parts.cursor.settlements.length, 200)
  }
}

test('BACKOFF: a hundred agents lose their server at one moment: their tries come no closer than by chance, and once it is back they ramp up one by one until everything has arrived', async (context) => {
  const fleet = muster(context, unavailable)
  const { clock, server, isDone } = fleet
  await pass(clock, outageMs)
  // Ceilings of 30 s and full jitter: every agent tries each 15 s, 0.67 requests in 100 ms. Of Poisson numbers with that
  // mean one in 10^8 is above 9, and there are 4,800 of them here.
  const settledMs = 120_000
  const peak = server.peak(settledMs, outageMs)
  assert.ok(peak <= 9, `${peak} requests in 100 ms`)
  const mean = server.total(settledMs, outageMs) / ((outageMs - settledMs) / bucketMs)
  assert.ok(mean > 0.5 && mean < 0.85, `${mean} requests in 100 ms on average`)
  // The second try of all comes within half a second of the first: 20 in 100 ms by chance, deviation 4.
  const firstMs = server.buckets.findIndex((count) => (count ?? 0) > 0) * bucketMs
  const second = server.peak(firstMs + bucketMs, settledMs)
  assert.ok(second <= 45, `${second} requests in 100 ms`)
  context.diagnostic(
    `${server.peak(firstMs, firstMs + bucketMs)} as it went, then at most ${second}; after two minutes at most ${peak}, ${mean.toFixed(2)} on average`,
  )

  server.isDown = false
  const most = 31_000
  await pass(clock, most)
  assert.ok(isDone(), 'every agent has tried again within retry.max, and sent all that it had')
  assertWhole(fleet)
  // 3.3 agents come back in each second and each takes a third of one: by chance a dozen requests at once, never 400.
  assert.ok(server.mostInFlight <= 40, `${server.mostInFlight} requests at once`)
  // An agent in its ramp sends up to eight in 100 ms.
  const ramp = server.peak(outageMs, outageMs + most)
  assert.ok(ramp <= 80, `${ramp} requests in 100 ms`)
  const first = server.total(outageMs, outageMs + 1000)
  context.diagnostic(
    `${agents * 20} batches: ${first} requests in the first second, at most ${ramp} in 100 ms, at most ${server.mostInFlight} at once (a herd would be ${agents * maxInFlight})`,
  )
})

test('BACKOFF: all are told the same Retry-After: they wait for it, and come spread over retry.min', async (context) => {
  const fleet = muster(context, { ...unavailable, retryAfterMs: 60_000 })
  const { clock, server, isDone } = fleet
  await pass(clock, 59_000)
  const early = server.total(5_000, 59_000)
  assert.equal(early, 0, 'nobody comes before its time')
  server.isDown = false
  await pass(clock, 10_000)
  assert.ok(isDone())
  assertWhole(fleet)
  // Half a second for a hundred of them: 20 in 100 ms by chance, deviation 4. What each then sends is its own ramp.
  const arrivals = new Map<number, number>()
  for (const bucket of server.served.values()) arrivals.set(bucket, (arrivals.get(bucket) ?? 0) + 1)
  const most = Math.max(...arrivals.values())
  assert.ok(most <= 45, `${most} agents came back in 100 ms`)
  assert.ok(server.mostInFlight < agents * maxInFlight * 0.75, `${server.mostInFlight} requests at once`)
  context.diagnostic(
    `at most ${most} agents came back in 100 ms, with ${server.peak(59_000, 69_000)} requests, ${server.mostInFlight} at once`,
  )
})
