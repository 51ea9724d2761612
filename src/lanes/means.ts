import { limits } from '../core/limits.ts'
import { agentPaths } from '../enrich/agent-paths.ts'
import type { AutoChoice } from '../parsers/auto.ts'
import type { LineParser } from '../parsers/chain.ts'
import type { Wrapper } from '../parsers/parser.ts'
import type { Bumps } from './bumps.ts'
import { linesOf } from './encoded-lines.ts'
import { EventMaker } from './event-maker.ts'
import type { FileLaneShape } from './file-lane.ts'
import type { LineBlock } from './lane.ts'

/** How the wrapper of this file is taken off, its lines are read, and its events are made. */
export interface Means {
  readonly wrapper: Wrapper | undefined
  readonly parse: LineParser
  readonly maker: EventMaker
}

export function meansWith({ wrapper, preset }: AutoChoice, shape: FileLaneShape, bumps: Bumps): Means {
  const { chain, times, anyTimes, timeNames, findsTrace, pool, shared } = shape
  const paths = agentPaths(shared, wrapper !== undefined)
  const maker = new EventMaker({ paths, findsTrace, timeNames, times, anyTimes, pool, bumps })
  return { wrapper, maker, parse: chain.lineParser(preset) }
}

/** As many as `auto` looks at. */
export function firstLines(block: LineBlock, maxLineBytes: number): Buffer[] {
  const lines = linesOf(block, maxLineBytes)
  const first: Buffer[] = []
  while (first.length < limits.autoLines && lines.next())
    first.push(lines.bytes.subarray(lines.start, lines.end))
  return first
}
