import type { Clock } from '../core/clock.ts'
import type { HostInfo } from '../enrich/host.ts'
import { encodingOf } from '../core/encoding.ts'
import { createFastLane } from '../lanes/fast/fast.ts'
import { planOf } from '../lanes/fast/plan.ts'
import type { Plan } from '../lanes/fast/plan.ts'
import { createGeneralLane } from '../lanes/general.ts'
import type { GeneralLaneOptions } from '../lanes/general.ts'
import type { FileLane, FilteredEvent, Lane, Origin } from '../lanes/lane.ts'
import { createSteps } from '../steps/run-steps.ts'
import type { StepTrace } from '../steps/run-steps.ts'
import { simpleSteps } from '../steps/simple-steps.ts'
import type { Chain } from '../parsers/chain.ts'
import type { AgentConfig } from './schema.ts'

export type { Plan }

export interface LaneOptions {
  readonly config: Pick<AgentConfig, 'enrich' | 'sources' | 'steps'>
  readonly host: HostInfo
  readonly clock: Clock
  /** The bits of the sinks that a source's events go to. */
  readonly routeOf: (source: string) => number
  /** The bit of one sink, for the step `route`. */
  readonly bitOf: (sink: string) => number
  /** Keys the hashes of the step `redact` where it has no secret of its own. */
  readonly hashKey: string
  /** Told of each event that a step has filtered out, for `logferry test`. */
  readonly onFiltered?: (filtered: FilteredEvent) => void
  /** Told of what each step does to each event, for `logferry explain`. */
  readonly onStep?: ((trace: StepTrace) => void) | undefined
  /** For times that name no zone; default the zone that this process runs in. */
  readonly hostTimezone?: string
  /** All sources take the general lane, whatever their plan says. */
  readonly isGeneralOnly?: boolean
}

/** Which lane a source takes. `chain`: of its parsers, where somebody has made it. */
export function planOfSource(
  { sources, steps: all }: Pick<AgentConfig, 'sources' | 'steps'>,
  source: string,
  chain?: Chain,
): Plan {
  const { parse, timestamp, multiline, encoding, steps: own } = sources[source]!
  const steps = simpleSteps(own, all)
  return planOf({ parse, timestamp, multiline, encoding: encodingOf(encoding), steps }, chain)
}

/** One lane for each source, by its name: the one that its plan says. */
export function createLanes(options: LaneOptions): Map<string, Lane> {
  const { config, host, clock, routeOf, bitOf, hashKey, onFiltered, onStep } = options
  // `enrich.kubernetes` is about the API; what stands in a path costs nothing and is always told.
  const enrich = { ...config.enrich, kubernetes: true }
  const hostTimezone = options.hostTimezone ?? new Intl.DateTimeFormat().resolvedOptions().timeZone
  const createOne = (source: string, lane: GeneralLaneOptions): Lane => {
    const general = createGeneralLane(lane)
    if (options.isGeneralOnly === true) return { ...general, because: 'LOGFERRY_LANE' }
    const plan = planOfSource(config, source, general.chain)
    return plan.lane === 'fast' ? createFastLane(lane, general) : { ...general, because: plan.because }
  }
  const create = (source: string, lane: GeneralLaneOptions): Lane =>
    withOtherParsers(createOne(source, lane), (parseInside) => createOne(source, { ...lane, parseInside }))
  return new Map(
    Object.entries(config.sources).map(([source, settings]) => [
      source,
      create(source, {
        source,
        parse: settings.parse,
        timestamp: settings.timestamp,
        multiline: settings.multiline,
        encoding: encodingOf(settings.encoding),
        host,
        enrich,
        fields: settings.fields,
        routes: routeOf(source),
        maxLineBytes: settings.max_line_bytes,
        steps: createSteps(settings.steps, config.steps, { bitOf, hashKey, onStep }),
        onFiltered,
        clock,
        hostTimezone,
      }),
    ]),
  )
}

/** Containers may ask for another parser than their source has: a lane of its own for each, made when the first does. */
function withOtherParsers(lane: Lane, createOther: (parse: string) => Lane): Lane {
  const others = new Map<string, Lane>()
  const otherLane = (parse: string): Lane => {
    const other = others.get(parse) ?? createOther(parse)
    others.set(parse, other)
    return other
  }
  const open = (origin: Origin, isGeneral: boolean): FileLane => {
    const parse = origin.container?.parse
    const chosen = parse === undefined ? lane : otherLane(parse)
    return (isGeneral ? (chosen.general ?? chosen) : chosen).open(origin)
  }
  const { general } = lane
  return {
    ...lane,
    ...(general && { general: { ...general, open: (origin) => open(origin, true) } }),
    open: (origin) => open(origin, false),
  }
}
