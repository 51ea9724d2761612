import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TestContext } from 'node:test'
import { FakeElasticsearch } from './fake-elasticsearch.ts'
import { until } from './fake-clock.ts'
import { mountTmpfs, unmount } from './mount.ts'
import { SpawnedAgent } from './spawn-agent.ts'
import type { SpawnOptions } from './spawn-agent.ts'

type Section = Record<string, unknown>

/** What a test asks of `/status`. */
export interface Status {
  readonly files: readonly { readonly path: string; readonly offset: number; readonly lag_bytes: number }[]
  readonly buffer: { readonly bytes: number; readonly max_bytes: number; readonly state: string }
  readonly sinks: Readonly<
    Record<
      string,
      { readonly state: string; readonly lag_events: number; readonly last_error: string | null }
    >
  >
  readonly ledger: Readonly<Record<string, SourceRow>>
}

export interface SourceRow {
  readonly read_bytes: number
  readonly read_events: number
  readonly lost_bytes: Readonly<Record<string, number>>
  readonly sinks: Readonly<Record<string, SinkRow>>
}

export interface SinkRow {
  readonly acknowledged: number
  readonly dead_lettered: number
  readonly dropped: Readonly<Record<string, number>>
  readonly filtered: number
  readonly in_buffer: number
}

export interface HttpAnswer {
  readonly status: number
  readonly body: string
}

export const sum = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((total, count) => total + count, 0)

/** Read equals settled and waiting, each of them a count. */
export function assertAddsUp(status: Status): void {
  for (const [source, row] of Object.entries(status.ledger)) {
    for (const [sink, { acknowledged, dead_lettered, dropped, filtered, in_buffer }] of Object.entries(
      row.sinks,
    )) {
      const parts = [acknowledged, dead_lettered, sum(dropped), filtered, in_buffer]
      assert.ok(
        parts.every((part) => Number.isSafeInteger(part) && part >= 0),
        `${source} at ${sink}: ${parts.join(' ')}`,
      )
      assert.equal(
        parts.reduce((total, part) => total + part, 0),
        row.read_events,
        `${source} at ${sink}: ${parts.join(' + ')}`,
      )
    }
  }
}

/**
 * The built agent as a process, a fake Elasticsearch, a folder of logs and a config that tests rewrite. Everything that
 * it started ends with the test.
 */
export class AgentRig {
  readonly folder = mkdtempSync(join(tmpdir(), 'logferry-e2e-'))
  readonly logs = join(this.folder, 'logs')
  readonly elasticsearch = new FakeElasticsearch()
  dataDir = join(this.folder, 'data')
  config: Section = {}
  readonly #agents: SpawnedAgent[] = []
  #port = 0
  #written = 0
  #isMounted = false

