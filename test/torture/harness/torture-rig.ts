import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { until } from '../../support/fake-clock.ts'
import { FakeElasticsearch } from '../../support/fake-elasticsearch.ts'
import type { FaultPlan } from '../../support/fake-faults.ts'
import { FakeLoki } from '../../support/fake-loki.ts'
import type { FaultChances } from '../../support/fake-loki.ts'
import { SpawnedAgent } from '../../support/spawn-agent.ts'
import type { SpawnOptions } from '../../support/spawn-agent.ts'
import type { Status } from '../../support/agent-rig.ts'
import { getStatus } from '../../support/agent-rig.ts'
import { CountedFile } from './counted-file.ts'
import type { CountedFileOptions } from './counted-file.ts'
import { judge } from './counted-lines.ts'
import type { Verdict } from './counted-lines.ts'
import { seed } from './scale.ts'
import { Watch } from './watch.ts'

type Section = Record<string, unknown>

export interface RigOptions {
  /** Globs below the folder of logs. */
  readonly include?: readonly string[]
  readonly elasticsearchFaults?: FaultPlan
  readonly lokiFaults?: FaultChances
  /** Into the file source, the sinks of these names, and the top of the config. */
  readonly source?: Section
  readonly elasticsearch?: Section
  readonly loki?: Section
  readonly config?: Section
  /** The sinks it has: both by default. */
  readonly sinks?: readonly ('es' | 'loki')[]
}

/** What a sink of the fakes holds, as its readers get it: by time. */
export type Stored = Readonly<Record<'es' | 'loki', readonly string[]>>

/**
 * The built agent, fakes of both servers, a folder of logs and writers that know every line: for scenarios that end in
 * exact counts. `scenario` makes one and judges it.
 */
export class TortureRig {
  readonly folder = mkdtempSync(join(tmpdir(), 'logferry-torture-'))
  readonly logs = join(this.folder, 'logs')
  readonly dataDir = join(this.folder, 'data')
  readonly elasticsearch = new FakeElasticsearch()
  readonly loki: FakeLoki
  readonly writers: CountedFile[] = []
  readonly watches: Watch[] = []
  readonly sinks: readonly ('es' | 'loki')[]
  /** Done before the folder goes: a mount in it. */
  readonly cleanups: (() => void)[] = []
  /** What the scenario found out, for its diagnostic. */
  readonly notes: string[] = []
  /** What the scenario opened, to be closed whatever became of it. */
  readonly opened: (() => Promise<unknown>)[] = []
  starts = 0
  agent: SpawnedAgent | undefined
  #options: RigOptions
  #ports = { elasticsearch: 0, loki: 0 }

  constructor(options: RigOptions = {}) {
    this.#options = options
    this.sinks = options.sinks ?? ['es', 'loki']
    mkdirSync(this.logs)
    this.elasticsearch.keepsRequests = false
    this.elasticsearch.faults.set({ seed, ...options.elasticsearchFaults })
    this.loki = new FakeLoki({ chances: { seed, ...options.lokiFaults } })
    this.loki.keepsPushes = false
  }

  get configPath(): string {
    return join(this.folder, 'agent.config.json')
  }

  path(name: string): string {
    return join(this.logs, name)
  }

  /** A writer of its own to a file below the folder of logs. */
  file(name: string, options: CountedFileOptions = {}): CountedFile {
    mkdirSync(dirname(this.path(name)), { recursive: true })
    const file = new CountedFile(this.path(name), options)
    this.writers.push(file)
    return file
  }

  uids(): string[] {
    return this.writers.flatMap((writer) => writer.uids())
  }

  /** Brings the sinks up: at the first call on free ports, later on the same ones. */
  async sinksUp(): Promise<void> {
    const isFirst = this.#ports.loki === 0
    await this.sinkUp('es')
    await this.sinkUp('loki')
    if (isFirst) this.configure({})
  }

  async sinksDown(): Promise<void> {
    await this.sinkDown('es')
    await this.sinkDown('loki')
  }

