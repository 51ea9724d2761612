import { isUtf8 } from 'node:buffer'
import type { GenerationId, PendingRange, SharedMember } from '../core/chunk.ts'
import type { Clock } from '../core/clock.ts'
import { EventFlag } from '../core/event.ts'
import type { DraftEvent, Instant } from '../core/event.ts'
import { limits } from '../core/limits.ts'
import { choiceOfText, choiceText, chooseParsers } from '../parsers/auto.ts'
import type { AutoChoice } from '../parsers/auto.ts'
import type { Chain, ParsedLine } from '../parsers/chain.ts'
import type { JoinRule } from '../parsers/multiline/join-rule.ts'
import type { Wrapper } from '../parsers/parser.ts'
import type { TimeReader } from '../parsers/time.ts'
import type { TimeZone } from '../parsers/time-zone.ts'
import { sharedFields } from '../steps/event-finder.ts'
import type { Found } from '../steps/found.ts'
import type { StepList } from '../steps/run-steps.ts'
import type { StepEvent } from '../steps/step-event.ts'
import { Bumps } from './bumps.ts'
import { linesOf } from './encoded-lines.ts'
import type { Encoding } from '../core/encoding.ts'
import type { EventPool } from './event-pool.ts'
import type { FileOfEvents } from './event-maker.ts'
import { fragmentOf, plainFragment } from './fragment-of.ts'
import { firstLines } from './means.ts'
import type { Means, SharedMeans } from './means.ts'
import { FragmentJoiner } from './fragments.ts'
import type { Fragment } from './fragments.ts'
import type { HeldBytes } from './held-bytes.ts'
import type { FileLane, FilteredEvent, LaneResult, LineBlock, Origin } from './lane.ts'
import { isBlank } from './lines.ts'
import type { Lines } from './lines.ts'
import { MultilineJoiner } from './multiline-joiner.ts'
import type { JoinBounds } from './multiline-joiner.ts'
import { repaired } from './utf8.ts'

/** What the lane of a source gives to each of its files. */
export interface FileLaneShape {
  readonly chain: Chain
  /** Of times that name none. */
  readonly zone: TimeZone
  readonly times: TimeReader
  readonly anyTimes: TimeReader
  readonly timeNames: readonly string[]
  readonly findsTrace: boolean
  readonly routes: number
  readonly maxLineBytes: number
  readonly clock: Clock
  readonly pool: EventPool
  readonly means: SharedMeans
  /** Undefined where each line is an event. */
  readonly multiline: Multiline | undefined
  readonly steps: StepList | undefined
  readonly onFiltered: ((filtered: FilteredEvent) => void) | undefined
}

export interface Multiline {
  readonly rule: JoinRule
  readonly bounds: JoinBounds
  readonly held: HeldBytes
}

export class GeneralFileLane implements FileLane {
  readonly shared: readonly SharedMember[]
  readonly host: string
  readonly #shape: FileLaneShape
  readonly bumps: Bumps
  readonly #file: FileOfEvents
  readonly #generation: GenerationId
  readonly #fragments: FragmentJoiner
  readonly #joiner: MultilineJoiner | undefined
  /** For steps, made when the first line asks. */
  #sharedFields: ReadonlyMap<string, Found> | undefined
  #nowMs = 0
  #monotonicMs = 0
  /** What `auto` chose, for the checkpoint; '' while it has not. */
  #choice = ''
  /** Undefined while `auto` has not chosen. */
  #means: Means | undefined
  #events: DraftEvent[] = []
  #parseErrors = 0
  #filtered = 0

  constructor(
    { generation, resume, host, shared }: Origin & { host: string; shared: readonly SharedMember[] },
    shape: FileLaneShape,
  ) {
    this.shared = shared
    this.host = host
    this.#shape = shape
    this.#generation = generation
    this.bumps = new Bumps(resume?.lastTime ?? { seconds: 0, nanos: 0 }, resume?.lastBump ?? 0)
    this.#file = { bumps: this.bumps, sharedValue: valuesOf(shared) }
    this.#fragments = new FragmentJoiner(generation, shape.maxLineBytes)
    if (shape.multiline) {
      const emit = (event: Fragment): void => this.#joined(event, this.#means!)
      this.#joiner = new MultilineJoiner({ ...shape.multiline, generation, emit })
    }
    const { wrapper } = shape.chain
    if (wrapper !== 'auto') this.#means = shape.means.of({ wrapper, preset: undefined }, shape, shared)
    else {
      const choice = choiceOfText(resume?.parser ?? '')
      if (choice) this.#take(choice)
    }
  }