  static async open(context: TestContext, parts: Section = {}): Promise<AgentRig> {
    const rig = new AgentRig()
    context.after(() => rig.close())
    mkdirSync(rig.logs)
    await rig.sinkUp()
    rig.config = { ...rig.#defaults(), ...parts }
    rig.saveConfig()
    return rig
  }

  get configPath(): string {
    return join(this.folder, 'agent.config.json')
  }

  /** A file source with its globs below the folder of logs. */
  fileSource(include: string, more: Section = {}): Section {
    return { type: 'file', include: [join(this.logs, include)], ...more }
  }

  elasticsearchSink(more: Section = {}): Section {
    return {
      type: 'elasticsearch',
      nodes: [`http://127.0.0.1:${this.#port}`],
      index: 'e2e',
      retry: { min: '10ms', max: '100ms' },
      batch: { max_wait: '20ms', max_events: 500 },
      timeout: '1s',
      ...more,
    }
  }

  /** Replaces parts of the config (two levels deep for sources and sinks: by name) and saves it. */
  configure(parts: Section): void {
    this.config = { ...this.config, ...parts }
    this.saveConfig()
  }

  /** In one step, as editors do: the agent must not read the half of it. */
  saveConfig(text = JSON.stringify(this.config, null, 2)): void {
    writeFileSync(`${this.configPath}.new`, text)
    renameSync(`${this.configPath}.new`, this.configPath)
  }

  /** Puts `data_dir` on a small disk of its own. False where that is not allowed. */
  mountDataDir(bytes: number): boolean {
    this.#isMounted = mountTmpfs(this.dataDir, bytes)
    return this.#isMounted
  }

  /** Brings the sink up: at first on a free port, later on the same one, with all that it had. */
  async sinkUp(): Promise<void> {
    await this.elasticsearch.listen(this.#port)
    this.#port = Number(new URL(this.elasticsearch.url).port)
  }

  sinkDown(): Promise<void> {
    return this.elasticsearch.close()
  }

  /** Appends JSON lines with uids that go on over all files. */
  write(count: number, { name = 'app.log', pad = 0 }: { name?: string; pad?: number } = {}): void {
    let block = ''
    for (let i = 0; i < count; i++) {
      const uid = `e-${this.#written++}`
      block += `${JSON.stringify({ uid, message: `line ${uid}${'x'.repeat(pad)}` })}\n`
    }
    this.append(block, name)
  }

  append(data: string | Uint8Array, name = 'app.log'): void {
    const path = join(this.logs, name)
    mkdirSync(dirname(path), { recursive: true })
    appendFileSync(path, data)
  }

  /** All that `write` wrote. */
  uids(): string[] {
    return Array.from({ length: this.#written }, (_, i) => `e-${i}`)
  }

  /** What arrived, as sent. */
  documents(): string[] {
    return this.elasticsearch.documents().map(({ source }) => source)
  }

  /** Waits until so many documents are there. */
  async arrived(count: number, timeoutMs = 15_000): Promise<void> {
    const what = (): string => `${count} documents arrived, there are ${this.documents().length}`
    await until(() => this.documents().length >= count, what(), timeoutMs).catch((error: unknown) => {
      throw new Error(`${what()}\n${this.#agents.at(-1)?.stderr.slice(-3000)}`, { cause: error })
    })
  }

  spawn(args: readonly string[] = [], options: SpawnOptions = {}): SpawnedAgent {
    const agent = new SpawnedAgent(['run', '-c', this.configPath, ...args], options)
    this.#agents.push(agent)
    return agent
  }

  /** The daemon, once it says that it has started. */
  async start(options: SpawnOptions = {}): Promise<SpawnedAgent> {
    const agent = this.spawn([], options)
    await until(() => isStarted(agent) || agent.child.exitCode !== null, 'the agent has started')
    assert.ok(isStarted(agent), agent.stderr)
    return agent
  }

  /** `run --once` to its end. */
  async once(
    args: readonly string[] = ['--timeout', '15s'],
  ): Promise<{ code: number | null; stderr: string }> {
    const agent = this.spawn(['--once', ...args])
    const { code } = await agent.exited
    return { code, stderr: agent.stderr }
  }

  status(agent: SpawnedAgent): Promise<Status> {
    return getStatus(agent)
  }

  get(agent: SpawnedAgent, path: string, headers: Record<string, string> = {}): Promise<HttpAnswer> {
    return getFromAdmin(agent, path, headers)
  }

  async close(): Promise<void> {
    for (const agent of this.#agents) if (agent.child.exitCode === null) await agent.kill()
    await this.sinkDown()
    if (this.#isMounted) unmount(this.dataDir)
    rmSync(this.folder, { recursive: true, force: true })
  }

  #defaults(): Section {
    return {
      data_dir: this.dataDir,
      admin: { listen: '127.0.0.1:0' },
      shutdown_timeout: '5s',
      sources: { app: this.fileSource('*.log') },
      sinks: { es: this.elasticsearchSink() },
    }
  }
}

export async function getStatus(agent: SpawnedAgent): Promise<Status> {
  const { body } = await getFromAdmin(agent, '/status')
  const status: Status = JSON.parse(body)
  return status
}

/** Asks the admin port that the agent said it listens on. */
export function getFromAdmin(
  agent: SpawnedAgent,
  path: string,
  headers: Record<string, string> = {},
): Promise<HttpAnswer> {
  const url = /"admin":"([^"]+)"/.exec(agent.stderr)?.[1]
  assert.ok(url, `no admin URL in ${agent.stderr}`)
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { headers, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (part: string) => (body += part))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
    })
    sent.on('error', reject).end()
  })
}

const isStarted = (agent: SpawnedAgent): boolean => agent.stderr.includes('"msg":"started"')

/** The lines of the agent's own log, parsed; others are left out. */
export function logLines(agent: SpawnedAgent): Section[] {
  return agent.stderr.split('\n').flatMap((line) => {
    try {
      const parsed: Section = JSON.parse(line)
      return [parsed]
    } catch {
      return []
    }
  })
}
