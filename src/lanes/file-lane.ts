import { isUtf8 } from 'node:buffer'
import type { PendingRange, SharedMember } from '../core/chunk.ts'
import type { Clock } from '../core/clock.ts'
import { EventFlag } from '../core/event.ts'
import type { DraftEvent } from '../core/event.ts'
import { limits } from '../core/limits.ts'
import { agentPaths } from '../enrich/agent-paths.ts'
import { choiceOfText, choiceText, chooseParsers } from '../parsers/auto.ts'
import type { AutoChoice } from '../parsers/auto.ts'
import type { Chain, LineParser, ParsedLine } from '../parsers/chain.ts'
import type { Wrapper } from '../parsers/parser.ts'
import type { TimeReader } from '../parsers/time.ts'
import { EventFinder, sharedFields } from '../steps/event-finder.ts'
import type { StepList } from '../steps/run-steps.ts'
import { StepEvent } from '../steps/step-event.ts'
import { BlockLines } from './block-lines.ts'
import { Bumps } from './bumps.ts'
import { CleanLine } from './clean-line.ts'
import type { EventPool } from './event-pool.ts'
import { EventMaker } from './event-maker.ts'
import { ParsedTime } from './parsed-time.ts'
import { FragmentJoiner } from './fragments.ts'
import type { Fragment } from './fragments.ts'
import type { FileLane, FilteredEvent, LaneResult, LineBlock, Origin } from './lane.ts'
import { repaired } from './utf8.ts'

/** What the lane of a source gives to each of its files. */
export interface FileLaneShape {
  readonly chain: Chain
  readonly times: TimeReader
  readonly anyTimes: TimeReader
  readonly timeNames: readonly string[]
  readonly findsTrace: boolean
  readonly routes: number
  readonly maxLineBytes: number
  readonly clock: Clock
  readonly pool: EventPool
  readonly steps: StepList | undefined
  readonly onFiltered: ((filtered: FilteredEvent) => void) | undefined
  readonly shared: readonly SharedMember[]
  readonly host: string
}

/** How the wrapper of this file is taken off, its lines are read, and its events are made. */
interface Means {
  readonly wrapper: Wrapper | undefined
  readonly parse: LineParser
  readonly maker: EventMaker
}

export class GeneralFileLane implements FileLane {
  readonly shared: readonly SharedMember[]
  readonly host: string
  readonly #shape: FileLaneShape
  readonly #bumps: Bumps
  readonly #fragments: FragmentJoiner
  readonly #clean = new CleanLine()
  readonly #parsedTime: ParsedTime
  /** Undefined where the source has no steps. */
  readonly #stepEvent: StepEvent | undefined
  #nowMs = 0
  /** What `auto` chose, for the checkpoint; '' while it has not. */
  #choice = ''
  /** Undefined while `auto` has not chosen. */
  #means: Means | undefined
  #events: DraftEvent[] = []
  #parseErrors = 0
  #filtered = 0

  constructor(origin: Origin, shape: FileLaneShape) {
    this.shared = shape.shared
    this.host = shape.host
    this.#shape = shape
    const { resume } = origin
    this.#bumps = new Bumps(resume?.lastTime ?? { seconds: 0, nanos: 0 }, resume?.lastBump ?? 0)
    this.#fragments = new FragmentJoiner(origin.generation, shape.maxLineBytes)
    this.#parsedTime = new ParsedTime(shape.times, shape.timeNames)
    if (shape.steps)
      this.#stepEvent = new StepEvent(sharedFields(shape.shared), new EventFinder(shape.findsTrace))
    const { wrapper } = shape.chain
    if (wrapper !== 'auto') this.#means = this.#meansWith({ wrapper, preset: undefined })
    else {
      const choice = choiceOfText(resume?.parser ?? '')
      if (choice) this.#take(choice)
    }
  }

