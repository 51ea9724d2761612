import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writeSampleLines } from './sample-lines.ts'

/**
 * The general lane, file to acknowledged, disk buffer on with fsync each second, against the naive pipeline, in
 * interleaved runs of whole processes:
 *   npm run bench -- [--gb 1] [--runs 3] [--sinks elasticsearch,loki] [--nodes 20,24]
 *                    [--compression none|gzip]
 */
const out = dirname(fileURLToPath(import.meta.url))
const option = (name: string, fallback: string): string => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? fallback : process.argv[at + 1]!
}
const gigabytes = Number(option('gb', '1'))
const runs = Number(option('runs', '3'))
const sinks = option('sinks', 'elasticsearch,loki').split(',')
const nodes = option('nodes', '20,24').split(',')
/** Of bulk bodies, on both sides. Loki's are snappy from the agent and plain from the naive pipeline. */
const compression = option('compression', 'none')

interface Sample {
  readonly lines: number
  readonly bytes: number
}

interface Usage {
  readonly cpuSeconds: number
  readonly maxRssMiB: number
  readonly wallSeconds: number
}

const work = mkdtempSync(join(tmpdir(), 'logferry-bench-'))
const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!

/** The program of a Node major: this one, or the one that npm's package `node` carries. */
function nodeProgram(major: string): string {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath
  return execFileSync('npx', ['-y', '-p', `node@${major}`, 'node', '-p', 'process.execPath'], {
    encoding: 'utf8',
  }).trim()
}

function startSink(): Promise<{ child: ChildProcess; url: string }> {
  const child = spawn(process.execPath, [join(out, 'counting-sink.js')], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  return new Promise((resolve) => {
    child.stdout.once('data', (data: Buffer) =>
      resolve({ child, url: `http://127.0.0.1:${data.toString().trim()}` }),
    )
  })
}

function measure(program: string, args: readonly string[]): Promise<Usage> {
  const usageFile = join(work, 'usage.json')
  const startedAt = performance.now()
  const child = spawn(program, ['--import', join(out, 'usage.js'), ...args], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, BENCH_USAGE: usageFile },
  })
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => {
      const wallSeconds = (performance.now() - startedAt) / 1000
      if (code === 0) resolve({ ...JSON.parse(readFileSync(usageFile, 'utf8')), wallSeconds })
      else reject(new Error(`${args.join(' ')} ended with ${code}`))
    })
  })
}

function agentArgs(kind: string, url: string, file: string): string[] {
  const dataDir = join(work, 'agent')
  rmSync(dataDir, { recursive: true, force: true })
  mkdirSync(dataDir, { mode: 0o700 })
  const sink =
    kind === 'loki'
      ? { type: 'loki', url, labels: { job: 'bench' } }
      : { type: 'elasticsearch', nodes: [url], index: 'bench-%Y.%m.%d', compression }
  const config = {
    data_dir: dataDir,
    log: { level: 'warn' },
    sources: { app: { type: 'file', include: [file] } },
    sinks: { out: sink },
  }
  writeFileSync(join(work, 'agent.config.json'), JSON.stringify(config))
  return [join(out, '../src/main.js'), 'run', '-c', join(work, 'agent.config.json'), '--once']
}

/** Every run is of no worth unless all lines came; asking also sets the count back. */
async function counted(url: string, lines: number): Promise<void> {
  const { events }: { readonly events: number } = JSON.parse(await (await fetch(url)).text())
  if (events !== lines) throw new Error(`the sink counted ${events} events of ${lines}`)
}

async function compare(kind: string, major: string, file: string, sample: Sample): Promise<string> {
  const { bytes, lines } = sample
  const program = nodeProgram(major)
  const { child, url } = await startSink()
  const empty = join(work, 'empty.log')
  writeFileSync(empty, '')
  const startUp = await measure(program, agentArgs(kind, url, empty))
  const naiveStart = await measure(program, [join(out, 'naive.js'), empty, kind, url, compression])
  await counted(url, 0)
  const naive: Usage[] = []
  const agent: Usage[] = []
  for (let run = 0; run < runs; run++) {
    naive.push(await measure(program, [join(out, 'naive.js'), file, kind, url, compression]))
    await counted(url, lines)
    agent.push(await measure(program, agentArgs(kind, url, file)))
    await counted(url, lines)
  }
  child.stdin!.end()
  const perGb = (usages: readonly Usage[], apart: number): number =>
    median(usages.map((usage) => (usage.cpuSeconds - apart) / (bytes / 1e9)))
  const rate = (usages: readonly Usage[]): string =>
    (bytes / 1e6 / median(usages.map((usage) => usage.wallSeconds))).toFixed(0)
  const rss = (usages: readonly Usage[]): string =>
    Math.max(...usages.map((usage) => usage.maxRssMiB)).toFixed(0)
  const ours = perGb(agent, startUp.cpuSeconds)
  const theirs = perGb(naive, naiveStart.cpuSeconds)
  const cells = [
    kind,
    major,
    ours.toFixed(1),
    theirs.toFixed(1),
    (ours / theirs).toFixed(2),
    rate(agent),
    rate(naive),
  ]
  return `| ${[...cells, rss(agent), rss(naive), startUp.cpuSeconds.toFixed(2)].join(' | ')} |`
}

try {
  const file = join(work, 'app.log')
  const sample = writeSampleLines(file, gigabytes * 1e9)
  process.stdout.write(
    `${sample.lines} JSON lines, ${(sample.bytes / 1e9).toFixed(2)} GB, medians of ${runs} interleaved runs\n\n`,
  )
  process.stdout.write(
    '| sink | Node | agent CPU s/GB | naive CPU s/GB | ratio | agent MB/s | naive MB/s | agent RSS MiB | naive RSS MiB | start-up CPU s |\n',
  )
  process.stdout.write('|---|---|---|---|---|---|---|---|---|---|\n')
  for (const kind of sinks) {
    for (const major of nodes) process.stdout.write(`${await compare(kind, major, file, sample)}\n`)
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
