import assert from 'node:assert/strict'
import { appendFileSync, renameSync, statSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Cancel, Clock } from '../../src/core/clock.ts'
import { multilineSchema } from '../../src/parsers/multiline/schema.ts'
import { laneWith } from '../lanes/lane-under-test.ts'
import { until } from '../support/fake-clock.ts'
import { TailBench } from '../support/tail-bench.ts'
import { assertRuns } from '../support/model-runs.ts'
import { scaled } from '../torture/harness/scale.ts'

/**
 * A writer appends events of several lines, in pieces, and rotates its file by renaming it, while the tailer runs, is
 * stopped or killed. With unlimited waiting each event arrives once and whole, whatever came between its lines; only where
 * nobody was there to see one file follow on the other, an event that goes on from one to the other comes in two.
 */
type Operation =
  | { readonly kind: 'event' | 'more' | 'torn'; readonly lines: number }
  | { readonly kind: 'rotate'; readonly isCalm: boolean }
  | { readonly kind: 'stop' | 'kill' | 'start' | 'block' | 'unblock' }

/** Sweeps run in real time, nothing ever falls due. */
const stillClock: Clock = {
  now: () => Date.UTC(2026, 0, 20),
  monotonic: () => 0,
  after(delayMs, callback): Cancel {
    if (delayMs > 100) return () => {}
    const timer = setTimeout(callback, delayMs)
    return () => clearTimeout(timer)
  },
}

class Model {
  readonly bench: TailBench
  readonly #events: string[] = []
  #size = 0
  #total = 0
  readonly #known = new Set<string>()
  /** The events at the ends of the files before, as they were then, back to the last file that was read in time. */
  #atRotations: string[] = []
  #isBlocked = false
  /** At a seam between two files that nobody had seen together: the event may come in two. */
  readonly #seams = new Set<string>()
  #rotations = 0
  #isRunning = false
  /** A line that was begun. */
  #begun = ''

  constructor() {
    const multiline = multilineSchema.parse({ start: '^event', max_wait: '1h' })
    this.bench = new TailBench(undefined, {
      include: ['app.log*'],
      clock: stillClock,
      tuning: { sweepMs: 20 },
      realLane: () => laneWith({ parse: 'none', multiline, clock: stillClock }),
    })
  }

