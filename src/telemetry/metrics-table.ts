import type { LossReason } from '../core/chunk.ts'
import { dropReasons } from '../core/ledger.ts'
import { rejectReasons } from '../core/outcome.ts'
import type { AgentView, PodsStatus, SinkStatus, SourceStatus } from './view.ts'

/** A value, then the values of the row's labels in their order. */
export type Sample = readonly [value: number, ...labels: string[]]

export interface MetricRow {
  readonly name: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** What to show now. A histogram has none: it is filled as requests end. */
  read?(agent: AgentView, counts: OwnCounts): readonly Sample[]
}

/** What telemetry counts by itself, because no part of the agent keeps it. */
export interface OwnCounts {
  readonly configReloads: Readonly<Record<ReloadResult, number>>
}

export const reloadResults = ['success', 'failure'] as const
export type ReloadResult = (typeof reloadResults)[number]

/** The notes of `Outcome` and of delivery that say something about an accepted event. */
const acceptedNotes = ['already_there', 'failure_store']

/** The compiler asks for every reason here, so that none is missing from the metrics. */
const lossReasons: Readonly<Record<LossReason, true>> = {
  truncated: true,
  replaced: true,
  deleted: true,
  damaged: true,
  sink_removed: true,
}

/**
 * THE table of metrics: what is not in here is not shown, and `docs/metrics.md` is made from it. Labels are names from
 * the config and reasons from fixed tables, never a path or a server's text, so that no label grows with the files.
 * Known reasons start at 0, because a counter that appears with its first increase hides that increase from `rate()`.
 */
