import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { z } from 'zod'
import { until } from '../support/fake-clock.ts'
import { SpawnedAgent } from '../support/spawn-agent.ts'

const count = z.int().min(0)
const sinkRow = z.object({
  acknowledged: count,
  dead_lettered: count,
  dropped: z.record(z.string(), count),
  filtered: count,
  in_buffer: count,
})
const statusAnswer = z.object({
  files: z.array(z.object({ id: z.string(), path: z.string() })),
  sinks: z.record(z.string(), z.object({ state: z.string(), last_error: z.string().nullable() })),
  ledger: z.record(
    z.string(),
    z.object({
      read_events: count,
      lost_bytes: z.record(z.string(), count),
      sinks: z.record(z.string(), sinkRow),
    }),
  ),
})
const letter = z.looseObject({
  source: z.string(),
  reason: z.string(),
  status: z.number(),
  type: z.string(),
  text: z.string(),
  attempts: z.number(),
  origin: z.looseObject({ path: z.string(), from: z.number(), to: z.number() }),
  event: z.looseObject({ body: z.string() }),
})

export type Status = z.infer<typeof statusAnswer>
export type Row = z.infer<typeof sinkRow> & { readonly read_events: number }
export type Letter = z.infer<typeof letter>

/** A folder of its own with logs, a config and the agent as a process, all gone after the test. */
export class Rig {
  readonly folder = mkdtempSync(join(tmpdir(), 'logferry-real-test-'))
  readonly #agents: SpawnedAgent[] = []

  constructor(context: TestContext) {
    context.after(async () => {
      for (const agent of this.#agents) await agent.kill('SIGKILL')
      rmSync(this.folder, { recursive: true, force: true })
    })
  }

  /** A file of logs below the folder, with one newline after each line. */
  write(name: string, lines: readonly string[]): string {
    const path = join(this.folder, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, lines.map((line) => `${line}\n`).join(''), { flag: 'a' })
    return path
  }

  /** Writes a config (data_dir `data`, the admin port any free one, unless it says otherwise). */
  config(config: object, name = 'agent.config.json'): string {
    const path = join(this.folder, name)
    const whole = { data_dir: join(this.folder, 'data'), admin: { listen: '127.0.0.1:0' }, ...config }
    writeFileSync(path, JSON.stringify(whole))
    return path
  }

  /** `run --once`, to its end. */
  async once(config: string, args: readonly string[] = []): Promise<Once> {
    const agent = this.#spawn(['run', '-c', config, '--once', ...args])
    const { code } = await agent.exited
    return { code, stderr: agent.stderr, ledger: ledgerFrom(agent.stderr) }
  }

  /** Any other command, to its end. */
  async run(args: readonly string[]): Promise<{ code: number | null; stdout: string }> {
    const agent = this.#spawn(args)
    const { code } = await agent.exited
    return { code, stdout: agent.stdout }
  }

  /** The daemon, once it has said that it started. */
  async start(config: string): Promise<Daemon> {
    const agent = this.#spawn(['run', '-c', config])
    let adminUrl: string | undefined
    await until(() => {
      assert.equal(agent.child.exitCode, null, `the agent ended: ${agent.stderr}`)
      adminUrl = /"admin":"(http[^"]+)"[^\n]*"started"/.exec(agent.stderr)?.[1]
      return adminUrl !== undefined
    }, 'the agent says that it started')
    return new Daemon(agent, adminUrl!)
  }

  deadLetters(sink: string, dataDir = join(this.folder, 'data')): Letter[] {
    const folder = join(dataDir, 'dead_letters', sink)
    return readdirSync(folder)
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'))
      .filter((line) => line !== '')
      .map((line) => letter.parse(JSON.parse(line)))
  }

  #spawn(args: readonly string[]): SpawnedAgent {
    const agent = new SpawnedAgent(args)
    this.#agents.push(agent)
    return agent
  }
}

export interface Once {
  readonly code: number | null
  readonly stderr: string
  /** The printed table by `source/sink`; empty where all went well, as it is not printed then. */
  readonly ledger: ReadonlyMap<string, Row>
}

export class Daemon {
  readonly #agent: SpawnedAgent
  readonly adminUrl: string

