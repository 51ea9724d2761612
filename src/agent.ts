import { CurrentPods } from './agent/current-pods.ts'
import type { Job, JobPath } from './agent/jobs/job.ts'
import { JobDesk } from './agent/jobs/job-desk.ts'
import { openParts } from './agent/open-parts.ts'
import type { AgentParts, OpenOptions } from './agent/open-parts.ts'
import { SinkSet } from './agent/sink-set.ts'
import { Tap } from './agent/tap.ts'
import type { TapOptions } from './agent/tap.ts'
import type { DiskBuffer } from './buffer/disk-buffer.ts'
import { renewedSinks } from './config/certificates.ts'
import { diffConfig } from './config/diff.ts'
import type { ConfigDiff } from './config/diff.ts'
import { createLanes } from './config/lanes.ts'
import type { LoadedConfig } from './config/load.ts'
import type { AgentConfig } from './config/schema.ts'
import { aborted } from './core/clock.ts'
import { newSourceCounts } from './core/ledger.ts'
import type { OpenDeadLetters } from './delivery/dead-letters.ts'
import type { HostInfo } from './enrich/host.ts'
import { descriptorLimit } from './platform/descriptor-limit.ts'
import type { Lane } from './lanes/lane.ts'
import type { TextOutput } from './core/text-output.ts'
import type { AgentView, SinkMeter, SourceStatus } from './telemetry/view.ts'
import type { ReaderHandle } from './threads/protocol.ts'
import { Reader } from './threads/reader.ts'

export interface AgentOptions extends OpenOptions {
  readonly version: string
  readonly random: () => number
  readonly meter: (sink: string) => SinkMeter
  /** Where a console sink writes. */
  readonly output: TextOutput
  /** What a stdin source reads. */
  readonly stdin: AsyncIterable<Uint8Array | string>
  /** Where a pod is told of its API server and its node. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** No source takes the fast lane. */
  readonly isGeneralOnly?: boolean
}

/**
 * Everything that runs, built from a resolved config. Start order: lock, buffer, dead letters, sinks, reader; stop is
 * the exact reverse, so that nothing is ever appended that nobody could keep, and nothing is sent that cannot be settled.
 */
export class Agent implements AgentView {
  readonly version: string
  readonly #options: AgentOptions
  readonly #buffer: DiskBuffer
  readonly #deadLetters: OpenDeadLetters
  readonly #sinks: SinkSet
  readonly #lock: { release(): Promise<void> }
  readonly #host: HostInfo
  readonly #hashKey: string
  readonly #pods: CurrentPods
  /** What commands have it do beside the deliveries. */
  readonly jobs: JobDesk
  #lanes: ReadonlyMap<string, Lane> = new Map()
  #loaded: LoadedConfig
  #reader: ReaderHandle
  #reloading: Promise<unknown> = Promise.resolve()
  #isReady = false
  #isStopping = false

