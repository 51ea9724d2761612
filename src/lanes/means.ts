import { limits } from '../core/limits.ts'
import type { SharedMember } from '../core/chunk.ts'
import { agentPaths } from '../enrich/agent-paths.ts'
import type { AutoChoice } from '../parsers/auto.ts'
import type { LineContent, LineParser } from '../parsers/chain.ts'
import type { Wrapper } from '../parsers/parser.ts'
import type { TimeZone } from '../parsers/time-zone.ts'
import { EventFinder } from '../steps/event-finder.ts'
import { StepEvent } from '../steps/step-event.ts'
import { CleanLine } from './clean-line.ts'
import { linesOf } from './encoded-lines.ts'
import { EventMaker } from './event-maker.ts'
import type { FileLaneShape } from './file-lane.ts'
import type { LineBlock } from './lane.ts'
import { ParsedTime } from './parsed-time.ts'

/** How a wrapper is taken off, lines are read, and events are made. Holds nothing of a file from one call to the next. */
export interface Means {
  readonly wrapper: Wrapper | undefined
  readonly parse: LineParser
  /** The same for the kernel. */
  readonly content: LineContent | { readonly because: string }
  readonly maker: EventMaker
  /** Of times that name none. */
  readonly zone: TimeZone
  readonly line: CleanLine
  readonly parsedTime: ParsedTime
  /** Undefined where the source has no steps. */
  readonly stepEvent: StepEvent | undefined
}

/**
 * The means of a source, shared by its files, which take their turns one after the other. What a parser remembers of
 * lines (their keys, above all) holds for the next file too; with means of its own each of ten thousand files took 60 KB
 * and three milliseconds.
 */
export class SharedMeans {
  readonly #byKind = new Map<string, Means>()

  /**
   * Files of one source have few kinds: the wrapper and preset that `auto` found, whether a pod is in the path, and which of
   * the wanted labels it has. Whoever labels pods at random makes the oldest be forgotten.
   */
  of(choice: AutoChoice, shape: FileLaneShape, shared: readonly SharedMember[]): Means {
    const { wrapper, preset } = choice
    const kind = [wrapper?.name, preset?.name, ...shared.map(({ name }) => name)].join('\0')
    const known = this.#byKind.get(kind)
    if (known) return known
    const { chain, zone, times, anyTimes, timeNames, findsTrace, pool, steps } = shape
    const paths = agentPaths(shared, wrapper !== undefined)
    const means: Means = {
      wrapper,
      parse: chain.lineParser(preset),
      content: chain.content(preset),
      maker: new EventMaker({ paths, findsTrace, timeNames, times, anyTimes, pool }),
      zone,
      line: new CleanLine(),
      parsedTime: new ParsedTime(times, timeNames),
      stepEvent: steps ? new StepEvent(new EventFinder(findsTrace)) : undefined,
    }
    if (this.#byKind.size >= limits.kindsOfFiles) this.#byKind.delete(this.#byKind.keys().next().value!)
    this.#byKind.set(kind, means)
    return means
  }
}

/** As many as `auto` looks at. */
export function firstLines(block: LineBlock, maxLineBytes: number): Buffer[] {
  const lines = linesOf(block, maxLineBytes)
  const first: Buffer[] = []
  while (first.length < limits.autoLines && lines.next())
    first.push(lines.bytes.subarray(lines.start, lines.end))
  return first
}
