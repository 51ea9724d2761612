import { createRequire } from 'node:module'
import type * as Client from 'prom-client'
import type { Registry } from 'prom-client'
import { metricsTable } from './metrics-table.ts'
import type { MetricRow, ReloadResult, Sample } from './metrics/metric-row.ts'
import { chooseMetricsFormat, toOpenMetrics } from './open-metrics.ts'
import { RequestTimes } from './request-times.ts'
import type { AgentView, SinkMeter } from './view.ts'

export interface Metrics {
  /** Names the agent whose state a scrape shows. Before that only the process's own metrics have values. */
  observe(agent: AgentView): void
  sinkMeter(sink: string): SinkMeter
  configReloaded(result: ReloadResult): void
  /** How long requests took so far. */
  readonly requestTimes: RequestTimes
  /** `accept`: the header of the request; Prometheus asks for OpenMetrics there. */
  scrape(accept: string | undefined): Promise<{ readonly contentType: string; readonly body: string }>
}

/** Gauges of prom-client with the suffix of counters: `promtool check metrics` objects, and their parts say it all. */
const misnamedGauges = ['handles', 'requests', 'resources'].map((what) => `nodejs_active_${what}_total`)

/** Of the event loop's lag. prom-client's 10 ms wake an idle process a hundred times a second. */
const lagEachMs = 100

type Sampler = (row: MetricRow) => readonly Sample[]

/**
 * A registry of its own, filled from the table. Values are read from the agent at the moment of a scrape, all in one
 * turn of the event loop, so that sums over them agree and nobody has to keep counters twice. prom-client is loaded when
 * somebody scrapes: what it measures of the process costs an idle agent more than all the rest of it.
 */
export function createMetrics(): Metrics {
  const configReloads: Record<ReloadResult, number> = { success: 0, failure: 0 }
  const requestTimes = new RequestTimes()
  let agent: AgentView | undefined
  let registry: Registry | undefined
  const read: Sampler = (row) => (agent ? (row.read?.(agent, { configReloads }) ?? []) : [])
  return {
    requestTimes,
    observe(view) {
      agent = view
    },
    sinkMeter: (sink) => ({ request: (_code, seconds) => requestTimes.observe(sink, Math.max(0, seconds)) }),
    configReloaded(result) {
      configReloads[result] += 1
    },
    async scrape(accept) {
      registry ??= createRegistry(read, requestTimes)
      const { isOpenMetrics, contentType } = chooseMetricsFormat(accept)
      const text = await registry.metrics()
      return { contentType, body: isOpenMetrics ? toOpenMetrics(text) : text }
    },
  }
}

function createRegistry(read: Sampler, requestTimes: RequestTimes): Registry {
  const client = promClient()
  const registry = new client.Registry()
  for (const row of metricsTable)
    registry.registerMetric(
      row.type === 'histogram'
        ? createHistogram(client, row, requestTimes)
        : createReadMetric(client, row, () => read(row)),
    )
  client.collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: lagEachMs })
  for (const name of misnamedGauges) registry.removeSingleMetric(name)
  return registry
}

function promClient(): typeof Client {
  const client: typeof Client = createRequire(import.meta.url)('prom-client')
  return client
}

/** One whose values are ours; prom-client only writes them. */
function createHistogram(client: typeof Client, row: MetricRow, times: RequestTimes): Client.Histogram {
  const { name, help, labels } = row
  const histogram = new client.Histogram({ name, help, labelNames: [...labels], registers: [] })
  const get = () =>
    Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values: times.samples(name) })
  // The second is what the registry asks for text.
  return Object.assign(histogram, { get, getForPromString: get })
}

function createReadMetric(
  client: typeof Client,
  row: MetricRow,
  read: () => readonly Sample[],
): Client.Counter | Client.Gauge {
  const options = { name: row.name, help: row.help, labelNames: [...row.labels], registers: [] }
  const labelsOf = (values: readonly string[]): Record<string, string> =>
    Object.fromEntries(row.labels.map((label, index) => [label, values[index] ?? '']))
  if (row.type === 'counter')
    return new client.Counter({
      ...options,
      collect() {
        this.reset()
        for (const [value, ...labels] of read()) this.inc(labelsOf(labels), finite(Math.max(0, value)))
      },
    })
  return new client.Gauge({
    ...options,
    collect() {
      this.reset()
      for (const [value, ...labels] of read()) this.set(labelsOf(labels), finite(value))
    },
  })
}

/** prom-client throws at NaN, and one bad value must not take the whole page away. */
function finite(value: number): number {
  return Number.isFinite(value) ? value : 0
}
