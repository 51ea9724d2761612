import type { Cancel, Clock } from '../core/clock.ts'
import { limits } from '../core/limits.ts'
import type { RequestTimes } from './request-times.ts'
import { secondsWithin } from './request-times.ts'
import { SeriesRings } from './series-rings.ts'
import type { SeriesByName } from './series-rings.ts'
import type { AgentView } from './view.ts'

/** Moments behind each other, the oldest first; `null` where nothing is known of one. */
export interface HistoryPart {
  /** Of another process the numbers begin anew: what was asked for before is no longer of this history. */
  readonly run: string
  /** The number of the first moment of the lists. */
  readonly from: number
  /** Wall clock of each moment, ms since 1970. */
  readonly times: readonly number[]
  readonly sources: SeriesByName
  readonly sinks: SeriesByName
  readonly buffer: SeriesByName
}

export interface HistoryOptions {
  readonly view: AgentView
  readonly requestTimes: Pick<RequestTimes, 'countsOf'>
  readonly clock: Clock
}

interface Counts {
  readonly counters: Map<string, number>
  readonly requests: Map<string, readonly number[]>
}

/**
 * The last five minutes as series, for the status page: rates between two looks at counters that are there anyway, so that
 * the way of a line does nothing for it. It looks all the time, as whoever opens the page wants to see what was before: a
 * look takes some ten microseconds.
 */
export class History {
  readonly #options: HistoryOptions
  readonly #run: string
  readonly #rings = { sources: new SeriesRings(), sinks: new SeriesRings(), buffer: new SeriesRings() }
  readonly #times = new Float64Array(limits.historyMoments)
  /** What the look before saw, and what this one sees: names that a reload has taken away are in neither for long. */
  #before: Counts = { counters: new Map(), requests: new Map() }
  #now: Counts = this.#before
  #atMs: number
  #next = 0
  #cancel: Cancel = () => {}

  constructor(options: HistoryOptions) {
    this.#options = options
    this.#run = options.clock.now().toString(36)
    this.#atMs = options.clock.monotonic()
    this.#look(Number.NaN)
    this.#lookAgain()
  }

  stop(): void {
    this.#cancel()
  }

  /** Moments from number `from` on, all that there are where it is out of reach or of another run. */
  since(from: number, run: string): HistoryPart {
    const oldest = Math.max(0, this.#next - limits.historyMoments)
    const isKnown = run === this.#run && Number.isSafeInteger(from) && from >= oldest && from <= this.#next
    const first = isKnown ? from : oldest
    const places = Array.from(
      { length: this.#next - first },
      (_, index) => (first + index) % limits.historyMoments,
    )
    const { sources, sinks, buffer } = this.#rings
    return {
      run: this.#run,
      from: first,
      times: places.map((place) => this.#times[place]!),
      sources: sources.at(places),
      sinks: sinks.at(places),
      buffer: buffer.at(places),
    }
  }

  #lookAgain(): void {
    this.#cancel = this.#options.clock.after(limits.historyEveryMs, () => {
      const atMs = this.#options.clock.monotonic()
      const seconds = (atMs - this.#atMs) / 1000
      this.#atMs = atMs
      this.#look(seconds)
      this.#lookAgain()
    })
  }

  #look(seconds: number): void {
    const { view, clock } = this.#options
    const place = this.#next % limits.historyMoments
    this.#times[place] = clock.now()
    this.#before = this.#now
    this.#now = { counters: new Map(), requests: new Map() }
    for (const rings of Object.values(this.#rings)) rings.open(place)
    for (const { name, counts } of view.sources()) {
      this.#rings.sources.put(name, 'read_bytes', this.#rate(`${name} bytes`, counts.readBytes, seconds))
      this.#rings.sources.put(name, 'read_events', this.#rate(`${name} events`, counts.readEvents, seconds))
    }
    for (const sink of view.sinks()) this.#lookAtSink(sink, seconds)
    const { bytes } = view.buffer()
    this.#rings.buffer.put('buffer', 'bytes', bytes)
    this.#next += 1
  }

  #lookAtSink({ name, counts, lagSeconds }: ReturnType<AgentView['sinks']>[number], seconds: number): void {
    let acknowledged = 0
    for (const one of counts.values()) acknowledged += one.acknowledged
    const { sinks } = this.#rings
    sinks.put(name, 'acknowledged', this.#rate(`${name} acknowledged`, acknowledged, seconds))
    sinks.put(name, 'lag_seconds', lagSeconds)
    const now = this.#options.requestTimes.countsOf(name)
    const before = this.#before.requests.get(name)
    sinks.put(name, 'request_p50', secondsWithin(0.5, before, now) ?? Number.NaN)
    sinks.put(name, 'request_p95', secondsWithin(0.95, before, now) ?? Number.NaN)
    if (now) this.#now.requests.set(name, now)
  }

  /** A second's worth; NaN at the first look at a counter. */
  #rate(counter: string, value: number, seconds: number): number {
    const before = this.#before.counters.get(counter) ?? Number.NaN
    this.#now.counters.set(counter, value)
    return Math.max(0, (value - before) / seconds)
  }
}
