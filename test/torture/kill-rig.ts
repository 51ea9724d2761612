import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FakeElasticsearch } from '../support/fake-elasticsearch.ts'
import { FakeLoki } from '../support/fake-loki.ts'
import type { FaultChances } from '../support/fake-loki.ts'
import type { FaultPlan } from '../support/fake-faults.ts'
import { SpawnedAgent } from '../support/spawn-agent.ts'

export interface KillRigOptions {
  readonly seed: number
  /** Globs below the folder of logs. */
  readonly include: readonly string[]
  readonly elasticsearchFaults?: FaultPlan
  readonly lokiFaults?: FaultChances
  readonly buffer?: object
}

/** Two fake sinks that fail as told, a folder of logs, and an agent that can be killed and started again. */
export class KillRig {
  readonly folder: string
  readonly logs: string
  readonly dataDir: string
  readonly elasticsearch = new FakeElasticsearch()
  readonly loki: FakeLoki
  readonly #options: KillRigOptions
  readonly #work = mkdtempSync(join(tmpdir(), 'logferry-kill-'))
  #ports = { elasticsearch: 0, loki: 0 }
  #agent: SpawnedAgent | undefined
  starts = 0

  constructor(options: KillRigOptions) {
    this.#options = options
    this.folder = this.#work
    this.logs = join(this.#work, 'logs')
    this.dataDir = join(this.#work, 'data')
    mkdirSync(this.logs)
    this.elasticsearch.keepsRequests = false
    this.elasticsearch.faults.set({ seed: options.seed, ...options.elasticsearchFaults })
    this.loki = new FakeLoki({ chances: { seed: options.seed, ...options.lokiFaults } })
    this.loki.keepsPushes = false
  }

  /** Brings the sinks up: at the first call on free ports, later on the same ones. */
  async sinksUp(): Promise<void> {
    await this.elasticsearch.listen(this.#ports.elasticsearch)
    const loki = await this.loki.start(this.#ports.loki)
    this.#ports = {
      elasticsearch: Number(new URL(this.elasticsearch.url).port),
      loki: Number(new URL(loki).port),
    }
    this.#writeConfig()
  }

  async sinksDown(): Promise<void> {
    await this.elasticsearch.close()
    await this.loki.stop()
  }

  start(args: readonly string[] = []): SpawnedAgent {
    this.starts += 1
    this.#agent = new SpawnedAgent(['run', '-c', this.configPath, ...args])
    return this.#agent
  }

  async kill(): Promise<void> {
    await this.#agent?.kill('SIGKILL')
  }

  get configPath(): string {
    return join(this.#work, 'agent.config.json')
  }

  async close(): Promise<void> {
    await this.kill()
    await this.sinksDown().catch(() => {})
    rmSync(this.#work, { recursive: true, force: true })
  }

  #writeConfig(): void {
    const retry = { min: '20ms', max: '300ms' }
    const batch = { max_wait: '20ms', max_events: 500 }
    const config = {
      data_dir: this.dataDir,
      admin: false,
      shutdown_timeout: '5s',
      buffer: this.#options.buffer ?? {},
      sources: { app: { type: 'file', include: this.#options.include.map((glob) => join(this.logs, glob)) } },
      sinks: {
        es: {
          type: 'elasticsearch',
          nodes: [this.elasticsearch.url],
          index: 'kill',
          retry,
          batch,
          timeout: '1s',
        },
        loki: {
          type: 'loki',
          url: `http://127.0.0.1:${this.#ports.loki}`,
          labels: { job: 'kill' },
          retry,
          batch,
          timeout: '1s',
        },
      },
    }
    writeFileSync(this.configPath, JSON.stringify(config))
  }
}

/** How many, and the first few of them. */
export interface Tally {
  readonly lost: string
  readonly invented: string
  readonly doubled: string
}

const few = (uids: readonly string[]): string => `${uids.length} ${uids.slice(0, 10).join(' ')}`.trim()

/** Compares what was written with what a sink has, by uid. */
export function tally(written: readonly string[], lines: readonly string[]): Tally {
  const seen = new Map<string, number>()
  for (const line of lines) {
    const uid = /"uid":"([^"]+)"/.exec(line)?.[1] ?? `no uid in ${line.slice(0, 200)}`
    seen.set(uid, (seen.get(uid) ?? 0) + 1)
  }
  const expected = new Set(written)
  return {
    lost: few(written.filter((uid) => !seen.has(uid))),
    invented: few([...seen.keys()].filter((uid) => !expected.has(uid))),
    doubled: few([...seen].filter(([, count]) => count > 1).map(([uid]) => uid)),
  }
}

export const nothingWrong: Tally = { lost: '0', invented: '0', doubled: '0' }
