import { kubernetesRows } from './metrics/kubernetes-rows.ts'
import { reloadResults } from './metrics/metric-row.ts'
import type { MetricRow } from './metrics/metric-row.ts'
import { sinkRows } from './metrics/sink-rows.ts'
import { sourceRows } from './metrics/source-rows.ts'

/** Of the disk buffer. */
const bufferRows: readonly MetricRow[] = [
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
]

/** Of the agent itself. */
const agentRows: readonly MetricRow[] = [
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

/**
 * THE table of metrics: what is not in here is not shown, and `docs/metrics.md` is made from it. Labels are names from
 * the config and reasons from fixed tables, never a path or a server's text, so that no label grows with the files.
 * Known reasons start at 0, because a counter that appears with its first increase hides that increase from `rate()`.
 */
export const metricsTable: readonly MetricRow[] = [
  ...sourceRows,
  ...kubernetesRows,
  ...bufferRows,
  ...sinkRows,
  ...agentRows,
]