export const metricsTable: readonly MetricRow[] = [
  {
    name: 'logferry_source_read_bytes_total',
    type: 'counter',
    help: 'Bytes of the source that are in the buffer or were settled, blank lines included.',
    labels: ['source'],
    read: forSources((source) => source.counts.readBytes),
  },
  {
    name: 'logferry_source_read_events_total',
    type: 'counter',
    help: 'Events made of what was read, those that steps filtered out included.',
    labels: ['source'],
    read: forSources((source) => source.counts.readEvents),
  },
  {
    name: 'logferry_source_parse_errors_total',
    type: 'counter',
    help: 'Lines that the configured parser could not take; they are kept as message.',
    labels: ['source'],
    read: forSources((source) => source.counts.parseErrors),
  },
  {
    name: 'logferry_source_step_errors_total',
    type: 'counter',
    help: 'Conditions of steps that could not be evaluated (they count as false) and patterns that took too long (the whole value was masked). Starts anew when the sources are reloaded.',
    labels: ['source'],
    read: forSources((source) => source.stepTroubles.errors),
  },
  {
    name: 'logferry_source_lost_bytes_total',
    type: 'counter',
    help: 'Bytes that could not be read: cut or removed before they were read, or damaged in the buffer and gone.',
    labels: ['source', 'reason'],
    read: (agent) =>
      agent
        .sources()
        .flatMap(({ name, counts }) => byReason(name, counts.lostBytes, Object.keys(lossReasons))),
  },
  {
    name: 'logferry_source_lag_bytes',
    type: 'gauge',
    help: 'Bytes that the files of the source hold and that are not yet read.',
    labels: ['source'],
    read: lagBytes,
  },
  {
    name: 'logferry_source_blocked_seconds_total',
    type: 'counter',
    help: 'How long reading stood still because the buffer was full.',
    labels: ['source'],
    read: forSources((source) => source.blockedSeconds),
  },
  {
    name: 'logferry_source_plan',
    type: 'gauge',
    help: 'Always 1; the labels say which lane the source takes, and the setting that asks for the general one.',
    labels: ['source', 'lane', 'setting'],
    read: (agent) =>
      agent.sources().map(({ name, lane, laneReason }) => [1, name, lane, settingOf(laneReason)]),
  },
  {
    name: 'logferry_source_files',
    type: 'gauge',
    help: 'Files of the source that are followed, by the lane that their lines take.',
    labels: ['source', 'lane'],
    read: filesByLane,
  },
  {
    name: 'logferry_files_open',
    type: 'gauge',
    help: 'Log files that are open.',
    labels: [],
    read: (agent) => [[agent.files().filter((file) => file.isOpen).length]],
  },
  {
    name: 'logferry_kubernetes_up',
    type: 'gauge',
    help: 'Whether the API server is being watched: 1, or 0 while it cannot be asked. Only with `enrich.kubernetes`.',
    labels: ['node'],
    read: forPods(({ state }) => (state === 'watching' ? 1 : 0)),
  },
  {
    name: 'logferry_kubernetes_pods',
    type: 'gauge',
    help: 'Pods of this node that the API server has told of. Only with `enrich.kubernetes`.',
    labels: ['node'],
    read: forPods(({ pods }) => pods),
  },
  {
    name: 'logferry_kubernetes_errors_total',
    type: 'counter',
    help: 'Requests to the API server that came to nothing. Starts anew when `enrich.kubernetes` is changed.',
    labels: ['node'],
    read: forPods(({ errors }) => errors),
  },
  {
    name: 'logferry_kubernetes_unknown_pods_total',
    type: 'counter',
    help: 'Pods that were still unknown after `enrich.kubernetes.wait`: their lines went on without labels.',
    labels: ['node'],
    read: forPods(({ unknownPods }) => unknownPods),
  },
  {
    name: 'logferry_buffer_bytes',
    type: 'gauge',
    help: 'Size of the disk buffer.',
    labels: [],
    read: (agent) => [[agent.buffer().bytes]],
  },
  {
    name: 'logferry_buffer_max_bytes',
    type: 'gauge',
    help: 'buffer.max_bytes: at this size reading stops, or sinks with drop_oldest drop.',
    labels: [],
    read: (agent) => [[agent.buffer().maxBytes]],
  },
  {
    name: 'logferry_buffer_oldest_seconds',
    type: 'gauge',
    help: 'Age of the oldest data in the buffer that some sink still needs.',
    labels: [],
    read: (agent) => [[agent.buffer().oldestSeconds]],
  },
  {
    name: 'logferry_sink_up',
    type: 'gauge',
    help: '1 while the sink takes what it is sent, 0 while its last request failed or it waits for the operator.',
    labels: ['sink'],
    read: forSinks((sink) => (sink.state === 'ok' ? 1 : 0)),
  },
  {
    name: 'logferry_sink_acknowledged_events_total',
    type: 'counter',
    help: 'Events that the sink has accepted.',
    labels: ['sink'],
    read: forSinks((sink) => sumOf(sink, (counts) => counts.acknowledged)),
  },
  {
    name: 'logferry_sink_dead_lettered_events_total',
    type: 'counter',
    help: 'Events that the sink will never take; they are kept in data_dir/dead_letters.',
    labels: ['sink', 'reason'],
    read: (agent) => agent.sinks().flatMap((sink) => byReason(sink.name, sink.deadLettered, rejectReasons)),
  },
  {
    name: 'logferry_sink_dropped_events_total',
    type: 'counter',
    help: 'Events that the agent discarded for the sink by a policy.',
    labels: ['sink', 'reason'],
    read: (agent) => agent.sinks().flatMap((sink) => byReason(sink.name, droppedBy(sink), dropReasons)),
  },
  {
    name: 'logferry_sink_filtered_events_total',
    type: 'counter',
    help: 'Events not meant for the sink: filtered out by steps, routed elsewhere, or read before the sink existed.',
    labels: ['sink'],
    read: forSinks((sink) => sumOf(sink, (counts) => counts.filtered)),
  },
  {
    name: 'logferry_sink_requests_total',
    type: 'counter',
    help: 'Requests to the sink by what they ended with: an HTTP status, timeout, reset and so on.',
    labels: ['sink', 'code'],
    read: (agent) => agent.sinks().flatMap((sink) => byCode(sink)),
  },
  {
    name: 'logferry_sink_request_seconds',
    type: 'histogram',
    help: 'How long requests to the sink took, failed ones included.',
    labels: ['sink'],
  },
  {
    name: 'logferry_sink_retries_total',
    type: 'counter',
    help: 'Requests that were sent again, in whole or in part.',
    labels: ['sink'],
    read: forSinks((sink) => sink.retries),
  },
  {
    name: 'logferry_sink_lag_events',
    type: 'gauge',
    help: 'Events in the buffer that the sink has not settled yet.',
    labels: ['sink'],
    read: forSinks((sink) => sink.lagEvents),
  },
  {
    name: 'logferry_sink_lag_seconds',
    type: 'gauge',
    help: 'Age of the oldest event that the sink has not settled yet.',
    labels: ['sink'],
    read: forSinks((sink) => sink.lagSeconds),
  },
  {
    name: 'logferry_dead_letters_stored',
    type: 'gauge',
    help: 'Dead letters of the sink on disk now.',
    labels: ['sink'],
    read: forSinks((sink) => sink.deadLettersStored),
  },
  {
    name: 'logferry_label_demotions_total',
    type: 'counter',
    help: 'Labels demoted to structured metadata, or dropped, because their values outgrew label_limits.',
    labels: ['sink'],
    read: forSinks((sink) => sink.labelDemotions),
  },
  {
    name: 'logferry_possible_duplicates_total',
    type: 'counter',
    help: 'Events sent again although the sink may have had them and cannot tell; docs/delivery.md lists when.',
    labels: ['sink'],
    read: forSinks((sink) => sink.possibleDuplicates),
  },
  {
    name: 'logferry_sink_replayed_events_total',
    type: 'counter',
    help: 'Events that `logferry replay` or `logferry dlq replay` sent again and that the sink took. They are in no other counter of events.',
    labels: ['sink'],
    read: forSinks((sink) => sink.replayed),
  },
  {
    name: 'logferry_sink_noted_events_total',
    type: 'counter',
    help: 'Accepted events apart: already_there (a 409 to a first try), failure_store (a data stream put them aside).',
    labels: ['sink', 'note'],
    read: (agent) => agent.sinks().flatMap((sink) => byReason(sink.name, sink.notes ?? {}, acceptedNotes)),
  },
  {
    name: 'logferry_config_reloads_total',
    type: 'counter',
    help: 'Reloads of the config; after a failure the config before it stays in place.',
    labels: ['result'],
    read: (_agent, { configReloads }) => reloadResults.map((result) => [configReloads[result], result]),
  },
  {
    name: 'logferry_build_info',
    type: 'gauge',
    help: 'Always 1; the labels say what runs.',
    labels: ['version'],
    read: (agent) => [[1, agent.version]],
  },
]

