import type { Clock } from '../core/clock.ts'
import type { AgentView, PodsStatus, SinkStatus } from '../telemetry/view.ts'
import { formatBytes, formatDuration } from './quantities.ts'

export const healthStates = ['healthy', 'degraded', 'unhealthy'] as const
export type HealthState = (typeof healthStates)[number]

export interface ComponentHealth {
  readonly status: HealthState
  readonly message: string
}

export interface HealthReport {
  readonly status: HealthState
  readonly timestamp: string
  readonly version: string
  readonly components: Readonly<Record<string, ComponentHealth>>
}

/** The bounds of the contract. */
const bounds = {
  sinkFailingMs: 60_000,
  bufferFull: 0.8,
  deadLettersFull: 0.8,
  podsFailingMs: 60_000,
  blockedMs: 5 * 60_000,
} as const

export interface HealthContext {
  readonly clock: Clock
  /** Bytes lost in the last hour, by source. */
  readonly recentLosses: ReadonlyMap<string, number>
  /** Servers' and the system's texts may hold paths and pieces of events: only for those who may see them. */
  readonly showsTexts: boolean
}

/** `/health`: the worst of what its components say. Each component is one thing that an operator can act on. */
export function healthOf(view: AgentView, context: HealthContext): HealthReport {
  const components: Record<string, ComponentHealth> = {
    reader: readerHealth(view, context),
    data_dir: dataDirHealth(view),
    buffer: bufferHealth(view, context),
  }
  for (const { name } of view.sources()) components[`source.${name}`] = sourceHealth(name, context)
  for (const sink of view.sinks()) components[`sink.${sink.name}`] = sinkHealth(sink, context)
  const pods = view.kubernetes()
  if (pods) components['kubernetes'] = podsHealth(pods, context)
  const worst = Math.max(...Object.values(components).map(({ status }) => healthStates.indexOf(status)))
  return {
    status: healthStates[worst] ?? 'healthy',
    timestamp: new Date(context.clock.now()).toISOString(),
    version: view.version,
    components,
  }
}

function readerHealth(view: AgentView, context: HealthContext): ComponentHealth {
  if (view.readerFailure !== undefined) {
    return unhealthy(
      `reading has died${textOf(view.readerFailure, context)}; restart the agent: nothing is lost`,
    )
  }
  const { blockedSinceMs, heldBy } = view.buffer()
  if (blockedSinceMs === undefined) return healthy('reading')
  const blockedMs = context.clock.monotonic() - blockedSinceMs
  const message = `reading has stood still for ${formatDuration(blockedMs)}, as the buffer takes nothing${held(heldBy)}`
  return blockedMs > bounds.blockedMs ? unhealthy(message) : healthy(message)
}

function dataDirHealth(view: AgentView): ComponentHealth {
  if (view.dataDirWritable) return healthy('writable')
  return unhealthy('cannot be written: check its disk, owner and mount; delivery goes on')
}

function bufferHealth(view: AgentView, context: HealthContext): ComponentHealth {
  const { bytes, maxBytes, state, heldBy, lastError } = view.buffer()
  const share = maxBytes > 0 ? bytes / maxBytes : 0
  const used = `${Math.round(share * 100)} % of ${formatBytes(maxBytes)} used${held(heldBy)}`
  const trouble = {
    ok: '',
    full: 'full: reading stops until a sink has taken something; ',
    disk_full: 'the disk of data_dir is full: reading stops until there is room; ',
    failing: `writing fails${textOf(lastError, context)}; `,
  }[state]
  if (state !== 'ok' || share > bounds.bufferFull) return degraded(`${trouble}${used}`)
  return healthy(used)
}

function sourceHealth(name: string, context: HealthContext): ComponentHealth {
  const lost = context.recentLosses.get(name) ?? 0
  if (lost === 0) return healthy('nothing lost in the last hour')
  return degraded(`${formatBytes(lost)} lost in the last hour: see lost_bytes in /status`)
}

function sinkHealth(sink: SinkStatus, context: HealthContext): ComponentHealth {
  const troubles: string[] = []
  const failingMs = sink.failingSinceMs === undefined ? 0 : context.clock.monotonic() - sink.failingSinceMs
  const why = textOf(sink.lastError, context)
  const state = sink.state === 'holding' ? 'waits for the operator' : 'fails'
  if (failingMs > bounds.sinkFailingMs) troubles.push(`${state} for ${formatDuration(failingMs)}${why}`)
  if (sink.deadLettersFull >= bounds.deadLettersFull) {
    troubles.push(`dead letters take ${Math.round(sink.deadLettersFull * 100)} % of dead_letters.max_bytes`)
  }
  if (troubles.length > 0) return degraded(troubles.join('; '))
  if (failingMs > 0) return healthy(`${state} for ${formatDuration(failingMs)}, tried again${why}`)
  return healthy(sink.state === 'stopped' ? 'stopped' : `delivering, ${sink.lagEvents} events to go`)
}

function podsHealth(pods: PodsStatus, context: HealthContext): ComponentHealth {
  if (pods.state === 'starting') return healthy('asking the API server for the first time')
  if (pods.state === 'watching') return healthy(`watching, ${pods.pods} pods`)
  const failingMs = context.clock.monotonic() - (pods.failingSinceMs ?? 0)
  const why = textOf(pods.lastError, context)
  const message = `the API server cannot be asked for ${formatDuration(failingMs)}: lines of new pods have no labels${why}`
  return failingMs > bounds.podsFailingMs ? degraded(message) : healthy(message)
}

function textOf(text: string | undefined, { showsTexts }: HealthContext): string {
  return showsTexts && text !== undefined && text !== '' ? `: ${text}` : ''
}

function held(by: readonly string[]): string {
  return by.length > 0 ? `, held by ${by.map((name) => `sink ${name}`).join(' and ')}` : ''
}

const healthy = (message: string): ComponentHealth => ({ status: 'healthy', message })
const degraded = (message: string): ComponentHealth => ({ status: 'degraded', message })
const unhealthy = (message: string): ComponentHealth => ({ status: 'unhealthy', message })
