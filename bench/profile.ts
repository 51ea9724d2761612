import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { formats } from './formats/formats.ts'
import { prepareInput, warm } from './inputs/input.ts'
import { BenchFloor } from './measuring/bench-floor.ts'
import { messageOf } from './measuring/failure.ts'
import { agentCommand } from './pipelines/agent-command.ts'
import { fillBuffer } from './pipelines/backlog.ts'
import { logferry } from './pipelines/logferry.ts'
import type { Job } from './pipelines/pipeline.ts'
import { MeasuredProcess, notedUsage, notingUsage } from './processes/measured-process.ts'
import { nodeProgram } from './processes/node-program.ts'
import { cpuProfileSamples, underCpuProfiler } from './profile/cpu-profile.ts'
import { hasPerf, perfSamples, underPerf } from './profile/perf.ts'
import { functionOf, roomOf } from './profile/rooms.ts'
import type { Sample } from './profile/sample.ts'
import { markdownTable } from './report/markdown-table.ts'
import { shipping } from './scenarios.ts'

/**
 * Where the agent's CPU goes in one scenario, all threads, by room and by function: with perf where it may be used, else
 * with V8's profiler.
 *   npm run profile -- [--scenario json-es] [--gb 0.3] [--node 24] [--functions 40] [--cpu-prof]
 */
const { values } = parseArgs({
  options: {
    scenario: { type: 'string', default: 'json-es' },
    gb: { type: 'string', default: '0.3' },
    node: { type: 'string', default: process.versions.node.split('.')[0]! },
    functions: { type: 'string', default: '40' },
    'cpu-prof': { type: 'boolean', default: false },
  },
})

const floor = new BenchFloor()
try {
  const scenario = shipping.find(({ name }) => name === values.scenario)
  if (!scenario) throw new Error(`there is no scenario "${values.scenario}": npm run bench -- --list`)
  const bytes = Number(values.gb) * 1e9 * (scenario.backlog ?? 1)
  const input = prepareInput({ format: formats[scenario.format], bytes, files: scenario.files ?? 1 })
  warm(input)
  const parts = { pipeline: logferry, scenario, input, node: nodeProgram(values.node) }
  const { result } = await floor.withJob(parts, (job) => profile(job))
  report(result, input.bytes)
} catch (error) {
  process.stderr.write(`profile: ${messageOf(error)}\n`)
  process.exitCode = 2
} finally {
  floor.close()
}

interface Profile {
  readonly samples: readonly Sample[]
  /** By the kernel's count; samples of a busy machine count too much. */
  readonly cpuSeconds: number
}

async function profile(job: Job): Promise<Profile> {
  if (job.scenario.backlog !== undefined) await fillBuffer(job)
  const command = notingUsage(agentCommand(job, { isOnce: true }))
  const folder = join(job.folder, 'profile')
  mkdirSync(folder)
  if (values['cpu-prof'] || !hasPerf()) {
    process.stdout.write(
      "By V8's profiler: wall time of the threads that run JavaScript, no CPU of others.\n\n",
    )
    await new MeasuredProcess(underCpuProfiler(command, folder)).ended()
    return { samples: cpuProfileSamples(folder), cpuSeconds: notedUsage(command).cpuSeconds }
  }
  const dataFile = join(folder, 'perf.data')
  await new MeasuredProcess(underPerf(command, dataFile)).ended()
  return { samples: await perfSamples(dataFile), cpuSeconds: notedUsage(command).cpuSeconds }
}

function report({ samples, cpuSeconds }: Profile, bytes: number): void {
  const gigabytes = bytes / 1e9
  process.stdout.write(
    `${values.scenario}, ${gigabytes.toFixed(2)} GB, Node ${values.node}: ${cpuSeconds.toFixed(2)} CPU s, start-up included\n\n`,
  )
  const show = (head: string, keyOf: (sample: Sample) => string, most = Infinity): void => {
    const rows = sharesOf(samples, keyOf).slice(0, most)
    const cells = rows.map(([key, share]) => [
      key,
      (share * 100).toFixed(1),
      ((share * cpuSeconds) / gigabytes).toFixed(2),
    ])
    process.stdout.write(`${markdownTable([head, '% of CPU', 's/GB'], cells)}\n`)
  }
  show('room', roomOf)
  show('thread', ({ thread }) => thread)
  show('function', functionOf, Number(values.functions))
}

/** Shares by key, the largest first. */
function sharesOf(samples: readonly Sample[], keyOf: (sample: Sample) => string): [string, number][] {
  const total = samples.reduce((sum, { seconds }) => sum + seconds, 0)
  const shares = new Map<string, number>()
  for (const sample of samples) {
    const key = keyOf(sample)
    shares.set(key, (shares.get(key) ?? 0) + sample.seconds / total)
  }
  return [...shares].sort(([, a], [, b]) => b - a)
}
