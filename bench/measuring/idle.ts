import { setTimeout as sleep } from 'node:timers/promises'
import { formats } from '../formats/formats.ts'
import { prepareInput } from '../inputs/input.ts'
import type { Daemon } from '../pipelines/pipeline.ts'
import { MeasuredProcess } from '../processes/measured-process.ts'
import { rssMiBOf } from '../processes/proc-usage.ts'
import type { IdleScenario } from '../scenario.ts'
import type { BenchFloor } from './bench-floor.ts'

/** After the last event: its files close, its garbage goes. */
const settleMs = 15_000

export interface IdleResult {
  /** From the start until the line of each file was sent. */
  readonly readySeconds: number
  /** Of one core. */
  readonly cpuPercent: number
  readonly rssMiB: number
  readonly peakRssMiB: number
}

export interface IdleOptions {
  readonly pipeline: Daemon
  readonly node: string
  /** How long it is watched. */
  readonly seconds: number
}

/** What a pipeline costs that has sent the one line of each file and waits for more. */
export async function idle(
  floor: BenchFloor,
  scenario: IdleScenario,
  { pipeline, node, seconds }: IdleOptions,
): Promise<IdleResult> {
  const format = formats[scenario.format]
  const input = prepareInput({ format, bytes: 1, files: scenario.files })
  const { result } = await floor.withJob({ pipeline, scenario, input, node }, async (job) => {
    const measured = new MeasuredProcess(pipeline.daemon(job))
    try {
      await measured.during(job.arrived())
      const readySeconds = measured.usage().wallSeconds
      await sleep(settleMs)
      const before = measured.usage()
      await sleep(seconds * 1000)
      const after = measured.usage()
      const cpuSeconds = after.cpuSeconds - before.cpuSeconds
      return {
        readySeconds,
        cpuPercent: (cpuSeconds / (after.wallSeconds - before.wallSeconds)) * 100,
        rssMiB: rssMiBOf(measured.pid),
        peakRssMiB: after.peakRssMiB,
      }
    } finally {
      await measured.stop()
    }
  })
  return result
}
