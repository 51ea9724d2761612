import assert from 'node:assert/strict'
import { closeSync, copyFileSync, ftruncateSync, openSync, renameSync, unlinkSync, writeSync } from 'node:fs'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { Cancel, Clock } from '../../src/core/clock.ts'
import { until } from '../support/fake-clock.ts'
import { TailBench } from '../support/tail-bench.ts'
import { assertRuns } from '../support/model-runs.ts'
import { scaled } from '../torture/harness/scale.ts'

/**
 * A writer and a rotator do whatever they like to some files while the tailer runs, is stopped or killed. Every line is
 * unique; each must arrive exactly once, at its own offsets and in the order of its generation. Lines may be missing
 * only where nobody could have read them (removed before they were seen), or where they are counted as lost.
 */

type Operation =
  | { readonly kind: 'append'; readonly file: number; readonly lines: number; readonly isPartial: boolean }
  | {
      readonly kind: 'rename' | 'copytruncate' | 'truncate' | 'delete'
      readonly file: number
      readonly isCalm: boolean
    }
  | { readonly kind: 'late'; readonly lines: number }
  | { readonly kind: 'stop' | 'kill' | 'start' | 'block' | 'unblock' | 'age' }

interface Line {
  readonly from: number
  readonly to: number
  readonly generation: Written
}

/** What was written to a file between two truncations. */
interface Written {
  readonly order: string[]
  readonly fd: number
  size: number
  /** A line that was begun: it is finished before anything else is written to the file. */
  begun: string
  /** Makes its lines longer than those of the others: no two generations have the same size by chance. */
  readonly padding: number
  /** Nobody could be sure to read it: what is written to it even later need not come. */
  isExcused: boolean
}

/** Sweeps run in real time; nothing is ever quiet for five seconds unless a test says so. */
class StillClock implements Clock {
  #monotonicMs = 0
  readonly #waiting = new Set<{ atMs: number; callback: () => void }>()

  now(): number {
    return Date.now()
  }

  monotonic(): number {
    return this.#monotonicMs
  }