  async sinkUp(sink: 'es' | 'loki'): Promise<void> {
    if (sink === 'es') {
      await this.elasticsearch.listen(this.#ports.elasticsearch)
      this.#ports.elasticsearch = Number(new URL(this.elasticsearch.url).port)
    } else {
      this.#ports.loki = Number(new URL(await this.loki.start(this.#ports.loki)).port)
    }
  }

  sinkDown(sink: 'es' | 'loki'): Promise<void> {
    return sink === 'es' ? this.elasticsearch.close() : this.loki.stop()
  }

  /** Other options from here on, in the file; a running agent reloads. */
  configure(options: RigOptions): void {
    this.#options = { ...this.#options, ...options }
    writeFileSync(`${this.configPath}.new`, JSON.stringify(this.#config(), null, 2))
    renameSync(`${this.configPath}.new`, this.configPath)
  }

  spawn(args: readonly string[] = [], options: SpawnOptions = {}): SpawnedAgent {
    this.starts += 1
    const agent = new SpawnedAgent(['run', '-c', this.configPath, ...args], options)
    this.agent = agent
    if (agent.child.pid !== undefined) {
      const watch = new Watch(agent.child.pid)
      this.watches.push(watch)
      // An hour of kills later its number is another process's: a compiler of 850 MB was taken for an agent of a thousand starts before.
      void agent.exited.then(() => watch.stop())
    }
    return agent
  }

  /** The daemon, once it says that it has started. */
  async start(options: SpawnOptions = {}): Promise<SpawnedAgent> {
    const agent = this.spawn([], options)
    await agent.started
    assert.match(agent.stderr, /"msg":"started"/)
    return agent
  }

  async kill(): Promise<void> {
    await this.agent?.kill('SIGKILL')
    this.agent = undefined
  }

  /** SIGTERM, and exit 0. */
  async stop(): Promise<void> {
    const { agent } = this
    this.agent = undefined
    if (!agent) return
    const { code } = await agent.kill('SIGTERM')
    assert.equal(code, 0, agent.stderr.slice(-3000))
  }

  /** `--once` to its end; its exit code. */
  async once(timeout = '60s'): Promise<number | null> {
    const agent = this.spawn(['--once', '--timeout', timeout])
    const { code } = await agent.exited
    this.agent = undefined
    return code
  }

  note(text: string): void {
    this.notes.push(text)
  }

  status(): Promise<Status> {
    assert.ok(this.agent)
    return getStatus(this.agent)
  }

  get written(): number {
    return this.writers.reduce((sum, { written }) => sum + written, 0)
  }

  /** Whether every sink has as many lines as were written, but for so many that it refused. */
  hasAll(refused = 0): boolean {
    return this.sinks.every((sink) => this.storedCount(sink) >= this.written - refused)
  }

  /** Waits until every sink has so many lines, all that were written by default; with an agent that is up. */
  async arrived(count?: number, timeoutMs = 60_000): Promise<void> {
    const wanted = count ?? this.written
    const fewest = (): number => Math.min(...this.sinks.map((sink) => this.storedCount(sink)))
    await until(() => fewest() >= wanted, 'the lines have arrived', timeoutMs).catch((error: unknown) => {
      const text = `${fewest()} of ${wanted} lines arrived\n${this.agent?.stderr.slice(-3000)}`
      throw new Error(text, { cause: error })
    })
  }

  storedCount(sink: 'es' | 'loki'): number {
    return sink === 'es' ? this.elasticsearch.indices.size : this.loki.size
  }

  /** By time, as a reader of the sink gets them; lines of one instant in the order of their arrival. */
  stored(): Stored {
    const documents = this.elasticsearch
      .documents()
      .map(({ source }) => ({ line: source, time: timeOf(source) }))
    const entries = this.loki.entries().map(({ line, time }) => ({ line, time: time.padStart(20, '0') }))
    return { es: byTime(documents), loki: byTime(entries) }
  }

  verdicts(): Record<string, Verdict> {
    const uids = this.uids()
    const stored = this.stored()
    return Object.fromEntries(this.sinks.map((sink) => [sink, judge(uids, stored[sink])]))
  }

  async close(): Promise<void> {
    for (const watch of this.watches) watch.stop()
    await this.kill()
    for (const close of this.opened) await close()
    await this.sinksDown().catch(() => {})
    for (const cleanup of this.cleanups) cleanup()
    rmSync(this.folder, { recursive: true, force: true })
  }

  /** Both sinks as they are configured, for a scenario that has more of them. */
  sinkConfigs(): Section {
    const { elasticsearch, loki } = this.#options
    const common = {
      retry: { min: '20ms', max: '300ms' },
      batch: { max_wait: '20ms', max_events: 500 },
      timeout: '1s',
    }
    const es = {
      type: 'elasticsearch',
      nodes: [this.elasticsearch.url],
      index: 'torture',
      ...common,
      ...elasticsearch,
    }
    const url = `http://127.0.0.1:${this.#ports.loki}`
    return { es, loki: { type: 'loki', url, labels: { job: 'torture' }, ...common, ...loki } }
  }

  #config(): Section {
    const { include = ['app.log*'], source, config } = this.#options
    const sinks = this.sinkConfigs()
    return {
      data_dir: this.dataDir,
      admin: { listen: '127.0.0.1:0' },
      shutdown_timeout: '5s',
      sources: { app: { type: 'file', include: include.map((glob) => join(this.logs, glob)), ...source } },
      sinks: Object.fromEntries(this.sinks.map((name) => [name, sinks[name]])),
      ...config,
    }
  }
}

const timeOf = (document: string): string => /"@timestamp":"([^"]+)"/.exec(document)?.[1] ?? ''

const byTime = (stored: readonly { readonly line: string; readonly time: string }[]): string[] =>
  stored.toSorted((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0)).map(({ line }) => line)
