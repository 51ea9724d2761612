import type { LossReason } from '../../core/chunk.ts'
import type { AgentView, SourceStatus } from '../view.ts'
import { byReason } from './metric-row.ts'
import type { MetricRow, Sample } from './metric-row.ts'

/** The compiler asks for every reason here, so that none is missing from the metrics. */
const lossReasons: Readonly<Record<LossReason, true>> = {
  truncated: true,
  replaced: true,
  deleted: true,
  damaged: true,
  sink_removed: true,
}

/** Of what is read. */
export const sourceRows: readonly MetricRow[] = [
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
    name: 'logferry_source_unreadable_files',
    type: 'gauge',
    help: 'Files that match and are not read until somebody acts (permissions, a link that leads outside), and folders that may not be listed.',
    labels: ['source'],
    read: unreadable,
  },
  {
    name: 'logferry_files_open',
    type: 'gauge',
    help: 'Log files that are open.',
    labels: [],
    read: (agent) => [[agent.files().filter((file) => file.isOpen).length]],
  },
]

function forSources(value: (source: SourceStatus) => number): (agent: AgentView) => Sample[] {
  return (agent) => agent.sources().map((source) => [value(source), source.name])
}

function lagBytes(agent: AgentView): Sample[] {
  const lag = new Map(agent.sources().map(({ name }) => [name, 0]))
  for (const file of agent.files()) lag.set(file.source, (lag.get(file.source) ?? 0) + file.lagBytes)
  return [...lag].map(([source, bytes]) => [bytes, source])
}

function unreadable(agent: AgentView): Sample[] {
  const counts = new Map(agent.sources().map(({ name }) => [name, 0]))
  for (const { source } of agent.unreadable()) counts.set(source, (counts.get(source) ?? 0) + 1)
  return [...counts].map(([source, count]) => [count, source])
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