  process(block: LineBlock, mayWait: boolean): LaneResult | 'wait' {
    const means = this.#means ?? this.#choose(block, mayWait)
    if (means === 'wait') return 'wait'
    const lines = new BlockLines(block, this.#shape.maxLineBytes)
    if (!means) return this.#result()
    this.#readNow(means)
    while (lines.next()) this.#line(lines, means)
    return this.#result()
  }

  resume(range: PendingRange, bytes: Uint8Array): void {
    const block = { bytes, from: range.from, to: range.from + bytes.length }
    const means = this.#means ?? this.#choose(block, false)
    if (!means || means === 'wait' || !means.wrapper) return
    const lines = new BlockLines(block, this.#shape.maxLineBytes)
    const nowMs = this.#shape.clock.monotonic()
    while (lines.next()) {
      const unwrapped = means.wrapper.unwrap(lines.bytes, lines.start, lines.end)
      if (unwrapped)
        this.#fragments.hold(fragmentOf(lines, unwrapped, means.wrapper), nowMs, range.generation)
    }
  }

  deadline(): number | undefined {
    return this.#fragments.deadline()
  }

  flush(everything: boolean): LaneResult {
    const { clock } = this.#shape
    const means = this.#means
    if (!means) return this.#result()
    this.#readNow(means)
    for (const fragment of this.#fragments.take(clock.monotonic(), everything)) this.#joined(fragment, means)
    return this.#result()
  }

  recycle(events: readonly DraftEvent[]): void {
    this.#shape.pool.giveBack(events)
  }

  #line(lines: BlockLines, means: Means): void {
    const { wrapper, maker, parse } = means
    const unwrapped = wrapper?.unwrap(lines.bytes, lines.start, lines.end)
    if (wrapper && unwrapped) {
      const fragment = fragmentOf(lines, unwrapped, wrapper)
      if (unwrapped.isPartial) this.#fragments.hold(fragment, this.#shape.clock.monotonic())
      else this.#joined(this.#fragments.finish(fragment), means)
      return
    }
    const line = this.#clean
    cleanLine(lines, line)
    // A wrapper that was asked for by name and isn't there is an error; `auto` takes the line as it comes.
    const isMisfit = wrapper !== undefined && this.#shape.chain.wrapper !== 'auto'
    this.#event(line, isMisfit ? misfit(wrapper) : parse(line), maker)
  }

  /** A whole line out of its wrapper; blank ones make no event. */
  #joined(fragment: Fragment, { maker, parse }: Means): void {
    const isClean = isUtf8(fragment.content)
    const bytes = isClean ? fragment.content : repaired(fragment.content)
    if (isBlank(bytes)) return
    const line = this.#clean
    line.setWhole(bytes)
    line.from = fragment.from
    line.to = fragment.to
    line.flags = isClean ? fragment.flags : fragment.flags | EventFlag.invalidUtf8
    line.stream = fragment.stream
    line.time = fragment.time
    this.#event(line, parse(line), maker)
  }

  #readNow(means: Means): void {
    this.#nowMs = this.#shape.clock.now()
    means.maker.readAt(this.#nowMs)
  }

  #event(line: CleanLine, parsed: ParsedLine, maker: EventMaker): void {
    if (this.#stepEvent) return this.#eventOfSteps(line, parsed, { maker, event: this.#stepEvent })
    if (parsed.parseError !== '') this.#parseErrors++
    this.#events.push(maker.make(line, this.#untimed(line, parsed), this.#shape.routes))
  }

  /** The same behind the steps: time, level and ids are those of what they have made of the line. */
  #eventOfSteps(line: CleanLine, parsed: ParsedLine, by: { maker: EventMaker; event: StepEvent }): void {
    const { maker, event } = by
    const { steps, routes, onFiltered } = this.#shape
    event.begin(line, parsed)
    const filteredBy = steps!.run(event)
    if (event.parseError !== '') this.#parseErrors++
    const mask = routes & event.routes
    // What is routed to sinks that its source does not send to has nowhere to go.
    const filter =
      filteredBy ?? (mask === 0 ? 'a route to sinks that its source does not send to' : undefined)
    if (filter === undefined) {
      this.#events.push(maker.make(line, this.#untimed(line, event), mask))
      return
    }
    this.#filtered++
    onFiltered?.({ from: line.from, to: line.to, by: filter })
  }