  private constructor(options: AgentOptions, parts: AgentParts, pods: CurrentPods) {
    this.version = options.version
    this.#options = options
    this.#loaded = options.loaded
    this.#buffer = parts.buffer
    this.#deadLetters = parts.deadLetters
    this.#lock = parts.lock
    this.#host = parts.host
    this.#hashKey = parts.hashKey
    const { clock, random, log, meter, fileSystem, output } = options
    this.jobs = new JobDesk(clock, log)
    const redact = (text: string): string => this.#loaded.secrets.redact(text)
    this.#sinks = new SinkSet({
      buffer: parts.buffer,
      deadLetters: parts.deadLetters,
      clock,
      random,
      log,
      redact,
      meter,
      fileSystem,
      output,
    })
    this.#pods = pods
    this.#reader = this.#createReader()
  }

  static async start(options: AgentOptions): Promise<Agent> {
    const parts = await openParts(options)
    const { version, clock, environment, fileSystem, log, random } = options
    const pods = new CurrentPods(parts.host, { clock, environment, fileSystem, log, random, version })
    await pods.turnTo(options.loaded.config)
    const agent = new Agent(options, parts, pods)
    try {
      for (const [name, config] of Object.entries(options.loaded.config.sinks))
        await agent.#sinks.start(name, config, options.loaded.certificates)
      await agent.#reader.start()
    } catch (error) {
      await agent.stop()
      throw error
    }
    agent.#isReady = true
    return agent
  }

  /** Applies a validated config. What needs a restart stays as it was and is named in the result. */
  reload(loaded: LoadedConfig): Promise<ConfigDiff> {
    const reloaded = this.#reloading.then(() => this.#reload(loaded))
    this.#reloading = reloaded.catch(() => {})
    return reloaded
  }

  /** A job that can be begun at the desk. Rejects with a `JobRefused` for what cannot be done. */
  async makeJob(path: JobPath, asked: unknown): Promise<Job> {
    const { makeJob } = await import('./agent/jobs/make-job.ts')
    const { clock, random, log, fileSystem } = this.#options
    return makeJob(path, asked, {
      sinks: this.#sinks,
      buffer: this.#buffer,
      deadLetters: this.#deadLetters,
      config: () => this.config,
      clock,
      random,
      log,
      redact: (text) => this.#loaded.secrets.redact(text),
      fileSystem,
      betweenReloads: (work) => {
        const done = this.#reloading.then(work)
        this.#reloading = done.catch(() => {})
        return done
      },
    })
  }

  async #reload(loaded: LoadedConfig): Promise<ConfigDiff> {
    const renewed = renewedSinks(loaded.config.sinks, this.#loaded.certificates, loaded.certificates)
    const diff = diffConfig(this.#loaded.config, loaded.config, renewed)
    if (this.#isStopping) return diff
    if (diff.sourcesChanged) await this.#reader.stop()
    try {
      await this.#changeSinks(loaded, diff.sinks)
    } finally {
      this.#loaded = loaded
      // Also where a sink could not be opened: the others go on.
      if (diff.sourcesChanged && !this.#isStopping) {
        await this.#pods.turnTo(loaded.config)
        this.#reader = this.#createReader()
        await this.#reader.start()
      }
    }
    return diff
  }

  async #changeSinks(loaded: LoadedConfig, { changed, removed }: ConfigDiff['sinks']): Promise<void> {
    const settle = AbortSignal.timeout(loaded.config.shutdown_timeout)
    await Promise.all([...removed, ...changed].map((name) => this.#sinks.stop(name, settle)))
    await Promise.all(removed.map((name) => this.#buffer.parkCursor(name)))
    // Those that were stopped, new ones, and one that could not be opened the last time.
    for (const [name, config] of Object.entries(loaded.config.sinks))
      if (!this.#sinks.isRunning(name)) await this.#sinks.start(name, config, loaded.certificates)
  }

  /** `--once`: everything that is there now is read, unfinished lines too, and settled by every sink. */
  async settle(signal: AbortSignal): Promise<void> {
    await Promise.race([this.#reader.drain(), aborted(signal)])
    this.#sinks.flush()
    await this.#sinks.settled(signal)
  }

  flush(): void {
    this.#sinks.flush()
  }

  /** Shows the events of each record that is appended from now on, until it is closed. */
  tap(options: Omit<TapOptions, 'clock'>): Tap {
    const tap = new Tap({ ...options, clock: this.#options.clock })
    tap.closed(this.#buffer.watch((record) => tap.take(record)))
    return tap
  }

  /** Stops reading, settles what is in flight within `shutdown_timeout`, keeps the rest on disk. */
  async stop(): Promise<void> {
    this.#isStopping = true
    this.#isReady = false
    const deadline = AbortSignal.timeout(this.config.shutdown_timeout)
    await Promise.race([this.jobs.stop(), aborted(deadline)])
    await Promise.race([this.#reloading, aborted(deadline)])
    const readerStopped = this.#reader.stop()
    // Lines of a new file are shown to the sinks once they are synced: what was read last leaves now, not at the next start.
    const isAllShown = readerStopped.then(() => this.#buffer.sync())
    await Promise.race([isAllShown, aborted(deadline)])
    await this.#pods.stop()
    await this.#sinks.stopAll(deadline)
    await this.#deadLetters.close()
    await this.#buffer.close()
    await readerStopped
    // Where the disk refused to sync, the close has ended the wait.
    await isAllShown.catch(() => {})
    await this.#lock.release()
  }

  get config(): AgentConfig {
    return this.#loaded.config
  }

  get configPath(): string {
    return this.#loaded.path
  }

  /** The config file and every `${file:}` in it: an edit of one of them is a reload. */
  get configFiles(): readonly string[] {
    return this.#loaded.files
  }

  get isReady(): boolean {
    return this.#isReady && this.dataDirWritable
  }

  get dataDirWritable(): boolean {
    const { state } = this.#buffer.stats()
    return state !== 'failing'
  }

  get readerFailure(): string | undefined {
    return this.#reader.status().failure
  }

  sources(): readonly SourceStatus[] {
    const { blockedSeconds } = this.#reader.status()
    const counts = this.#buffer.sourceCounts()
    const names = new Set([...Object.keys(this.config.sources), ...counts.keys()])
    return [...names].map((name) => ({
      name,
      counts: counts.get(name) ?? newSourceCounts(),
      blockedSeconds: blockedSeconds.get(name) ?? 0,
      ...this.#laneOf(name),
      stepTroubles: this.#lanes.get(name)?.stepTroubles?.() ?? { errors: 0, last: '' },
    }))
  }

  #laneOf(source: string): Pick<SourceStatus, 'lane' | 'laneReason'> {
    const lane = this.#lanes.get(source)
    // Of a source that is no longer configured there are only counters.
    if (!lane) return { lane: 'general', laneReason: 'not configured' }
    return { lane: lane.kind, laneReason: lane.because ?? '' }
  }

  /** Whether the kernel reads the lines of every source. */
  get isFast(): boolean {
    return [...this.#lanes.values()].every(({ kind }) => kind === 'fast')
  }

  files(): ReturnType<AgentView['files']> {
    return this.#reader.status().files
  }

  unreadable(): ReturnType<AgentView['unreadable']> {
    return this.#reader.status().unreadable
  }

  buffer(): ReturnType<AgentView['buffer']> {
    return this.#buffer.stats()
  }

  sinks(): ReturnType<AgentView['sinks']> {
    return this.#sinks.status()
  }

  kubernetes(): ReturnType<AgentView['kubernetes']> {
    return this.#pods.pods?.status()
  }

  #createReader(): ReaderHandle {
    const { config } = this.#loaded
    const { clock, fileSystem, log, stdin } = this.#options
    const routeOf = (source: string): number => {
      const names = config.sources[source]!.sinks ?? Object.keys(config.sinks)
      return names.reduce((mask, name) => mask | (1 << this.#buffer.routeBit(name)), 0)
    }
    const bitOf = (sink: string): number => this.#buffer.routeBit(sink)
    const { isGeneralOnly = false } = this.#options
    const shared = { config, host: this.#host, clock, hashKey: this.#hashKey, isGeneralOnly }
    const lanes = createLanes({ ...shared, routeOf, bitOf })
    this.#lanes = lanes
    const world = {
      fileSystem,
      clock,
      log,
      stdin,
      descriptorLimit: descriptorLimit(),
      containers: this.#pods.pods,
    }
    return new Reader({ sources: config.sources, lanes, buffer: this.#buffer, ...world })
  }
}