  process(block: LineBlock, mayWait: boolean): LaneResult | 'wait' {
    const means = this.meansFor(block, mayWait)
    if (means === 'wait') return 'wait'
    if (means) {
      this.readNow(means)
      this.take(block, means)
    }
    return this.result()
  }

  /** Undefined where `auto` has nothing to choose by. */
  meansFor(block: LineBlock, mayWait: boolean): Means | 'wait' | undefined {
    return this.#means ?? this.#choose(block, mayWait)
  }

  /** Makes events of the lines, for the next result. `readNow` says when they were read. */
  take(block: LineBlock, means: Means): void {
    this.#lines(linesOf(block, this.#shape.maxLineBytes), means, this.#generation)
  }

  /** For the lines that are taken next: one instant of reading for all of them. */
  readNow(means: Means): Instant {
    this.#nowMs = this.#shape.clock.now()
    this.#monotonicMs = this.#shape.clock.monotonic()
    return means.maker.begin(this.#file, this.#nowMs)
  }

  /** What steps find in every event of the file. */
  get sharedFields(): ReadonlyMap<string, Found> {
    return (this.#sharedFields ??= sharedFields(this.shared))
  }

  /** Events that were made and are not yet in a result. */
  get made(): number {
    return this.#events.length
  }

  /** The streams in which parts of lines wait for the rest. */
  get openStreams(): Iterable<string> {
    return this.#fragments.streams
  }

  /** Lines that are whole events under today's config, and were not when they were read, come out with the next result. */
  resume(range: PendingRange, bytes: Uint8Array, encoding?: Encoding): void {
    const block = { bytes, from: range.from, to: range.from + bytes.length, encoding }
    const means = this.#means ?? this.#choose(block, false)
    if (!means || means === 'wait') return
    this.readNow(means)
    this.#lines(linesOf(block, this.#shape.maxLineBytes), means, range.generation)
  }

  deadline(): number | undefined {
    if (this.#events.length > 0) return 0
    const deadline = Math.min(this.#fragments.deadline(), this.#joiner?.deadline() ?? Infinity)
    return deadline === Infinity ? undefined : deadline
  }

  flush(everything: boolean): LaneResult {
    const means = this.#means
    if (!means) return this.result()
    this.readNow(means)
    for (const fragment of this.#fragments.take(this.#monotonicMs, everything)) this.#whole(fragment, means)
    this.#joiner?.flush(this.#monotonicMs, everything)
    this.#joiner?.settle()
    return this.result()
  }

  release(): void {
    this.#joiner?.release()
  }

  recycle(events: readonly DraftEvent[]): void {
    this.#shape.pool.giveBack(events)
  }

  #lines(lines: Lines, means: Means, generation: GenerationId): void {
    const joiner = this.#joiner
    if (!joiner) {
      while (lines.next()) this.#line(lines, means, generation)
      return
    }
    while (lines.nextOrBlank()) {
      if (!lines.isBlank()) this.#line(lines, means, generation)
      else if (!means.wrapper) joiner.blank(plainFragment(lines, generation))
    }
    joiner.settle()
  }

  #line(lines: Lines, means: Means, generation: GenerationId): void {
    const { wrapper, parse, line } = means
    const unwrapped = wrapper?.unwrap(lines.bytes, lines.start, lines.end)
    if (wrapper && unwrapped) {
      const fragment = fragmentOf(lines, unwrapped, wrapper, generation)
      if (unwrapped.isPartial) this.#hold(fragment)
      else this.#whole(this.#fragments.finish(fragment), means)
      return
    }
    // A wrapper that was asked for by name and isn't there is an error; `auto` takes the line as it comes.
    const isMisfit = wrapper !== undefined && this.#shape.chain.wrapper !== 'auto'
    if (this.#joiner && !isMisfit)
      return this.#joiner.take(plainFragment(lines, generation), this.#monotonicMs)
    line.setFrom(lines)
    if (generation !== this.#generation) line.to = line.from
    this.#event(means, isMisfit ? misfit(wrapper) : parse(line))
  }

  #hold(fragment: Fragment): void {
    this.#fragments.hold(fragment, this.#monotonicMs)
    this.#joiner?.touch(fragment.stream, this.#monotonicMs)
  }

  /** A whole line out of its wrapper. */
  #whole(line: Fragment, means: Means): void {
    if (!this.#joiner) this.#joined(line, means)
    else if (isBlank(line.content, 0, line.content.length)) this.#joiner.blank(line)
    else this.#joiner.take(line, this.#monotonicMs)
  }

  /** The text of an event; a blank one makes none. */
  #joined(fragment: Fragment, means: Means): void {
    const isClean = isUtf8(fragment.content)
    const bytes = isClean ? fragment.content : repaired(fragment.content)
    if (isBlank(bytes, 0, bytes.length)) return
    const { line, parse } = means
    line.setWhole(bytes)
    line.from = fragment.from
    // What lies in the generation before this one has no stretch here. No line is empty: such an id is nobody else's.
    line.to = fragment.generation === this.#generation ? fragment.to : fragment.from
    line.flags = isClean ? fragment.flags : fragment.flags | EventFlag.invalidUtf8
    line.stream = fragment.stream
    line.time = fragment.time
    const parsed = parse(line)
    this.#event(means, fragment.problem === undefined ? parsed : withProblem(parsed, fragment.problem))
  }

  #event(means: Means, parsed: ParsedLine): void {
    const { maker, line, stepEvent } = means
    if (stepEvent) return this.#eventOfSteps(means, parsed, stepEvent)
    if (parsed.parseError !== '') this.#parseErrors++
    this.#events.push(maker.make(line, this.#untimed(means, parsed), this.#shape.routes))
  }

  /** The same behind the steps: time, level and ids are those of what they have made of the line. */
  #eventOfSteps(means: Means, parsed: ParsedLine, event: StepEvent): void {
    const { maker, line } = means
    const { steps, routes, onFiltered } = this.#shape
    event.begin(line, parsed, this.sharedFields)
    const filteredBy = steps!.run(event)
    if (event.parseError !== '') this.#parseErrors++
    const mask = routes & event.routes
    // What is routed to sinks that its source does not send to has nowhere to go.
    const filter =
      filteredBy ?? (mask === 0 ? 'a route to sinks that its source does not send to' : undefined)
    if (filter === undefined) {
      this.#events.push(maker.make(line, this.#untimed(means, event), mask))
      return
    }
    this.#filtered++
    onFiltered?.({ from: line.from, to: line.to, by: filter })
  }

  #untimed({ line, parsedTime }: Means, parsed: ParsedLine): ParsedLine {
    return (parsed.isTakenApart ? parsedTime.take(line, parsed, this.#nowMs) : undefined) ?? parsed
  }

  /** Looks at the first whole lines, or at what there is once waiting is over. */
  #choose(block: LineBlock, mayWait: boolean): Means | 'wait' | undefined {
    const first = firstLines(block, this.#shape.maxLineBytes)
    const isCutLine = block.truncated === true || block.partial === true
    if (mayWait && !isCutLine && first.length < limits.autoLines) return 'wait'
    if (first.length === 0) return undefined
    return this.#take(chooseParsers(first, this.#shape.multiline?.rule))
  }

  #take(choice: AutoChoice): Means {
    this.#choice = choiceText(choice)
    this.#means = this.#shape.means.of(choice, this.#shape, this.shared)
    return this.#means
  }

  /** Of a stream its held lines first, then the parts of its next line: the order in which they are read again. */
  #pending(): PendingRange[] {
    const parts = this.#fragments.pending()
    return this.#joiner ? [...this.#joiner.pending(), ...parts] : parts
  }

  /** All that was made since the last one. */
  result(): LaneResult {
    const result = {
      events: this.#events,
      pending: this.#pending(),
      parser: this.#choice,
      lastTime: this.bumps.lastTime,
      lastBump: this.bumps.lastBump,
      filtered: this.#filtered,
      parseErrors: this.#parseErrors,
    }
    this.#events = []
    this.#parseErrors = 0
    this.#filtered = 0
    return result
  }
}

/** Parsed when the first line meets one: most files have none that does. */
function valuesOf(shared: readonly SharedMember[]): (index: number) => unknown {
  let values: readonly unknown[] | undefined
  return (index) => (values ??= shared.map(({ json }) => JSON.parse(json) as unknown))[index]
}

const misfit = (wrapper: Wrapper): ParsedLine => ({
  own: undefined,
  isTakenApart: false,
  added: [],
  parseError: wrapper.name,
})

const withProblem = ({ own, isTakenApart, added, parseError }: ParsedLine, problem: string): ParsedLine => ({
  own,
  isTakenApart,
  added,
  parseError: parseError === '' ? problem : parseError,
})