function forSources(value: (source: SourceStatus) => number): (agent: AgentView) => Sample[] {
  return (agent) => agent.sources().map((source) => [value(source), source.name])
}

function forSinks(value: (sink: SinkStatus) => number): (agent: AgentView) => Sample[] {
  return (agent) => agent.sinks().map((sink) => [value(sink), sink.name])
}

function forPods(value: (pods: PodsStatus) => number): (agent: AgentView) => Sample[] {
  return (agent) => {
    const pods = agent.kubernetes()
    return pods ? [[value(pods), pods.node]] : []
  }
}

function byReason(name: string, found: Readonly<Record<string, number>>, known: readonly string[]): Sample[] {
  return known.map((reason): Sample => [found[reason] ?? 0, name, reason])
}

function lagBytes(agent: AgentView): Sample[] {
  const lag = new Map(agent.sources().map(({ name }) => [name, 0]))
  for (const file of agent.files()) lag.set(file.source, (lag.get(file.source) ?? 0) + file.lagBytes)
  return [...lag].map(([source, bytes]) => [bytes, source])
}

/** Without what stands in parentheses behind it, which can quote the config. */
function settingOf(laneReason: string): string {
  return laneReason.replace(/ \(.*$/s, '')
}

function filesByLane(agent: AgentView): Sample[] {
  const counts = new Map(agent.sources().map(({ name }) => [name, { fast: 0, general: 0 }]))
  for (const { source, lane } of agent.files()) {
    const count = counts.get(source)
    if (count) count[lane] += 1
  }
  return [...counts].flatMap(([source, { fast, general }]): Sample[] => [
    [fast, source, 'fast'],
    [general, source, 'general'],
  ])
}

type Counts = SinkStatus['counts'] extends ReadonlyMap<string, infer Value> ? Value : never

function sumOf(sink: SinkStatus, value: (counts: Counts) => number): number {
  let sum = 0
  for (const counts of sink.counts.values()) sum += value(counts)
  return sum
}

function droppedBy(sink: SinkStatus): Record<string, number> {
  return Object.fromEntries(
    dropReasons.map((reason) => [reason, sumOf(sink, ({ dropped }) => dropped[reason] ?? 0)]),
  )
}

/** A code is a status or a word of ours; anything else would be a server's text, and an open-ended label. */
function byCode(sink: SinkStatus): Sample[] {
  const counts = new Map<string, number>()
  for (const [code, count] of Object.entries(sink.requests)) {
    const label = /^(?:[1-9]\d\d|[a-z][a-z_]{0,31})$/.test(code) ? code : 'other'
    counts.set(label, (counts.get(label) ?? 0) + count)
  }
  return [...counts].map(([code, count]) => [count, sink.name, code])
}
