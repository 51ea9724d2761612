import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client'
import { metricsTable } from './metrics-table.ts'
import type { MetricRow, ReloadResult, Sample } from './metrics-table.ts'
import { chooseMetricsFormat, toOpenMetrics } from './open-metrics.ts'
import type { AgentView, SinkMeter } from './view.ts'

export interface Metrics {
  /** Names the agent whose state a scrape shows. Before that only the process's own metrics have values. */
  observe(agent: AgentView): void
  sinkMeter(sink: string): SinkMeter
  configReloaded(result: ReloadResult): void
  /** `accept`: the header of the request; Prometheus asks for OpenMetrics there. */
  scrape(accept: string | undefined): Promise<{ readonly contentType: string; readonly body: string }>
}

/** Seconds; from a server next door to the longest timeout that people set. */
const requestBuckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

/** Gauges of prom-client with the suffix of counters: `promtool check metrics` objects, and their parts say it all. */
const misnamedGauges = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`)

/**
 * A registry of its own, filled from the table. Values are read from the agent at the moment of a scrape, all in one
 * turn of the event loop, so that sums over them agree and nobody has to keep counters twice.
 */
export function createMetrics(): Metrics {
  const registry = new Registry()
  const configReloads: Record<ReloadResult, number> = { success: 0, failure: 0 }
  let agent: AgentView | undefined
  let requestSeconds: Histogram | undefined
  for (const row of metricsTable) {
    if (row.type === 'histogram') requestSeconds = createHistogram(row, registry)
    else createReadMetric(row, registry, () => (agent ? (row.read?.(agent, { configReloads }) ?? []) : []))
  }
  collectDefaultMetrics({ register: registry })
  for (const name of misnamedGauges) registry.removeSingleMetric(name)
  return {
    observe(view) {
      agent = view
    },
    sinkMeter: (sink) => ({
      request: (_code, seconds) => requestSeconds?.observe({ sink }, Math.max(0, seconds)),
    }),
    configReloaded(result) {
      configReloads[result] += 1
    },
    async scrape(accept) {
      const { isOpenMetrics, contentType } = chooseMetricsFormat(accept)
      const text = await registry.metrics()
      return { contentType, body: isOpenMetrics ? toOpenMetrics(text) : text }
    },
  }
}

function createHistogram(row: MetricRow, registry: Registry): Histogram {
  const { name, help, labels } = row
  return new Histogram({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    buckets: requestBuckets,
  })
}

function createReadMetric(row: MetricRow, registry: Registry, read: () => readonly Sample[]): void {
  const options = { name: row.name, help: row.help, labelNames: [...row.labels], registers: [] }
  const labelsOf = (values: readonly string[]): Record<string, string> =>
    Object.fromEntries(row.labels.map((label, index) => [label, values[index] ?? '']))
  const metric =
    row.type === 'counter'
      ? new Counter({
          ...options,
          collect() {
            this.reset()
            for (const [value, ...labels] of read()) this.inc(labelsOf(labels), finite(Math.max(0, value)))
          },
        })
      : new Gauge({
          ...options,
          collect() {
            this.reset()
            for (const [value, ...labels] of read()) this.set(labelsOf(labels), finite(value))
          },
        })
  registry.registerMetric(metric)
}

/** prom-client throws at NaN, and one bad value must not take the whole page away. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}
