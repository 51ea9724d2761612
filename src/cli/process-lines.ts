import type { StoredEvent } from '../buffer/buffer.ts'
import { recordFromChunk } from '../buffer/record-codec.ts'
import { createLanes } from '../config/lanes.ts'
import type { AgentConfig } from '../config/schema.ts'
import { readHost } from '../enrich/host.ts'
import { readOsRelease } from '../platform/os-release.ts'
import type { FileLane, FilteredEvent, Lane, LaneResult, LineBlock } from '../lanes/lane.ts'
import { systemClock } from '../platform/system-clock.ts'
import { examplePath, toBlocks } from './test-input.ts'
import type { TestInput } from './test-input.ts'
import type { StepTrace } from '../steps/run-steps.ts'

/** What a record wants to know of a file that does not exist. */
const noFile = { device: 0, inode: 0, headLength: 0, headHash: 0, mark: new Uint8Array(0), goneAtMs: 0 }

interface Origin {
  readonly source: string
  readonly generation: string
  readonly path: string
}

export interface Processed {
  readonly events: readonly StoredEvent[]
  readonly filtered: readonly FilteredEvent[]
  /** What went wrong in the steps. */
  readonly stepTroubles: { readonly errors: number; readonly last: string }
  readonly parseErrors: number
  /** What `auto` chose for the file: `cri+json`, `none`. */
  readonly parser: string
  readonly path: string
  /** Tries the lane that the agent would take. */
  readonly lane: () => TakenLane
}

/** The lane that the agent would take for these lines. */
export interface TakenLane {
  readonly kind: Lane['kind']
  /** The setting that asks for the general lane. */
  readonly because: string | undefined
  /** How many of the events the kernel would make by itself. */
  readonly byKernel: number
}

/** The lines as events of a new file of the source: through its lane, and through a record of the buffer in memory. */
export function processLines(options: {
  config: AgentConfig
  source: string
  lines: TestInput
  path: string | undefined
  /** Told of each step of each event, in the order of the events. */
  onStep?: (trace: StepTrace) => void
}): Processed {
  const { config, source, lines, onStep } = options
  const settings = config.sources[source]!
  const host = readHost(readOsRelease())
  const filtered: FilteredEvent[] = []
  let isWatched = true
  const sinks = Object.keys(config.sinks)
  const bitOf = (sink: string): number => sinks.indexOf(sink)
  const planned = createLanes({
    config,
    host,
    clock: systemClock,
    routeOf: () => maskOf(settings.sinks ?? sinks, bitOf),
    bitOf,
    hashKey: 'the hashes of a test are not those of the agent',
    onFiltered: (event) => isWatched && filtered.push(event),
    onStep: onStep && ((trace) => isWatched && onStep(trace)),
  }).get(source)!
  // What it shows are drafts.
  const drafting = planned.general ?? planned
  const path = options.path ?? examplePath(settings['include'])
  const origin = { source, generation: '0'.repeat(24), path }
  const file = drafting.open(origin)
  const events: StoredEvent[] = []
  const blocks = toBlocks(lines, settings.max_line_bytes, drafting.encoding)
  let [parseErrors, from, parser] = [0, 0, 'none']
  for (const block of [...blocks, undefined]) {
    const result = block ? file.process(block, false) : file.flush(true)
    if (result === 'wait') throw new Error('the lane waits for lines though it was told not to')
    const to = block?.to ?? from
    events.push(...storedEvents({ result, file, origin }, from, to))
    parseErrors += result.parseErrors
    parser = result.parser
    from = to
  }
  const stepTroubles = drafting.stepTroubles?.() ?? { errors: 0, last: '' }
  const lane = (): TakenLane => {
    // What it leaves to the general lane has been told once.
    isWatched = false
    const byKernel = madeByKernel(planned, origin, blocks)
    return { kind: planned.kind, because: planned.because, byKernel }
  }
  return { events, filtered, parseErrors, stepTroubles, parser, path, lane }
}

function madeByKernel(lane: Lane, origin: Origin, blocks: readonly LineBlock[]): number {
  if (lane.kind !== 'fast') return 0
  const file = lane.open(origin)
  const results = blocks.map((block) => file.process(block, false))
  const runs = results.flatMap((result) => (result === 'wait' ? [] : (result.encoded ?? [])))
  return runs.reduce((total, { count }) => total + count, 0)
}

/** The sinks by their place in the config: in `logferry test` there is no buffer that gives them their bits. */
export const maskOf = (sinks: readonly string[], bitOf: (sink: string) => number): number =>
  sinks.reduce((mask, sink) => mask | (1 << bitOf(sink)), 0)

function storedEvents(
  { result, file, origin }: { result: LaneResult; file: FileLane; origin: Origin },
  from: number,
  to: number,
): StoredEvent[] {
  const { events, filtered, parseErrors, pending, parser, lastTime, lastBump } = result
  const { host, shared } = file
  const checkpoint = { ...noFile, ...origin, offset: to, pending, parser, lastTime, lastBump }
  const { source, generation } = origin
  const stretch = { source, generation, host, from, to, moves: true, lost: [] }
  const record = recordFromChunk({ ...stretch, checkpoint, shared, events, filtered, parseErrors })
  return Array.from({ length: record.count }, (_, index) => record.event(index))
}
