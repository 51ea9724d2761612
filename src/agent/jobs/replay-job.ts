import type { DiskBuffer } from '../../buffer/disk-buffer.ts'
import type { Stretch } from '../../buffer/look/stretch.ts'
import type { StoredEvent } from '../../buffer/buffer.ts'
import { Pace } from '../../delivery/replay/pace.ts'
import { ReplaySink } from '../../delivery/replay/replay-sink.ts'
import { Replay } from '../../delivery/replay/replay.ts'
import { lookUp } from '../../render/members.ts'
import type { RunningSink } from '../sink-set.ts'
import type { ReplayAsked } from './asked.ts'
import type { Job } from './job.ts'
import { Refusals } from './refusals.ts'
import { sideBySide } from './side-by-side.ts'
import type { JobWorld } from './world.ts'

/** Sends a stretch of the buffer again, to each of its sinks by itself: a dead one keeps no other waiting. */
export class ReplayJob implements Job {
  readonly title = 'a replay of the buffer'
  readonly #sinks: readonly SinkReplay[]

  constructor(asked: ReplayAsked, world: JobWorld) {
    const names = asked.sink === undefined ? world.sinks.names : [asked.sink]
    this.#sinks = names.map((name) => new SinkReplay(name, asked, world))
  }

  async run(signal: AbortSignal): Promise<object> {
    await sideBySide(this.#sinks, signal)
    return this.progress()
  }

  progress(): object {
    return { sinks: Object.fromEntries(this.#sinks.map((one) => [one.name, one.progress()])) }
  }
}

class SinkReplay {
  readonly name: string
  readonly #asked: ReplayAsked
  readonly #world: JobWorld
  readonly #target: RunningSink
  readonly #refusals = new Refusals()
  #sent = 0
  #stretch: Stretch | undefined
  #sink: ReplaySink | undefined
  #pace: Pace | undefined
  #replay: Replay | undefined
  #isEnded = false

  constructor(name: string, asked: ReplayAsked, world: JobWorld) {
    this.name = name
    this.#asked = asked
    this.#world = world
    this.#target = world.sinks.running(name)!
  }

  run(signal: AbortSignal): Promise<void> {
    const target = this.#target
    const stopped = AbortSignal.any([signal, target.stopping])
    return target.during(this.#run(stopped).finally(() => (this.#isEnded = true)))
  }

  progress(): object {
    const waits = this.#isEnded ? undefined : (this.#pace?.waitsFor ?? this.#replay?.trouble)
    return {
      sent: this.#sent,
      already_there: this.#sink?.alreadyThere ?? 0,
      refused: this.#refusals.events,
      refusals: this.#refusals.toJson(),
      scanned_bytes: this.#stretch?.scannedBytes ?? 0,
      total_bytes: this.#stretch?.totalBytes ?? 0,
      gone_segments: this.#stretch?.goneSegments ?? 0,
      ...(waits !== undefined && { waits }),
      ...(this.#target.stopping.aborted && { stopped: true }),
    }
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { clock, log, random, redact, buffer } = this.#world
    const { sink, config, delivery } = this.#target
    this.#pace = new Pace(clock, () => delivery.status(), signal)
    this.#sink = new ReplaySink(sink, this.#pace)
    this.#stretch = await this.#stretchOf(buffer)
    this.#replay = new Replay({
      name: this.name,
      type: config.type,
      sink: this.#sink,
      config,
      feed: this.#stretch,
      clock,
      random,
      log,
      redact,
      acknowledged: () => {
        this.#sent += 1
        delivery.replays.replay(1)
      },
      refused: (letters) => this.#refusals.add(letters),
    })
    await this.#replay.run(signal)
  }

  #stretchOf(buffer: DiskBuffer): Promise<Stretch> {
    const { from, to, source, sink, labels } = this.#asked
    const { config } = this.#world
    const matches = (event: StoredEvent): boolean =>
      (source === undefined || event.record.source === source) &&
      labels.every(([name, value]) => this.#valueOf(event, name) === value)
    return buffer.stretch({
      from,
      to,
      sink: this.name,
      matches,
      // Who names a new sink means it to have what is older; of a source that is for other sinks it gets nothing.
      isForNewSink: (name) => sink !== undefined && (config().sources[name]?.sinks?.includes(sink) ?? true),
    })
  }

  /** A label as the sink gives it, else the field of that name, as in templates. */
  #valueOf(event: StoredEvent, name: string): string | undefined {
    return this.#target.sink.labelOf?.(event, name) ?? lookUp(event, name)
  }
}
