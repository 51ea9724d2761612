import { randomBytes } from 'node:crypto'
import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import type { Clock } from '../../src/core/clock.ts'
import type { Containers } from '../../src/core/containers.ts'
import type { FileSystem } from '../../src/core/file-system.ts'
import type { Log } from '../../src/core/log.ts'
import type { Lane } from '../../src/lanes/lane.ts'
import { nodeFileSystem } from '../../src/platform/node-file-system.ts'
import { systemClock } from '../../src/platform/system-clock.ts'
import { createFileSource } from '../../src/sources/file/create.ts'
import { fileSourceSchema } from '../../src/sources/file/index.ts'
import { usualTuning, type FileRunner, type Tuning } from '../../src/sources/file/runner.ts'
import { FakeBuffer } from './fake-buffer.ts'
import { until } from './fake-clock.ts'
import { FakeLane } from './fake-lane.ts'

export interface BenchOptions {
  readonly include?: readonly string[]
  readonly config?: Record<string, unknown>
  readonly lane?: FakeLane
  /** Instead of the fake one. */
  readonly realLane?: () => Lane
  readonly clock?: Clock
  readonly containers?: Containers
  readonly fileSystem?: FileSystem
  readonly tuning?: Partial<Tuning>
}

/** A folder, a file source that tails `*.log` in it, and a buffer that remembers: `restart` goes on from its checkpoints. */
export class TailBench {
  readonly folder = mkdtempSync(path.join(os.tmpdir(), 'logferry-tail-'))
  readonly buffer = new FakeBuffer()
  readonly warnings: string[] = []
  readonly lane: FakeLane
  #options: BenchOptions
  #runner: FileRunner | undefined

  constructor(context: TestContext | undefined, options: BenchOptions = {}) {
    this.#options = options
    this.lane = options.lane ?? new FakeLane()
    context?.after(() => this.end())
  }

  get runner(): FileRunner {
    return this.#runner!
  }

  path(name: string): string {
    return path.join(this.folder, name)
  }

  append(name: string, text: string): void {
    appendFileSync(this.path(name), text)
  }

  /** The same folder and buffer on another disk, from the next start on. */
  withFileSystem(fileSystem: FileSystem): this {
    this.#options = { ...this.#options, fileSystem }
    return this
  }

  async start(): Promise<void> {
    const {
      config,
      clock = systemClock,
      containers,
      fileSystem = nodeFileSystem,
      include = ['*.log'],
      tuning,
    } = this.#options
    const paths = include.map((pattern) => path.resolve(this.folder, pattern))
    const parsed = fileSourceSchema.parse({ include: paths, ...config })
    const log: Log = {
      ...silent,
      warn: (fields, message) => this.warnings.push(`${message} ${JSON.stringify(fields)}`),
    }
    this.#runner = createFileSource(
      [{ name: 'app', config: parsed, lane: this.#options.realLane?.() ?? this.lane }],
      {
        emit: this.buffer.emit,
        checkpoints: this.buffer.checkpoints,
        holes: this.buffer.holes,
        fileSystem,
        clock,
        containers,
        log: { ...log, error: (fields) => this.warnings.push(JSON.stringify(fields)) },
        newGeneration: () => randomBytes(12).toString('hex'),
      },
      { ...usualTuning, maxDescriptors: 64, sweepMs: 200, ...tuning },
    )
    await this.#runner.start()
  }

  async stop(): Promise<void> {
    await this.#runner?.stop()
    if (this.#runner?.failure) throw this.#runner.failure
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** Waits until so many events came, and a little that no more come than that. */
  async lines(count: number): Promise<readonly string[]> {
    await until(
      () => this.buffer.events.length >= count || this.runner.failure !== undefined,
      `${count} events came; there are ${this.buffer.events.length} ${JSON.stringify(this.buffer.lines.slice(-5))}`,
    )
    if (this.runner.failure) throw this.runner.failure
    return this.buffer.lines
  }

  async end(): Promise<void> {
    this.buffer.unblock()
    await this.#runner?.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

const silent: Log = { debug() {}, info() {}, warn() {}, error() {} }

/** `prefix 0` to `prefix count-1`, each a line. */
export const numbered = (prefix: string, count: number, from = 0): string =>
  Array.from({ length: count }, (_, index) => `${prefix} ${from + index}\n`).join('')
