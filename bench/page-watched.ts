import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Chromium, findChromium } from '../test/support/chromium.ts'
import { freePort } from '../test/support/free-port.ts'
import { formats } from './formats/formats.ts'
import { cacheFolder } from './inputs/cache-folder.ts'
import { prepareInput } from './inputs/input.ts'
import { agentCommand } from './pipelines/agent-command.ts'
import type { Job } from './pipelines/pipeline.ts'
import { MeasuredProcess } from './processes/measured-process.ts'
import { watchAsPage } from './processes/page-watcher.ts'
import { median } from './report/markdown-table.ts'
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

interface Running {
  readonly agent: MeasuredProcess
  readonly writer: Writer
  readonly url: string
}

interface Status {
  readonly files: readonly { readonly lag_bytes: number }[]
  readonly ledger: { readonly app: { readonly sinks: { readonly out0: { readonly acknowledged: number } } } }
}

type Watch = () => Promise<() => Promise<unknown>>

interface Turn {
  /** Lines a second. */
  readonly written: number
  readonly delivered: number
  /** Bytes that the agent had not read at the end. */
  readonly lagBytes: number
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
        const turn = await oneTurn({ agent, writer, url }, watch)
        turns.set(who, [...(turns.get(who) ?? []), turn])
        process.stderr.write(`${who}: ${textOf(turn)}\n`)
      }
    }
    return turns
  } finally {
    writer.stop()
    await agent.stop()
  }
}

async function oneTurn({ agent, writer, url }: Running, watch: Watch): Promise<Turn> {
  const leave = await watch()
  await caughtUp(url)
  const before = { ...agent.usage(), ...(await progressOf(url)), written: writer.written }
  await sleep(turnMs)
  const after = { ...agent.usage(), ...(await progressOf(url)), written: writer.written }
  await leave()
  const seconds = after.wallSeconds - before.wallSeconds
  const delivered = after.delivered - before.delivered
  return {
    written: (after.written - before.written) / seconds,
    delivered: delivered / seconds,
    lagBytes: after.lagBytes,
    cpuPerMillion: ((after.cpuSeconds - before.cpuSeconds) / delivered) * 1e6,
  }
}

/** What opening costs, and what was left from the turn before, is another matter. */
async function caughtUp(url: string): Promise<void> {
  for (let tries = 0; tries < 20; tries++) {
    await sleep(1000)
    if ((await progressOf(url)).lagBytes < 4 * 1024 ** 2) return
  }
}

async function progressOf(url: string): Promise<{ readonly delivered: number; readonly lagBytes: number }> {
  const { ledger, files }: Status = JSON.parse(await (await fetch(`${url}/status`)).text())
  const lagBytes = files.reduce((sum, file) => sum + file.lag_bytes, 0)
  return { delivered: ledger.app.sinks.out0.acknowledged, lagBytes }
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
  await page.focus('#token')
  await page.type(token)
  await page.press('Enter')
  await page.focus('#tail-where')
  await page.press('Enter')
  await page.seen(`document.querySelectorAll('.lines li').length > 100`)
  return () => chromium.close()
}

const textOf = ({ written, delivered, lagBytes, cpuPerMillion }: Turn): string =>
  `${written.toFixed(0)} lines/s written, ${delivered.toFixed(0)} delivered, ${(lagBytes / 1024 ** 2).toFixed(1)} MiB to read, ${cpuPerMillion.toFixed(3)} CPU s a million`

const scenario = { name: 'page', what: 'page', format: 'json', sinks: ['elasticsearch'] } as const
const folder = mkdtempSync(join(cacheFolder('runs'), 'page-'))
const sink = await SinkProcess.start()
try {
  const input = prepareInput({ format: formats.json, bytes: 20e6, files: 1 })
  const targets = [{ kind: 'elasticsearch', url: sink.url }] as const
  const arrived = (): Promise<void> => Promise.resolve()
  const job = { scenario, format: formats.json, input, targets, folder, node: process.execPath, arrived }
  const turns = await measure(job)
  const medianOf = (found: readonly Turn[], of: keyof Turn): number => median(found.map((turn) => turn[of]))
  const base = medianOf(turns.get('nobody')!, 'cpuPerMillion')
  for (const [who, found] of turns) {
    const [written, delivered] = [medianOf(found, 'written'), medianOf(found, 'delivered')]
    const [lagBytes, cpuPerMillion] = [medianOf(found, 'lagBytes'), medianOf(found, 'cpuPerMillion')]
    const text = textOf({ written, delivered, lagBytes, cpuPerMillion })
    process.stdout.write(`${who}: ${text}, ratio ${(cpuPerMillion / base).toFixed(3)}\n`)
  }
} finally {
  sink.stop()
  rmSync(folder, { recursive: true, force: true })
}