  #untimed(line: CleanLine, parsed: ParsedLine): ParsedLine {
    return (parsed.isTakenApart ? this.#parsedTime.take(line, parsed, this.#nowMs) : undefined) ?? parsed
  }

  /** Looks at the first whole lines, or at what there is once waiting is over. */
  #choose(block: LineBlock, mayWait: boolean): Means | 'wait' | undefined {
    const lines = new BlockLines(block, this.#shape.maxLineBytes)
    const first: Buffer[] = []
    while (first.length < limits.autoLines && lines.next())
      first.push(lines.bytes.subarray(lines.start, lines.end))
    const isCutLine = block.truncated === true || block.partial === true
    if (mayWait && !isCutLine && first.length < limits.autoLines) return 'wait'
    if (first.length === 0) return undefined
    return this.#take(chooseParsers(first))
  }

  #take(choice: AutoChoice): Means {
    this.#choice = choiceText(choice)
    this.#means = this.#meansWith(choice)
    return this.#means
  }

  #meansWith({ wrapper, preset }: AutoChoice): Means {
    const { chain, times, anyTimes, timeNames, findsTrace, pool } = this.#shape
    const paths = agentPaths(this.shared, wrapper !== undefined)
    const maker = new EventMaker({
      paths,
      findsTrace,
      timeNames,
      times,
      anyTimes,
      pool,
      bumps: this.#bumps,
    })
    return { wrapper, maker, parse: chain.lineParser(preset) }
  }

  #result(): LaneResult {
    const result = {
      events: this.#events,
      pending: this.#fragments.pending(),
      parser: this.#choice,
      lastTime: this.#bumps.lastTime,
      lastBump: this.#bumps.lastBump,
      filtered: this.#filtered,
      parseErrors: this.#parseErrors,
    }
    this.#events = []
    this.#parseErrors = 0
    this.#filtered = 0
    return result
  }
}

function cleanLine(lines: BlockLines, line: CleanLine): void {
  line.from = lines.from
  line.to = lines.to
  line.flags = lines.flags
  line.stream = ''
  line.time = undefined
  if (lines.isUtf8) return line.set(lines.bytes, lines.start, lines.end, lines)
  const raw = lines.bytes.subarray(lines.start, lines.end)
  line.setWhole(repaired(raw))
  if (line.bytes !== raw) line.flags |= EventFlag.invalidUtf8
}

type Unwrapped = NonNullable<ReturnType<Wrapper['unwrap']>>

function fragmentOf(lines: BlockLines, unwrapped: Unwrapped, wrapper: Wrapper): Fragment {
  const { stream, time, isPartial } = unwrapped
  // CRI cuts anywhere: a CR at the end of a part stands in the middle of the line that was logged.
  const wantsCarriageReturn = lines.hadCarriageReturn && isPartial && wrapper.name === 'cri'
  const content = wantsCarriageReturn
    ? Buffer.concat([unwrapped.content, Buffer.from('\r')])
    : unwrapped.content
  return {
    content,
    stream,
    time,
    from: lines.from,
    to: lines.to,
    flags: lines.flags | repairedFlag(lines, wrapper),
  }
}

/** Docker's JSON is decoded before its content is looked at, so what was no UTF-8 must be noticed here. */
function repairedFlag(lines: BlockLines, wrapper: Wrapper): number {
  if (lines.isUtf8 || wrapper.name !== 'docker') return 0
  return isUtf8(lines.bytes.subarray(lines.start, lines.end)) ? 0 : EventFlag.invalidUtf8
}

const misfit = (wrapper: Wrapper): ParsedLine => ({
  own: undefined,
  isTakenApart: false,
  added: [],
  parseError: wrapper.name,
})

/** Only spaces, tabs and CRs. */
function isBlank(bytes: Uint8Array): boolean {
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x09 && byte !== 0x0d) return false
  }
  return true
}
