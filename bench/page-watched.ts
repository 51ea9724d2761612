import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Chromium, findChromium } from '../test/support/chromium.ts'
import { formats } from './formats/formats.ts'
import { cacheFolder } from './inputs/cache-folder.ts'
import { prepareInput } from './inputs/input.ts'
import { agentCommand } from './pipelines/agent-command.ts'
import type { Job } from './pipelines/pipeline.ts'
import { MeasuredProcess } from './processes/measured-process.ts'
import { watchAsPage } from './processes/page-watcher.ts'
import { SinkProcess } from './sink/sink-process.ts'

/**
 * `node out/bench/page-watched.js [LINES_A_SECOND] [ROUNDS]`: what the status page costs an agent that is busy. One agent
 * ships JSON lines to a counting sink, at this rate; nobody looks, then the page's questions and a live tail come from a
 * small client, with a filter and without, then from a page in Chromium where there is one, in turns of ten seconds. Prints
 * CPU seconds of the agent for a million lines, and the ratio to nobody.
 */
const rate = Number(process.argv[2] ?? 50_000)
const rounds = Number(process.argv[3] ?? 5)
const turnMs = 10_000
const tickMs = 20
const token = 'a-token-of-the-bench'

interface Status {
  readonly ledger: { readonly app: { readonly sinks: { readonly out0: { readonly acknowledged: number } } } }
}

type Watch = () => Promise<() => Promise<unknown>>

interface Turn {
  readonly linesPerSecond: number
  readonly cpuPerMillion: number
}

/** Lines over and over, so many a tick: behind what the clock asks for it catches up. */
class Writer {
  readonly #lines: readonly string[]
  readonly #path: string
  readonly #startedMs = performance.now()
  readonly #timer: NodeJS.Timeout
  written = 0

  constructor(path: string, lines: readonly string[]) {
    this.#path = path
    this.#lines = lines
    this.#timer = setInterval(() => this.#write(), tickMs)
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #write(): void {
    const due = Math.floor(((performance.now() - this.#startedMs) / 1000) * rate)
    const from = this.written % this.#lines.length
    const count = Math.min(due - this.written, this.#lines.length - from, rate)
    if (count <= 0) return
    appendFileSync(this.#path, `${this.#lines.slice(from, from + count).join('\n')}\n`)
    this.written += count
  }
}

async function measure(job: Job): Promise<Map<string, Turn[]>> {
  const logs = join(job.folder, 'logs')
  mkdirSync(logs)
  const [name = ''] = readdirSync(job.input.folder).filter((file) => file.endsWith('.log'))
  const lines = readFileSync(join(job.input.folder, name), 'utf8').trimEnd().split('\n')
  const adminPort = await freePort()
  const input = { ...job.input, folder: logs }
  const agent = new MeasuredProcess(
    agentCommand({ ...job, input }, { isOnce: false, adminPort, adminToken: token }),
  )
  const url = `http://127.0.0.1:${adminPort}`
  const writer = new Writer(join(logs, name), lines)
  const turns = new Map<string, Turn[]>()
  const watches = await watchesOf(url)
  try {
    await sleep(turnMs)
    for (let round = 0; round < rounds; round++) {
      for (const [who, watch] of Object.entries(watches)) {
        const turn = await oneTurn(agent, url, watch)
        turns.set(who, [...(turns.get(who) ?? []), turn])
        process.stderr.write(
          `${who}: ${turn.linesPerSecond.toFixed(0)} lines/s, ${turn.cpuPerMillion.toFixed(3)}\n`,
        )
      }
    }
    return turns
  } finally {
    writer.stop()
    await agent.stop()
  }
}

async function oneTurn(agent: MeasuredProcess, url: string, watch: Watch): Promise<Turn> {
  const leave = await watch()
  // What opening costs is another matter.
  await sleep(1000)
  const [before, linesBefore] = [agent.usage(), await acknowledged(url)]
  await sleep(turnMs)
  const [after, linesAfter] = [agent.usage(), await acknowledged(url)]
  await leave()
  const lines = linesAfter - linesBefore
  return {
    linesPerSecond: lines / (after.wallSeconds - before.wallSeconds),
    cpuPerMillion: ((after.cpuSeconds - before.cpuSeconds) / lines) * 1e6,
  }
}

async function acknowledged(url: string): Promise<number> {
  const { ledger }: Status = JSON.parse(await (await fetch(`${url}/status`)).text())
  return ledger.app.sinks.out0.acknowledged
}

async function watchesOf(url: string): Promise<Record<string, Watch>> {
  const nobody: Watch = () => Promise.resolve(() => Promise.resolve())
  const { path, why } = findChromium()
  const clients = {
    nobody,
    'page and tail': () => Promise.resolve(watchAsPage(url, { token, where: '' })),
    'page and filtered tail': () => Promise.resolve(watchAsPage(url, { token, where: "level == 'error'" })),
  }
  if (why !== false) return clients
  return { ...clients, 'page and tail in Chromium': () => inChromium(path, url) }
}

async function inChromium(path: string, url: string): Promise<() => Promise<unknown>> {
  const chromium = new Chromium(path)
  const page = await chromium.page(url)
  await sleep(1000)
  await page.evaluate(`document.querySelector('#token').focus()`)
  await page.type(token)
  await page.press('Enter')
  await sleep(1000)
  await page.evaluate(`document.querySelector('#tail-where').focus()`)
  await page.press('Enter')
  return () => chromium.close()
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

const scenario = { name: 'page', what: 'page', format: 'json', sinks: ['elasticsearch'] } as const
const folder = mkdtempSync(join(cacheFolder('runs'), 'page-'))
const sink = await SinkProcess.start()
try {
  const input = prepareInput({ format: formats.json, bytes: 20e6, files: 1 })
  const targets = [{ kind: 'elasticsearch', url: sink.url }] as const
  const arrived = (): Promise<void> => Promise.resolve()
  const job = { scenario, format: formats.json, input, targets, folder, node: process.execPath, arrived }
  const turns = await measure(job)
  const cpuOf = (found: readonly Turn[]): number => median(found.map(({ cpuPerMillion }) => cpuPerMillion))
  const base = cpuOf(turns.get('nobody')!)
  for (const [who, found] of turns) {
    const lines = median(found.map(({ linesPerSecond }) => linesPerSecond))
    const cpu = cpuOf(found)
    process.stdout.write(
      `${who}: ${lines.toFixed(0)} lines/s, ${cpu.toFixed(3)} CPU s a million lines, ratio ${(cpu / base).toFixed(3)}\n`,
    )
  }
} finally {
  sink.stop()
  rmSync(folder, { recursive: true, force: true })
}