  after(delayMs: number, callback: () => void): Cancel {
    if (delayMs <= 100) {
      const timer = setTimeout(callback, delayMs)
      return () => clearTimeout(timer)
    }
    const waiting = { atMs: this.#monotonicMs + delayMs, callback }
    this.#waiting.add(waiting)
    return () => this.#waiting.delete(waiting)
  }

  age(ms: number): void {
    this.#monotonicMs += ms
    for (const waiting of this.#waiting)
      if (waiting.atMs <= this.#monotonicMs && this.#waiting.delete(waiting)) waiting.callback()
  }
}

class Model {
  readonly bench: TailBench
  readonly #clock = new StillClock()
  readonly #files = new Map<number, Written>()
  readonly #renamed: Written[] = []
  readonly #deleted: Written[] = []
  readonly #lines = new Map<string, Line>()
  /** Lines that nobody could be sure to read. */
  readonly #excused = new Set<string>()
  readonly #rotatedMatch: boolean
  #count = 0
  #padding = 0
  #isRunning = false
  #isBlocked = false

  constructor(rotatedMatch: boolean) {
    this.#rotatedMatch = rotatedMatch
    const include = rotatedMatch ? ['app*.log', 'app*.log.*'] : ['app*.log']
    this.bench = new TailBench(undefined, { include, clock: this.#clock, tuning: { sweepMs: 20 } })
  }

  async run(operation: Operation): Promise<void> {
    if (operation.kind === 'append') this.#append(operation.file, operation.lines, operation.isPartial)
    else if (operation.kind === 'late') this.#late(operation.lines)
    else if ('file' in operation) await this.#rotate(operation)
    else await this.#control(operation.kind)
  }

  async finish(): Promise<void> {
    await this.#control('unblock')
    await this.#control('start')
    for (const written of [...this.#files.values(), ...this.#renamed]) this.#end(written)
    const { bench } = this
    const { buffer } = bench
    const missing = (): string[] => {
      const seen = new Set(buffer.lines)
      return [...this.#lines.keys()].filter((line) => !seen.has(line) && !this.#excused.has(line))
    }
    await until(() => missing().length === 0, 'all lines came', 8000).catch((error: unknown) => {
      throw new Error(`missing: ${missing().slice(0, 5).join(', ')}; ${bench.warnings.join('; ')}`, {
        cause: error,
      })
    })
    await this.bench.runner.drain()
    this.#check()
  }

  async close(): Promise<void> {
    for (const { fd } of [...this.#files.values(), ...this.#renamed]) closeSync(fd)
    await this.bench.end()
  }

  #check(): void {
    const seen = new Set<string>()
    const furthest = new Map<string, number>()
    for (const { text, from, to, generation } of this.bench.buffer.events) {
      const line = this.#lines.get(text)
      if (!line) continue
      assert.ok(!seen.has(text), `${text} came twice`)
      seen.add(text)
      assert.deepEqual([from, to], [line.from, line.to], `where ${text} is`)
      assert.ok(from >= (furthest.get(generation) ?? 0), `${text} came in order`)
      furthest.set(generation, to)
    }
  }

  #append(file: number, lines: number, isPartial: boolean): void {
    const written = this.#files.get(file) ?? this.#create(file)
    this.#write(written, lines, isPartial)
  }

  #create(file: number): Written {
    const fd = openSync(this.#path(file), 'a')
    const written = { order: [], fd, size: 0, begun: '', isExcused: false, padding: this.#padding++ }
    this.#files.set(file, written)
    return written
  }

  #write(written: Written, lines: number, isPartial: boolean): void {
    this.#end(written)
    for (let index = 0; index < lines; index++)
      this.#line(written, `line ${this.#count++} ${'x'.repeat(index * 7 + written.padding)}`)
    if (!isPartial) return
    written.begun = `begun ${this.#count++}`
    writeSync(written.fd, written.begun)
  }

  #line(written: Written, text: string): void {
    writeSync(written.fd, `${text}\n`)
    this.#know(written, text)
  }

  #know(written: Written, text: string): void {
    const from = written.size
    written.size += text.length + 1
    written.order.push(text)
    this.#lines.set(text, { from, to: written.size, generation: written })
    if (written.isExcused) this.#excused.add(text)
  }

  #end(written: Written): void {
    if (written.begun === '') return
    writeSync(written.fd, '\n')
    this.#know(written, written.begun)
    written.begun = ''
  }

  #late(lines: number): void {
    const written = this.#renamed.at(-1)
    if (written) this.#write(written, lines, false)
  }

  async #rotate(operation: Extract<Operation, { file: number }> & { isCalm?: boolean }): Promise<void> {
    const written = this.#files.get(operation.file)
    if (!written || operation.kind === 'append') return
    const isCalm = (operation.isCalm ?? false) && (await this.#isKnown(operation.file, written))
    const path = this.#path(operation.file)
    if (operation.kind === 'rename') {
      if (!isCalm && !this.#rotatedMatch) this.#excuse(written)
      if (!this.#isRunning && !this.#rotatedMatch && !this.#hasBeenRead(written, 1)) return
      renameSync(path, this.bench.path(`app${operation.file}.log.${this.#count++}`))
      this.#renamed.push(written)
      this.#files.delete(operation.file)
    } else if (operation.kind === 'delete') {
      if (!isCalm || !this.#isRunning) this.#excuse(written)
      unlinkSync(path)
      closeSync(written.fd)
      this.#deleted.push(written)
      this.#files.delete(operation.file)
    } else this.#truncate(operation, written)
  }

  #truncate({ kind, file }: { kind: string; file: number }, written: Written): void {
    const path = this.#path(file)
    const isCopied = kind === 'copytruncate' && this.#hasBeenRead(written, 64)
    if (!isCopied) this.#excuse(written)
    if (isCopied) copyFileSync(path, this.bench.path(`app${file}.copy.${this.#count++}`))
    ftruncateSync(written.fd, 0)
    this.#files.set(file, {
      order: [],
      fd: written.fd,
      size: 0,
      begun: '',
      isExcused: false,
      padding: this.#padding++,
    })
  }

  /** Waits until the tailer has the file open and has seen all of it, as it has after a moment. */
  async #isKnown(file: number, written: Written): Promise<boolean> {
    if (!this.#isRunning) return false
    const size = written.size + written.begun.length
    const isSeen = (): boolean =>
      this.bench.runner
        .status()
        .some((row) => row.path === this.#path(file) && row.isOpen && row.size === size)
    // A truncation is noticed by reading, which stands still while the buffer is full.
    if (!this.#isBlocked) await until(isSeen, `${this.#path(file)} is known`, 8000)
    return isSeen()
  }

  /** Whether so many bytes of it are in the buffer: what identity rests on after a restart. */
  #hasBeenRead(written: Written, bytes: number): boolean {
    const seen = new Set(this.bench.buffer.lines)
    return written.order.some((line) => seen.has(line) && this.#lines.get(line)!.to >= bytes)
  }

  #excuse(written: Written): void {
    written.isExcused = true
    for (const line of written.order) this.#excused.add(line)
  }

  async #control(kind: string): Promise<void> {
    const { bench } = this
    if (kind === 'block' || kind === 'unblock') this.#isBlocked = kind === 'block'
    if (kind === 'block') bench.buffer.block()
    if (kind === 'unblock') bench.buffer.unblock()
    if (kind === 'age') await this.#age()
    if (kind === 'start' && !this.#isRunning) {
      this.#isRunning = true
      await bench.start()
    } else if ((kind === 'stop' || kind === 'kill') && this.#isRunning) {
      this.#isRunning = false
      this.#isBlocked = false
      this.#forgetHeld()
      if (kind === 'kill') bench.buffer.close()
      else bench.buffer.unblock()
      await bench.stop()
      bench.buffer.reopen()
    }
  }

  /** What only an open descriptor led to is gone with the process, and so is what no checkpoint speaks of. */
  #forgetHeld(): void {
    for (const written of this.#deleted) this.#excuse(written)
    if (!this.#rotatedMatch)
      for (const written of this.#renamed) if (!this.#hasBeenRead(written, 1)) this.#excuse(written)
  }

  /** Old times: unfinished lines would be sent, so there are none; deleted files leave. */
  async #age(): Promise<void> {
    for (const written of [...this.#files.values(), ...this.#renamed]) this.#end(written)
    await new Promise((resolve) => setTimeout(resolve, 30))
    this.#clock.age(6000)
  }

  #path(file: number): string {
    return this.bench.path(`app${file}.log`)
  }
}

const file = fc.nat({ max: 1 })
const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      file,
      lines: fc.oneof(fc.nat({ max: 6 }), fc.constant(30)),
      isPartial: fc.boolean(),
    }),
  },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constantFrom(
        'rename' as const,
        'copytruncate' as const,
        'truncate' as const,
        'delete' as const,
      ),
      file,
      isCalm: fc.boolean(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('late' as const), lines: fc.nat({ max: 3 }) }) },
  {
    weight: 5,
    arbitrary: fc
      .constantFrom('stop', 'kill', 'start', 'start', 'start', 'block', 'unblock', 'unblock', 'age')
      .map((kind) => ({ kind })),
  },
)

test('whatever is done to the files, each line comes once, in order and at its place', async (context) => {
  const runs = fc.tuple(fc.boolean(), fc.array(operation, { minLength: 5, maxLength: 30 }))
  await assertRuns(
    context,
    runs,
    async ([rotatedMatch, operations]) => {
      const model = new Model(rotatedMatch)
      try {
        await model.run({ kind: 'start' })
        for (const next of operations) await model.run(next)
        await model.finish()
        assert.deepEqual(model.bench.warnings, [])
      } finally {
        await model.close()
      }
    },
    {
      numRuns: scaled({ short: 60, full: 300, long: 4_000 }),
      endOnFailure: true,
    },
  )
})
