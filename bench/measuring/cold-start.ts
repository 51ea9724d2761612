import { formats } from '../formats/formats.ts'
import { prepareInput } from '../inputs/input.ts'
import type { Daemon } from '../pipelines/pipeline.ts'
import { MeasuredProcess } from '../processes/measured-process.ts'
import type { StartScenario } from '../scenario.ts'
import type { BenchFloor } from './bench-floor.ts'

export interface StartOptions {
  readonly pipeline: Daemon
  readonly node: string
  readonly runs: number
}

/**
 * For each run the milliseconds from the start of the process, with nothing in its data folder, to the moment when the first
 * request with an event began at the sink.
 */
export async function coldStart(
  floor: BenchFloor,
  scenario: StartScenario,
  { pipeline, node, runs }: StartOptions,
): Promise<number[]> {
  const input = prepareInput({ format: formats[scenario.format], bytes: 1, files: 1 })
  const times: number[] = []
  for (let run = 0; run < runs; run++) {
    const { result: startedAtMs, tallies } = await floor.withJob(
      { pipeline, scenario, input, node },
      async (job) => {
        const measured = new MeasuredProcess(pipeline.daemon(job))
        try {
          await measured.during(job.arrived())
          return measured.startedAtMs
        } finally {
          await measured.stop()
        }
      },
    )
    times.push(tallies[0]!.firstEventAtMs - startedAtMs)
  }
  return times
}
