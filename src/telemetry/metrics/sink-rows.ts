import { dropReasons } from '../../core/ledger.ts'
import { rejectReasons } from '../../core/outcome.ts'
import type { AgentView, SinkStatus } from '../view.ts'
import { byReason } from './metric-row.ts'
import type { MetricRow, Sample } from './metric-row.ts'

/** The notes of `Outcome` and of delivery that say something about an accepted event. */
const acceptedNotes = ['already_there', 'failure_store']

/** Of deliveries. */
export const sinkRows: readonly MetricRow[] = [
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
]

function forSinks(value: (sink: SinkStatus) => number): (agent: AgentView) => Sample[] {
  return (agent) => agent.sinks().map((sink) => [value(sink), sink.name])
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
