import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { spawnSync } from 'node:child_process'
import { formats } from './formats/formats.ts'
import type { FormatName } from './formats/formats.ts'
import { prepareInput, warm } from './inputs/input.ts'
import { BenchFloor } from './measuring/bench-floor.ts'
import { fillBuffer } from './pipelines/backlog.ts'
import { logferry } from './pipelines/logferry.ts'
import type { Job } from './pipelines/pipeline.ts'
import type { TimedUsage } from './processes/measured-process.ts'
import { markdownTable, median } from './report/markdown-table.ts'
import type { Scenario, SinkKind } from './scenario.ts'

/**
 * What a thread for reading would bring and cost:
 *   npm run compile && node out/bench/threads.js [GB] [ROUNDS]
 * The halves meet at the disk buffer only, so each is run by itself: files to buffer, with the sink away, and buffer to
 * sink. The longer of the two is the best that two threads can do; the sum of their CPU, each with a start of its own, is
 * the most that they would take. Then what a second thread takes that has loaded what the reader needs and does nothing.
 */
const [gigabytes = 0.5, rounds = 3] = process.argv.slice(2).map(Number)

/** A buffer that holds all of the input. */
const backlog = 1

interface Halves {
  readonly together: TimedUsage[]
  readonly reading: TimedUsage[]
  readonly sending: TimedUsage[]
}

async function run(floor: BenchFloor, format: FormatName, sink: SinkKind): Promise<string[]> {
  const input = prepareInput({ format: formats[format], bytes: gigabytes * 1e9, files: 1 })
  warm(input)
  const scenario: Scenario = { name: format, what: '', format, sinks: [sink] }
  const parts = { pipeline: logferry, input, node: process.execPath }
  const halves: Halves = { together: [], reading: [], sending: [] }
  const inHalves = async (job: Job): Promise<void> => {
    halves.reading.push(await fillBuffer(job))
    halves.sending.push(await logferry.ship({ ...job, scenario }))
  }
  for (let round = 0; round < rounds; round++) {
    const whole = await floor.withJob({ ...parts, scenario }, (job) => logferry.ship(job))
    halves.together.push(whole.result)
    await floor.withJob({ ...parts, scenario: { ...scenario, backlog } }, inHalves)
  }
  const figures = Object.values<TimedUsage[]>({ ...halves }).map(
    (usages) =>
      `${median(usages.map(({ cpuSeconds }) => cpuSeconds)).toFixed(2)} · ` +
      median(usages.map(({ wallSeconds }) => wallSeconds)).toFixed(2),
  )
  return [`${format} → ${sink}`, ...figures]
}

interface Loaded {
  readonly cpuSeconds: number
  readonly rssMiB: number
}

function loaded(...args: string[]): Loaded {
  const program = fileURLToPath(new URL('processes/second-thread.js', import.meta.url))
  const { stdout, status, stderr } = spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(stderr)
  return JSON.parse(stdout)
}

const head = ['', 'in one thread', 'reading alone', 'sending alone']
const floor = new BenchFloor()
try {
  const rows = [
    await run(floor, 'json', 'elasticsearch'),
    await run(floor, 'cri', 'loki'),
    await run(floor, 'nginx', 'elasticsearch'),
  ]
  const load = readFileSync('/proc/loadavg', 'utf8').split(' ')[0]
  process.stdout.write(
    `${gigabytes} GB, medians of ${rounds} rounds in turns, CPU s · wall s, start-up included, load ${load}\n\n`,
  )
  process.stdout.write(`${markdownTable(head, rows)}\n`)
  const pairs = Array.from({ length: rounds }, () => [loaded(), loaded('worker')] as const)
  const more = (value: (of: Loaded) => number): number =>
    median(pairs.map(([one, two]) => value(two) - value(one)))
  process.stdout.write(
    `\na second thread that has loaded the reader: ${more(({ cpuSeconds }) => cpuSeconds).toFixed(2)} CPU s, ` +
      `${more(({ rssMiB }) => rssMiB).toFixed(0)} MiB\n`,
  )
} finally {
  floor.close()
}
