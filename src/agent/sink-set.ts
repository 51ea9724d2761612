import type { Buffer, Cursor } from '../buffer/buffer.ts'
import type { DeliveryConfig } from '../components/fields.ts'
import { createSink } from '../components/manifest.ts'
import { aborted } from '../core/clock.ts'
import type { Clock } from '../core/clock.ts'
import type { FileSystem } from '../core/file-system.ts'
import type { Log } from '../core/log.ts'
import type { DeadLetterStore } from '../delivery/dead-letters.ts'
import { createDelivery } from '../delivery/delivery-loop.ts'
import type { Delivery } from '../delivery/delivery.ts'
import type { SinkMeter, SinkStatus } from '../telemetry/view.ts'
import type { TextOutput } from '../core/text-output.ts'
import type { Sink, SinkContext, SinkState } from '../sinks/sink.ts'

export type SinkConfig = DeliveryConfig & { readonly type: string }

export interface SinkSetOptions {
  readonly buffer: Buffer
  readonly deadLetters: DeadLetterStore
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
  readonly redact: (text: string) => string
  readonly meter: (sink: string) => SinkMeter
  readonly fileSystem: FileSystem
  /** Where a console sink writes. */
  readonly output: TextOutput
}

/** A sink that runs, for who sends something to it beside its delivery. */
export interface RunningSink {
  readonly delivery: Delivery
  readonly cursor: Cursor
  readonly sink: Sink
  readonly config: SinkConfig
  /** Aborts when the sink is about to stop. */
  readonly stopping: AbortSignal
  /** The sink stays open until `work` has ended. */
  during<Result>(work: Promise<Result>): Promise<Result>
}

interface HeldSink extends RunningSink {
  /** Waits for those who use it until `signal` aborts: one that notes something on a failing disk may never end. */
  stop(signal: AbortSignal): Promise<void>
}

/** The sinks that run: each with its cursor and its delivery, started and stopped one by one, so that a reload touches no other. */
export class SinkSet {
  readonly #options: SinkSetOptions
  readonly #running = new Map<string, HeldSink>()
  /** What the last moment of the agent looked like: `--once` prints its ledger after the stop. */
  #atTheEnd: readonly RunningSink[] = []

  constructor(options: SinkSetOptions) {
    this.#options = options
  }

  get names(): string[] {
    return [...this.#running.keys()]
  }

  running(name: string): RunningSink | undefined {
    return this.#running.get(name)
  }

  isRunning(name: string): boolean {
    return this.#running.has(name)
  }

  /** `files`: the files that its config names, by path, where they were read already. */
  async start(name: string, config: SinkConfig, files: SinkContext['files']): Promise<void> {
    const { buffer, deadLetters, clock, random, redact } = this.#options
    const log = this.#options.log
    const cursor = await buffer.openCursor({ name, whenFull: config.when_full })
    const demoted = { count: 0 }
    const sink = await createSink(name, config, {
      name,
      clock,
      log,
      fileSystem: this.#options.fileSystem,
      output: this.#options.output,
      state: stateOf(cursor),
      ...(files && { files }),
      labelDemoted: () => {
        demoted.count += 1
      },
    })
    const delivery = createDelivery({
      name,
      type: config.type,
      sink,
      cursor,
      config,
      deadLetters,
      clock,
      random,
      log,
      meter: this.#options.meter(name),
      redact,
      labelDemotions: () => demoted.count,
    })
    this.#running.set(name, { delivery, cursor, sink, config, ...heldOpen() })
    delivery.start()
  }

  /** Settles what is in flight until `signal` aborts; the rest stays in the buffer. */
  async stop(name: string, signal: AbortSignal): Promise<void> {
    const running = this.#running.get(name)
    if (!running) return
    await running.stop(signal)
    await running.delivery.stop(signal)
    await running.sink.close()
    await running.cursor.close()
    this.#running.delete(name)
  }

  async stopAll(signal: AbortSignal): Promise<void> {
    this.#atTheEnd = [...this.#atTheEnd, ...this.#running.values()]
    await Promise.all([...this.#running.keys()].map((name) => this.stop(name, signal)))
  }

  flush(): void {
    for (const { delivery } of this.#running.values()) delivery.flush()
  }

  /** Resolves when every sink has settled all that is in the buffer now, or when `signal` aborts. */
  async settled(signal: AbortSignal): Promise<void> {
    await Promise.all([...this.#running.values()].map(({ delivery }) => delivery.settled(signal)))
  }

  status(): SinkStatus[] {
    const shown = this.#atTheEnd.length > 0 ? this.#atTheEnd : [...this.#running.values()]
    return shown.map(({ delivery }) => delivery.status())
  }
}

/** What keeps a sink open for those who use it beside its delivery, and tells them to let go. */
function heldOpen(): Pick<HeldSink, 'stopping' | 'during' | 'stop'> {
  const stopping = new AbortController()
  const uses = new Set<Promise<unknown>>()
  return {
    stopping: stopping.signal,
    during(work) {
      const use = work.catch(() => {}).finally(() => uses.delete(use))
      uses.add(use)
      return work
    },
    async stop(signal) {
      stopping.abort()
      await Promise.race([Promise.all(uses), aborted(signal)])
    },
  }
}

function stateOf(cursor: Cursor): SinkState {
  return {
    get: (key) => cursor.state[key],
    async set(key, value) {
      cursor.state = { ...cursor.state, [key]: value }
      await cursor.save()
    },
  }
}
