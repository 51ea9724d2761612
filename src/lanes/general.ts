import type { Clock } from '../core/clock.ts'
import { hostName } from '../enrich/host.ts'
import type { HostInfo } from '../enrich/host.ts'
import { timeNames } from '../enrich/member-roles.ts'
import { sharedMembers } from '../enrich/shared-members.ts'
import type { ConstantFields, EnrichOptions } from '../enrich/shared-members.ts'
import { chainInside, createChain } from '../parsers/chain.ts'
import type { Chain } from '../parsers/chain.ts'
import { createJoinRule } from '../parsers/multiline/schema.ts'
import type { MultilineConfig } from '../parsers/multiline/schema.ts'
import type { ParseConfig, TimestampConfig } from '../parsers/schema.ts'
import { createTimeReader } from '../parsers/time.ts'
import { timeZone, utc } from '../parsers/time-zone.ts'
import type { Encoding } from '../core/encoding.ts'
import { EventPool } from './event-pool.ts'
import { GeneralFileLane } from './file-lane.ts'
import type { Multiline } from './file-lane.ts'
import { HeldBytes } from './held-bytes.ts'
import { SharedMeans } from './means.ts'
import type { FilteredEvent, Lane, Origin } from './lane.ts'
import type { StepList } from '../steps/run-steps.ts'

export interface GeneralLaneOptions {
  readonly source: string
  /** As the schema (`parsers/schema.ts`) has let it through. */
  readonly parse: ParseConfig
  /** A parser by its name for what is in the wrapper of `parse`, in place of its own. */
  readonly parseInside?: string | undefined
  readonly timestamp?: TimestampConfig | undefined
  readonly multiline?: MultilineConfig | null
  /** Undefined for UTF-8. */
  readonly encoding?: Encoding | undefined
  readonly host: HostInfo
  readonly enrich: EnrichOptions
  /** Of the source; they win over `enrich.fields`. */
  readonly fields: ConstantFields
  /** Bits of the sinks that the source's events go to. */
  readonly routes: number
  readonly maxLineBytes: number
  readonly clock: Clock
  /** IANA name or offset; for times that name no zone where `timestamp.timezone` says none. */
  readonly hostTimezone: string
  readonly steps?: StepList | undefined
  readonly onFiltered?: ((filtered: FilteredEvent) => void) | undefined
}

export interface GeneralLane extends Lane {
  readonly chain: Chain
  open(origin: Origin): GeneralFileLane
}

/** The general lane: plain TypeScript, every parser, one event at a time. It is the reference for the fast one. */
export function createGeneralLane(options: GeneralLaneOptions): GeneralLane {
  const { timestamp, host, enrich } = options
  const zone = timeZone(timestamp?.timezone ?? options.hostTimezone) ?? utc
  const shape = {
    chain:
      options.parseInside === undefined
        ? createChain(options.parse)
        : chainInside(options.parse, options.parseInside),
    zone,
    times: createTimeReader(timestamp?.format ?? 'auto', zone),
    anyTimes: createTimeReader('auto', zone),
    timeNames: timestamp?.field === undefined ? timeNames : [timestamp.field],
    findsTrace: enrich.trace,
    routes: options.routes,
    maxLineBytes: options.maxLineBytes,
    clock: options.clock,
    pool: new EventPool(),
    means: new SharedMeans(),
    multiline: options.multiline ? multilineOf(options.multiline) : undefined,
    steps: options.steps,
    onFiltered: options.onFiltered,
  }
  return {
    kind: 'general',
    chain: shape.chain,
    encoding: options.encoding,
    lookBackBytes: options.multiline ? Math.min(options.multiline.max_bytes, mostLookBackBytes) : 0,
    open(origin) {
      const shared = sharedMembers(origin, host, enrich, options.fields)
      return new GeneralFileLane({ ...origin, shared, host: hostName(host, enrich.host) }, shape)
    },
    ...(options.steps && { stepTroubles: () => ({ ...options.steps!.troubles }) }),
  }
}

/** Events that are longer are rare, and reading a damaged stretch again is a matter of best effort. */
const mostLookBackBytes = 256 * 1024

function multilineOf(config: MultilineConfig): Multiline {
  const { max_wait: maxWaitMs, max_lines: maxLines, max_bytes: maxBytes } = config
  return { rule: createJoinRule(config), bounds: { maxWaitMs, maxLines, maxBytes }, held: new HeldBytes() }
}
