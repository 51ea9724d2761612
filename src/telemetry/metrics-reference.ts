import { metricsTable } from './metrics-table.ts'

/** `docs/metrics.md`, made from the table of metrics. */
export function metricsReference(): string {
  const rows = metricsTable.map(({ name, type, labels, help }) => {
    const labelCell = labels.map((label) => `\`${label}\``).join(', ')
    return `| \`${name}\` | ${type} | ${labelCell} | ${help} |`
  })
  return `${[...opening, ...rows, ...closing].join('\n')}\n`
}

const opening = [
  '<!-- Made by `npm run generate` from src/telemetry/metrics-table.ts. Do not edit. -->',
  '# Metrics',
  '',
  '`GET /metrics` of the admin port (`admin.listen`, 127.0.0.1:9465 by default) answers in the Prometheus text format, or in',
  'OpenMetrics where the Accept header asks for it. Values are read when they are scraped, all at the same moment. Counters of',
  'events and bytes live with the data on disk and go on over restarts; the others start at 0 with the process. No label',
  'grows with the number of files, and reasons come from fixed tables.',
  '',
  '| metric | type | labels | what |',
  '|---|---|---|---|',
]

const closing = [
  '',
  "Beside these: prom-client's metrics of the process and of Node, `process_*` and `nodejs_*` (CPU, memory, open descriptors, event",
  'loop lag, garbage collection).',
  '',
  '## Worth an alert',
  '',
  '| expression | means |',
  '|---|---|',
  '| `logferry_sink_up == 0` for 5 minutes | a sink does not take what it is sent; `/health` says why |',
  '| `logferry_sink_lag_seconds > 300` | delivery does not keep up |',
  '| `logferry_buffer_bytes / logferry_buffer_max_bytes > 0.8` | reading will stop soon, or `drop_oldest` will drop |',
  '| `increase(logferry_source_lost_bytes_total[1h]) > 0` | lines are gone: rotated away or cut before they were read |',
  '| `increase(logferry_sink_dropped_events_total[1h]) > 0` | events were discarded by a policy |',
  '| `increase(logferry_sink_dead_lettered_events_total[1h]) > 0` | the sink refuses events for good |',
  '| `increase(logferry_config_reloads_total{result="failure"}[1h]) > 0` | an edit of the config was not taken over |',
]
