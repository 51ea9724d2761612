import { mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { formats } from '../formats/formats.ts'
import { cacheFolder } from '../inputs/cache-folder.ts'
import type { Input } from '../inputs/input.ts'
import type { Job, Pipeline } from '../pipelines/pipeline.ts'
import type { Scenario } from '../scenario.ts'
import { SinkProcess } from '../sink/sink-process.ts'
import type { Tally } from '../sink/tally.ts'

const askEachMs = 50
/** A pipeline that sends nothing for so long has lost what is missing. */
const patienceMs = 60_000
/** What a daemon gets to start in where there is nothing to wait for. */
const startMs = 1_000

export interface RunParts {
  readonly pipeline: Pipeline
  readonly scenario: Scenario
  readonly input: Input
  readonly node: string
}

/** Where pipelines run: counting sinks, and a folder on the disk for each run. */
export class BenchFloor {
  readonly #folder = mkdtempSync(join(cacheFolder('runs'), 'bench-'))
  readonly #sinks: SinkProcess[] = []

  /** Ctrl-C leaves no process and no folder behind either: what is measured ends when this process exits. */
  constructor() {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      process.once(signal, () => {
        this.close()
        process.exit(1)
      })
    }
  }

  /**
   * Lets `run` work on a job, its folder and its sinks empty; both are cleared afterwards. Resolves to what `run` returned and
   * what the sinks counted. Rejects if that is not each event of the input, once: nobody is measured who loses lines.
   */
  async withJob<Result>(
    { pipeline, scenario, input, node }: RunParts,
    run: (job: Job) => Promise<Result>,
  ): Promise<{ result: Result; tallies: readonly Tally[] }> {
    const format = formats[scenario.format]
    const sinks = await this.#sinksFor(scenario)
    const expected = pipeline.eventsOf(input, format)
    const folder = mkdtempSync(join(this.#folder, `${pipeline.name}-`))
    const targets = scenario.sinks.map((kind, index) => ({ kind, url: sinks[index]!.url }))
    const arrived = (events = expected): Promise<void> => this.#arrived(sinks, events)
    try {
      const result = await run({ scenario, format, input, targets, folder, node, arrived })
      const tallies = await Promise.all(sinks.map((sink) => sink.tally()))
      const wrong = tallies.find((tally) => tally.events !== expected)
      if (wrong) throw new Error(`a sink counted ${wrong.events} events of ${expected}`)
      return { result, tallies }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }

  close(): void {
    for (const sink of this.#sinks) sink.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  async #sinksFor({ sinks, answerAfterMs = 0 }: Scenario): Promise<readonly SinkProcess[]> {
    while (this.#sinks.length < sinks.length) this.#sinks.push(await SinkProcess.start())
    const used = this.#sinks.slice(0, sinks.length)
    await Promise.all(used.map((sink) => sink.forget(answerAfterMs)))
    return used
  }

  async #arrived(sinks: readonly SinkProcess[], expected: number): Promise<void> {
    if (expected === 0) return sleep(startMs)
    let last = -1
    let movedAt = performance.now()
    while (true) {
      const counts = await Promise.all(sinks.map(async (sink) => (await sink.tally()).events))
      if (counts.every((count) => count >= expected)) return
      const sum = counts.reduce((total, count) => total + count, 0)
      if (sum !== last) movedAt = performance.now()
      last = sum
      if (performance.now() - movedAt > patienceMs) {
        throw new Error(`after ${counts.join(', ')} of ${expected} events nothing came for a minute`)
      }
      await sleep(askEachMs)
    }
  }
}
