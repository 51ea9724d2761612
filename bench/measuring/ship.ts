import { formats } from '../formats/formats.ts'
import { prepareInput, warm } from '../inputs/input.ts'
import type { Input } from '../inputs/input.ts'
import type { Pipeline } from '../pipelines/pipeline.ts'
import type { TimedUsage } from '../processes/measured-process.ts'
import type { Scenario } from '../scenario.ts'
import type { BenchFloor } from './bench-floor.ts'
import { messageOf } from './failure.ts'

/** What one pipeline took to ship the input, run by run, or why there is no figure. */
export type Shipped = { readonly why: string } | ShippedRuns

export interface ShippedRuns {
  /** Of a run on an empty file: to be taken off. */
  readonly startUp: TimedUsage
  readonly runs: readonly TimedUsage[]
  /** The most bytes of bodies that each sink had open at once, added up. */
  readonly mostBytesInFlight: number
}

export interface ShipResult {
  readonly scenario: Scenario
  readonly bytes: number
  /** By the name of the pipeline. */
  readonly shipped: ReadonlyMap<string, Shipped>
}

export interface ShipOptions {
  readonly bytes: number
  readonly runs: number
  readonly node: string
  readonly pipelines: readonly Pipeline[]
}

/** Ships the scenario's input with each pipeline, in turns, so that all meet the same weather on a shared machine. */
export async function ship(floor: BenchFloor, scenario: Scenario, options: ShipOptions): Promise<ShipResult> {
  const format = formats[scenario.format]
  const bytes = options.bytes * (scenario.backlog ?? 1)
  const input = prepareInput({ format, bytes, files: scenario.files ?? 1 })
  warm(input)
  const rounds = options.pipelines.map(
    (pipeline) => new Rounds(floor, pipeline, { scenario, input, node: options.node }),
  )
  for (const round of rounds) await round.startUp()
  for (let run = 1; run <= options.runs; run++) {
    for (const round of rounds) await round.next(`${run}/${options.runs}`)
  }
  return {
    scenario,
    bytes: input.bytes,
    shipped: new Map(rounds.map((round) => [round.pipeline.name, round.result()])),
  }
}

interface RoundParts {
  readonly scenario: Scenario
  readonly input: Input
  readonly node: string
}

/** The runs of one pipeline. The first failure ends them: what loses lines or falls has no figure. */
class Rounds {
  readonly pipeline: Pipeline
  readonly #floor: BenchFloor
  readonly #parts: RoundParts
  readonly #runs: TimedUsage[] = []
  #startUp: TimedUsage | undefined
  #mostBytesInFlight = 0
  #why: string | undefined

  constructor(floor: BenchFloor, pipeline: Pipeline, parts: RoundParts) {
    this.#floor = floor
    this.pipeline = pipeline
    this.#parts = parts
    this.#why = pipeline.cannot(parts.scenario)
  }

  async startUp(): Promise<void> {
    const { backlog: _, ...scenario } = this.#parts.scenario
    const input = prepareInput({ format: formats[scenario.format], bytes: 0, files: 1 })
    await this.#unlessFailed('start-up', async () => {
      this.#startUp = await this.#ship({ ...this.#parts, scenario, input })
      return this.#startUp.cpuSeconds
    })
  }

  async next(run: string): Promise<void> {
    await this.#unlessFailed(run, async () => {
      const usage = await this.#ship(this.#parts)
      this.#runs.push(usage)
      return (usage.cpuSeconds - this.#startUp!.cpuSeconds) / (this.#parts.input.bytes / 1e9)
    })
  }

  result(): Shipped {
    if (this.#why !== undefined) return { why: this.#why }
    return { startUp: this.#startUp!, runs: this.#runs, mostBytesInFlight: this.#mostBytesInFlight }
  }

  async #ship(parts: RoundParts): Promise<TimedUsage> {
    const { pipeline } = this
    const { result, tallies } = await this.#floor.withJob({ ...parts, pipeline }, (job) => pipeline.ship(job))
    const inFlight = tallies.reduce((sum, tally) => sum + tally.mostBytesInFlight, 0)
    this.#mostBytesInFlight = Math.max(this.#mostBytesInFlight, inFlight)
    return result
  }

  async #unlessFailed(what: string, run: () => Promise<number>): Promise<void> {
    if (this.#why !== undefined) return
    const label = `${this.#parts.scenario.name} · ${this.pipeline.name} · ${what}`
    try {
      process.stderr.write(`${label}: ${(await run()).toFixed(2)} CPU s${what === 'start-up' ? '' : '/GB'}\n`)
    } catch (error) {
      this.#why = messageOf(error)
      process.stderr.write(`${label}: ${this.#why}\n`)
    }
  }
}