  constructor(agent: SpawnedAgent, adminUrl: string) {
    this.#agent = agent
    this.adminUrl = adminUrl
  }

  get stderr(): string {
    return this.#agent.stderr
  }

  async status(): Promise<Status> {
    const status = statusAnswer.parse(await (await fetch(`${this.adminUrl}/status`)).json())
    for (const [name, row] of rowsOf(status)) assertAddsUp(name, row)
    return status
  }

  /** Until `events` were read and every sink has settled them; the ledger adds up in every answer on the way. */
  async settled(events: number, timeoutMs = 120_000): Promise<ReadonlyMap<string, Row>> {
    let rows = new Map<string, Row>()
    let errors = ''
    const isSettled = async (): Promise<boolean> => {
      const status = await this.status()
      rows = rowsOf(status)
      errors = JSON.stringify(status.sinks)
      const read = Object.values(status.ledger).reduce((sum, source) => sum + source.read_events, 0)
      await new Promise((resolve) => setTimeout(resolve, 200))
      return read >= events && [...rows.values()].every((row) => row.in_buffer === 0)
    }
    await until(isSettled, `${events} events are settled`, timeoutMs).catch((error: unknown) => {
      throw new Error(`${String(error)}: ${JSON.stringify([...rows])} ${errors}\n${this.stderr.slice(-3000)}`)
    })
    return rows
  }

  /** The sum of a metric over its label sets that hold `part`. */
  async metric(name: string, part = ''): Promise<number> {
    const text = await (await fetch(`${this.adminUrl}/metrics`)).text()
    const samples = text.split('\n').filter((line) => line.startsWith(`${name}{`) && line.includes(part))
    return samples.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
  }

  async stop(): Promise<void> {
    const { code } = await this.#agent.kill('SIGTERM')
    assert.equal(code, 0, this.stderr)
  }
}

function rowsOf(status: Status): Map<string, Row> {
  return new Map(
    Object.entries(status.ledger).flatMap(([source, { read_events, sinks }]) =>
      Object.entries(sinks).map(([sink, row]): [string, Row] => [
        `${source}/${sink}`,
        { read_events, ...row },
      ]),
    ),
  )
}

function assertAddsUp(name: string, row: Row): void {
  const dropped = Object.values(row.dropped).reduce((sum, one) => sum + one, 0)
  const settled = row.acknowledged + row.dead_lettered + dropped + row.filtered
  assert.equal(row.read_events, settled + row.in_buffer, `${name}: ${JSON.stringify(row)}`)
}

/** The table that `run --once` prints: columns stand two spaces apart at least. */
function ledgerFrom(stderr: string): ReadonlyMap<string, Row> {
  const lines = stderr.split('\n')
  const head = lines.findIndex((line) => /^source +sink +read /.test(line))
  const rows = new Map<string, Row>()
  for (const line of head < 0 ? [] : lines.slice(head + 1)) {
    const [source, sink, ...cells] = line.split(/ {2,}/)
    if (cells.length !== 6) break
    const [read, acknowledged, deadLettered, dropped, filtered, inBuffer] = cells
    const row = {
      read_events: Number(read),
      acknowledged: Number(acknowledged),
      dead_lettered: Number(deadLettered),
      dropped: droppedFrom(dropped!),
      filtered: Number(filtered),
      in_buffer: Number(inBuffer),
    }
    assertAddsUp(`${source}/${sink}`, row)
    rows.set(`${source}/${sink}`, row)
  }
  return rows
}

/** `5 (expired 2, buffer_full 3)`, or `0`. */
function droppedFrom(cell: string): Record<string, number> {
  return Object.fromEntries(
    [...cell.matchAll(/([a-z_]+) (\d+)/g)].map(([, reason, n]) => [reason!, Number(n)]),
  )
}

/** For comparing what comes in no order. */
export const sorted = <Item>(items: Iterable<Item>): Item[] =>
  [...items].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))

/** What became of all events of one source at one sink, where nothing is left. */
export function settledRow(counts: { acknowledged: number; dead?: number }): Row {
  const dead = counts.dead ?? 0
  return {
    read_events: counts.acknowledged + dead,
    acknowledged: counts.acknowledged,
    dead_lettered: dead,
    dropped: {},
    filtered: 0,
    in_buffer: 0,
  }
}
