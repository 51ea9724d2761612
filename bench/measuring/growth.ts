import { appendFileSync, readFileSync, readdirSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises'
import { formats } from '../formats/formats.ts'
import { prepareInput } from '../inputs/input.ts'
import type { Input } from '../inputs/input.ts'
import type { Daemon, Job } from '../pipelines/pipeline.ts'
import { MeasuredProcess } from '../processes/measured-process.ts'
import type { GrowthScenario } from '../scenario.ts'
import type { BenchFloor } from './bench-floor.ts'

/** After the first lines: their checkpoints are synced, what was hot for them has cooled. */
const settleMs = 15_000
/** So many files are written to before our own sockets get a look: the sinks close those that are not heard. */
const sliceFiles = 100

export interface GrowthResult {
  /** From before the first line was appended until the last one was at the sink. */
  readonly cpuSeconds: number
  readonly wallSeconds: number
}

export interface GrowthOptions {
  readonly pipeline: Daemon
  readonly node: string
  readonly runs: number
}

/** For each run, what one more line in each of its files costs a pipeline that has read them all. */
export async function growth(
  floor: BenchFloor,
  scenario: GrowthScenario,
  { pipeline, node, runs }: GrowthOptions,
): Promise<GrowthResult[]> {
  const firstLines = prepareInput({ format: formats[scenario.format], bytes: 1, files: scenario.files })
  // The first lines, and as many again.
  const input = { ...firstLines, events: firstLines.events * 2, lines: firstLines.lines * 2 }
  const results: GrowthResult[] = []
  for (let run = 0; run < runs; run++) {
    const parts = { pipeline, scenario, input, node }
    const { result } = await floor.withJob(parts, (job) => grow(job, pipeline, firstLines))
    results.push(result)
  }
  return results
}

async function grow(job: Job, pipeline: Daemon, firstLines: Input): Promise<GrowthResult> {
  const files = await copyOf(firstLines, join(job.folder, 'logs'))
  const input = { ...job.input, folder: join(job.folder, 'logs') }
  const measured = new MeasuredProcess(pipeline.daemon({ ...job, input }))
  try {
    await measured.during(job.arrived(firstLines.events))
    await sleep(settleMs)
    const before = measured.usage()
    await measured.during(appendTo(files))
    await measured.during(job.arrived())
    const after = measured.usage()
    return {
      cpuSeconds: after.cpuSeconds - before.cpuSeconds,
      wallSeconds: after.wallSeconds - before.wallSeconds,
    }
  } finally {
    await measured.stop()
  }
}

interface Growing {
  readonly path: string
  readonly line: Buffer
}

async function appendTo(files: readonly Growing[]): Promise<void> {
  for (const [index, { path, line }] of files.entries()) {
    if (index % sliceFiles === 0) await turn()
    appendFileSync(path, line)
  }
}

/** The files, to write to, and what is appended to each: its first line once more. */
async function copyOf(input: Input, folder: string): Promise<Growing[]> {
  await cp(input.folder, folder, { recursive: true })
  const names = readdirSync(folder).filter((name) => name.endsWith('.log'))
  return names.map((name) => ({ path: join(folder, name), line: readFileSync(join(folder, name)) }))
}