  async run(operation: Operation): Promise<void> {
    const { kind } = operation
    const { buffer } = this.bench
    if ('lines' in operation) return this.#write(operation)
    if (kind === 'rotate') return this.#rotate(operation.isCalm)
    if (kind === 'block' || kind === 'unblock') {
      this.#isBlocked = kind === 'block'
      return kind === 'block' ? buffer.block() : buffer.unblock()
    }
    if (kind === 'start') {
      if (!this.#isRunning) await this.bench.start()
      this.#isRunning = true
    } else if (this.#isRunning) {
      // What follows on what is noted with the bytes that follow, and those may still wait for the buffer.
      if (!this.#isRead()) for (const event of this.#atRotations) this.#seams.add(event)
      this.#isRunning = false
      this.#isBlocked = false
      if (kind === 'kill') buffer.close()
      else buffer.unblock()
      await this.bench.stop()
      buffer.reopen()
    }
  }

  async finish(): Promise<void> {
    this.bench.buffer.unblock()
    await this.run({ kind: 'start' })
    this.#line('event last')
    const { buffer } = this.bench
    const read = (): number => buffer.checkpoints.reduce((sum, { offset }) => sum + offset, 0)
    await until(() => read() === this.#total, `${this.#total} bytes are read`, 8000)
    await this.bench.runner.drain()
    const parts = this.#events.flatMap((event) => this.#partsOf(event, new Set(buffer.lines)))
    assert.deepEqual(buffer.lines.toSorted(), parts.toSorted())
    const ids = buffer.events.map(({ generation, from, to }) => `${generation} ${from} ${to}`)
    assert.equal(new Set(ids).size, ids.length)
  }

  /** An event as it came: whole, or in parts that begin at seams. */
  #partsOf(event: string, seen: ReadonlySet<string>, start = 0): string[] {
    for (let end = event.length; end > start; end = event.lastIndexOf('\n', end - 1)) {
      const isEnd = end === event.length || this.#seams.has(event.slice(0, end))
      if (!isEnd || !seen.has(event.slice(start, end))) continue
      const rest = end < event.length ? this.#partsOf(event, seen, end + 1) : []
      return [event.slice(start, end), ...rest]
    }
    return [event.slice(start)]
  }

  #write({ kind, lines }: { readonly kind: string; readonly lines: number }): void {
    if (kind === 'event') this.#line(`event ${this.#events.length}`)
    for (let count = 0; count < lines && this.#events.length > 0; count++) this.#line(`  line ${count}`)
    if (kind !== 'torn' || this.#begun !== '' || this.#events.length === 0) return
    this.#begun = `  torn ${lines}`
    this.#append(this.#begun)
  }

  #line(line: string): void {
    if (this.#begun !== '') {
      this.#events.push(`${this.#events.pop()}\n${this.#begun}`)
      this.#append('\n')
      this.#begun = ''
    }
    if (line.startsWith('event')) this.#events.push(line)
    else this.#events.push(`${this.#events.pop()}\n${line}`)
    this.#append(`${line}\n`)
  }

  #append(text: string): void {
    this.#size += text.length
    this.#total += text.length
    appendFileSync(this.bench.path('app.log'), text)
  }

  /** All of the file that is written to now. */
  #isRead(): boolean {
    if (this.#size === 0) return false
    const { ino } = statSync(this.bench.path('app.log'))
    return this.bench.buffer.checkpoints.some(({ inode, offset }) => inode === ino && offset === this.#size)
  }

  /** Not one of those that were at the path before. */
  #isSeen(): boolean {
    const path = this.bench.path('app.log')
    const files = this.bench.runner.status()
    const isSeen = files.some((file) => file.path === path && !this.#known.has(file.id))
    if (isSeen) for (const { id } of files) this.#known.add(id)
    return isSeen
  }

  /** A line is never torn over two files: whoever rotates waits for it. */
  async #rotate(isCalm: boolean): Promise<void> {
    if (this.#begun !== '' || this.#size === 0) return
    const isWatched = this.#isRunning && !this.#isBlocked
    // A file that comes and goes before anybody looks is no link between the one before and the one after it.
    if (this.#isRunning) await until(() => this.#isSeen(), 'the file is seen', 8000)
    if (isCalm && isWatched) {
      await until(() => this.#isRead(), 'the file is read', 8000)
      this.#atRotations = []
    } else this.#seams.add(this.#events.at(-1)!)
    this.#atRotations.push(this.#events.at(-1)!)
    renameSync(this.bench.path('app.log'), this.bench.path(`app.log.${++this.#rotations}`))
    this.#size = 0
  }
}

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom('event' as const, 'more' as const, 'torn' as const),
      lines: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom('stop', 'kill', 'start', 'start', 'start', 'block', 'unblock', 'unblock')
      .map((kind) => ({ kind })),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('rotate' as const), isCalm: fc.boolean() }),
  },
)

test('an event of several lines comes once and whole over rotations, stops and kills', async (context) => {
  await assertRuns(
    context,
    fc.array(operation, { minLength: 5, maxLength: 25 }),
    async (operations) => {
      const model = new Model()
      try {
        await model.run({ kind: 'start' })
        for (const next of operations) await model.run(next)
        await model.finish()
        assert.deepEqual(model.bench.warnings, [])
      } finally {
        await model.bench.end()
      }
    },
    {
      numRuns: scaled({ short: 40, full: 200, long: 4_000 }),
      endOnFailure: true,
    },
  )
})
