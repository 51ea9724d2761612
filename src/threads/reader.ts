import { randomBytes } from 'node:crypto'
import type { Buffer } from '../buffer/buffer.ts'
import { sourceDefinition } from '../components/manifest.ts'
import type { Chunk } from '../core/chunk.ts'
import type { Clock } from '../core/clock.ts'
import type { Containers } from '../core/containers.ts'
import type { FileSystem } from '../core/file-system.ts'
import type { Log } from '../core/log.ts'
import type { Lane } from '../lanes/lane.ts'
import type { SourceInstance, SourceRunner } from '../sources/source.ts'
import type { ReaderHandle, ReaderStatus } from './protocol.ts'

export interface ReaderOptions {
  readonly sources: Readonly<Record<string, { readonly type: string }>>
  readonly lanes: ReadonlyMap<string, Lane>
  readonly buffer: Buffer
  readonly fileSystem: FileSystem
  readonly clock: Clock
  readonly descriptorLimit?: number
  readonly log: Log
  /** Who knows the containers that write files, where somebody is asked. */
  readonly containers?: Containers | undefined
  /** What a stdin source reads. */
  readonly stdin: AsyncIterable<Uint8Array | string>
}

/** A wait for the buffer shorter than this is the disk's ordinary pace, not a full buffer. */
const blockedAfterMs = 100

/** The reading half of the agent: one runner for each type of source, all appending to the one buffer. */
export class Reader implements ReaderHandle {
  readonly #options: ReaderOptions
  #runners: readonly SourceRunner[] = []
  readonly #blocked: BlockedTime
  readonly #stopping = new AbortController()

  constructor(options: ReaderOptions) {
    this.#options = options
    this.#blocked = new BlockedTime(options.clock)
  }

  async start(): Promise<void> {
    this.#runners = await this.#createRunners()
    // Stopped while their code was loaded: no other stop comes.
    if (this.#stopping.signal.aborted) return
    await Promise.all(this.#runners.map((runner) => runner.start()))
  }

  async stop(): Promise<void> {
    // A chunk that waits for a full buffer is let go: its checkpoint says where to read it again. A reload that is to
    // mend the very sink that holds the buffer would wait for ever otherwise.
    this.#stopping.abort()
    await Promise.all(this.#runners.map((runner) => runner.stop()))
  }

  async drain(): Promise<void> {
    await Promise.all(this.#runners.map((runner) => runner.drain()))
  }

  status(): ReaderStatus {
    const runners = this.#runners
    const failed = runners.find((runner) => runner.failure)
    return {
      // Only where somebody asks: one for each of 10,000 files, each second, for those who want to know of a failure.
      get files() {
        return runners.flatMap((runner) => runner.status())
      },
      get unreadable() {
        return runners.flatMap((runner) => runner.unreadable?.() ?? [])
      },
      blockedSeconds: this.#blocked.seconds(),
      failure: failed?.failure?.message,
    }
  }

  #createRunners(): Promise<SourceRunner[]> {
    const { sources, buffer, lanes } = this.#options
    const byType = new Map<string, SourceInstance<unknown>[]>()
    for (const [name, config] of Object.entries(sources)) {
      const instance = { name, config, lane: lanes.get(name)! }
      byType.set(config.type, [...(byType.get(config.type) ?? []), instance])
    }
    const runners = [...byType].map(async ([type, instances]) => {
      const names = new Set(instances.map((instance) => instance.name))
      const checkpoints = buffer.checkpoints().filter((checkpoint) => names.has(checkpoint.source))
      const generations = new Set(checkpoints.map((checkpoint) => checkpoint.generation))
      return sourceDefinition(type).create(instances, {
        emit: (chunk) => this.#emit(chunk),
        checkpoints,
        holes: buffer.holes().filter((hole) => generations.has(hole.generation)),
        fileSystem: this.#options.fileSystem,
        clock: this.#options.clock,
        descriptorLimit: this.#options.descriptorLimit ?? Infinity,
        log: this.#options.log,
        containers: this.#options.containers,
        stdin: this.#options.stdin,
        newGeneration: () => randomBytes(12).toString('hex'),
      })
    })
    return Promise.all(runners)
  }

  async #emit(chunk: Chunk): Promise<void> {
    const ended = this.#blocked.begin(chunk.source)
    try {
      await this.#options.buffer.append(chunk, this.#stopping.signal)
    } finally {
      ended()
    }
  }
}

/** How long each source has stood before a full buffer, including the wait that is going on. */
class BlockedTime {
  readonly #clock: Clock
  readonly #totalMs = new Map<string, number>()
  readonly #waiting = new Map<symbol, { readonly source: string; readonly sinceMs: number }>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  begin(source: string): () => void {
    const key = Symbol(source)
    this.#waiting.set(key, { source, sinceMs: this.#clock.monotonic() })
    return () => {
      const waitedMs = this.#clock.monotonic() - this.#waiting.get(key)!.sinceMs
      this.#waiting.delete(key)
      if (waitedMs >= blockedAfterMs) this.#totalMs.set(source, (this.#totalMs.get(source) ?? 0) + waitedMs)
    }
  }

  seconds(): Map<string, number> {
    const total = new Map(this.#totalMs)
    for (const { source, sinceMs } of this.#waiting.values()) {
      const waitedMs = this.#clock.monotonic() - sinceMs
      if (waitedMs >= blockedAfterMs) total.set(source, (total.get(source) ?? 0) + waitedMs)
    }
    return new Map([...total].map(([source, ms]) => [source, ms / 1000]))
  }
}
