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
  '## Alerts and a dashboard',
  '',
  'Rules for Prometheus, an example for Alertmanager and Grafana dashboards: [deploy/monitoring](../deploy/monitoring/README.md).',
  'What each alert means, and what to do: [alerts.md](alerts.md).',
]
