import assert from 'node:assert/strict'
import { readDashboard, targetsOf } from '../support/dashboards.ts'
import { interpolate, searchAsGrafana } from './grafana.ts'
import type { Range } from './grafana.ts'
import type { Rig } from './rig.ts'
import { tell } from './servers.ts'

/** Events that the dashboards of shipped logs are about, and what their queries have to find of them. */

export interface Shipped {
  readonly events: number
  readonly range: Range
  /** The label of the streams, and how the names of the indices begin. */
  readonly job: string
  readonly index: string
}

const traces = ['0af7651916cd43dd8448eb211c80319c', '1af7651916cd43dd8448eb211c80319c']
const requests = 200
const slowMs = 1000

/** Requests of 10 to 2000 ms over the last ten minutes, each tenth an error of one of two traces, and other lines. */
export function writeEvents(rig: Rig): number {
  const now = Date.now()
  const lines = Array.from({ length: requests }, (_, index) => {
    const isError = index % 10 === 0
    return JSON.stringify({
      time: new Date(now - 600_000 + index * 2900).toISOString(),
      level: isError ? 'error' : 'info',
      message: isError ? 'failed' : 'served',
      duration_ms: (index + 1) * 10,
      ...(isError && { trace_id: traces[index % 20 === 0 ? 0 : 1] }),
    })
  })
  const time = new Date(now - 5000).toISOString()
  const others = [
    { time, level: 'info', message: 'of a trace, no error', trace_id: traces[0] },
    ...Array.from({ length: 50 }, () => ({ time, level: 'debug', message: 'no request' })),
    { time, level: 'info', message: 'no JSON number', duration_ms: { nested: 1 } },
  ].map((line) => JSON.stringify(line))
  rig.write('app.log', [...lines, ...others])
  // Plain text beside JSON must not make a query fail.
  rig.write('worker.log', [
    `time=${time} level=warn msg="by metadata" duration_ms=1500`,
    `time=${time} level=info msg="duration_ms is no field here"`,
  ])
  return lines.length + others.length + 2
}

async function askLoki(
  loki: string,
  expr: string,
  { range, isInstant }: { range: Range; isInstant: boolean },
): Promise<any[]> {
  const times = isInstant
    ? { time: `${range.toMs}000000` }
    : { start: `${range.fromMs}000000`, end: `${range.toMs}000000`, step: '30s', limit: '500' }
  const query = new URLSearchParams({ query: expr, ...times })
  const answer = await fetch(`${loki}/loki/api/v1/${isInstant ? 'query' : 'query_range'}?${query.toString()}`)
  const text = await answer.text()
  assert.equal(answer.status, 200, `${expr}: ${text}`)
  return JSON.parse(text).data.result
}

/** Every query of the dashboard over Loki. */
export async function checkLokiDashboard(loki: string, { job, events, range }: Shipped): Promise<void> {
  const variables = {
    job,
    slow_ms: String(slowMs),
    trace_id: '.+',
    __auto: '30s',
    __range: '900s',
  }
  const answers = new Map<string, any[]>()
  for (const { panel, target } of targetsOf(readDashboard('logs-loki.json'))) {
    const isInstant = target.queryType === 'instant'
    const found = await askLoki(loki, interpolate(target.expr!, variables), { range, isInstant })
    assert.notDeepEqual(found, [], `${panel.title}: ${target.expr}`)
    answers.set(panel.title, found)
  }
  const shown = (title: string): number => Number(answers.get(title)![0].value[1])
  const lines = (title: string): string[] =>
    answers
      .get(title)!
      .flatMap(({ values }: { values: [string, string][] }) => values.map(([, line]) => line))
  assert.equal(shown('Events'), events)
  // One has an object for a duration, and one its duration in the metadata.
  assert.ok(
    Math.abs(shown('Requests a second') * 900 - (requests + 2)) < 0.5,
    String(shown('Requests a second')),
  )
  assert.ok(Math.abs(shown('Share of errors') - requests / 10 / events) < 1e-9)
  assert.ok(Math.abs(shown('P95 of duration_ms') - 1900) < 40, String(shown('P95 of duration_ms')))
  assert.equal(lines('The slow ones').length, requests / 2 + 1)
  assert.ok(lines('The slow ones').some((line) => line.includes('by metadata')))
  assert.equal(lines('Errors').length, requests / 10)
  assert.equal(lines('Events of the chosen trace').length, requests / 10 + 1)
  const table = answers.get('Traces with the most errors')!
  assert.deepEqual(
    table.map(({ metric, value }) => [metric.trace_id, Number(value[1])]).toSorted(),
    traces.map((id) => [id, requests / 20]),
  )
  const one = { ...variables, trace_id: traces[0]! }
  for (const { panel, target } of targetsOf(readDashboard('logs-loki.json'))) {
    if (panel.title !== 'Events of the chosen trace') continue
    const found = await askLoki(loki, interpolate(target.expr!, one), { range, isInstant: false })
    const count = found.reduce((sum: number, { values }: { values: unknown[] }) => sum + values.length, 0)
    assert.equal(count, requests / 20 + 1)
  }
  const jobs = await (await fetch(`${loki}/loki/api/v1/label/job/values`)).text()
  assert.ok(jobs.includes(`"${variables.job}"`), jobs)
}

/** Every query of the dashboard over Elasticsearch, as Grafana asks it. */
export async function checkElasticsearchDashboard(
  es: string,
  { index, events, range }: Shipped,
): Promise<void> {
  const variables = { host: '*', slow_ms: String(slowMs), trace_id: '*' }
  const dashboard = readDashboard('logs-elasticsearch.json')
  const answers = new Map<string, any>()
  for (const { panel, target } of targetsOf(dashboard)) {
    if (target.datasource.type === '__expr__') continue
    const query = interpolate(target.query!, variables)
    const answer = await searchAsGrafana(es, `${index}-*`, { target, range, query })
    assert.ok(answer.hits.total.value > 0, `${panel.title}: ${query}`)
    answers.set(`${panel.title} ${target.refId}`, answer)
  }
  const total = (title: string): number => answers.get(title).hits.total.value
  const taken = events - 1
  assert.equal(total('Events A'), taken)
  assert.equal(total('Requests A'), requests + 1)
  assert.equal(total('Share of errors A'), requests / 10)
  assert.equal(total('Share of errors B'), taken)
  assert.equal(total('Slow requests A'), requests / 2 + 2)
  assert.equal(total('Events of the chosen trace A'), requests / 10 + 1)
  assert.ok(answers.get('The slow ones A').hits.hits.length === 100)
  const sum = (title: string): number =>
    answers
      .get(title)
      .aggregations[2].buckets.reduce(
        (all: number, { doc_count: count }: { doc_count: number }) => all + count,
        0,
      )
  assert.equal(sum('Requests a minute A'), requests + 1)
  const p95 = answers.get('P95 of duration_ms A').aggregations[2].buckets.all[1].values['95.0']
  assert.ok(Math.abs(p95 - 1900) < 40, String(p95))
  const percentiles = answers.get('duration_ms A').aggregations[2].buckets[0][1].values
  assert.deepEqual(Object.keys(percentiles), ['50.0', '95.0', '99.0'])
  const byKey = (title: string): [string, number][] =>
    answers
      .get(title)
      .aggregations[3].buckets.map(({ key, doc_count: count }: { key: string; doc_count: number }) => [
        key,
        count,
      ])
      .toSorted()
  assert.deepEqual(
    byKey('Traces with the most errors A'),
    traces.map((id) => [id, requests / 20]),
  )
  assert.deepEqual(
    byKey('Events by level A').map(([level]) => level),
    ['debug', 'error', 'info', 'warn'],
  )
  await checkElasticsearchVariables(es, index, range)
}

/** The values of a variable, and a query with one of them chosen. */
async function checkElasticsearchVariables(es: string, index: string, range: Range): Promise<void> {
  const dashboard = readDashboard('logs-elasticsearch.json')
  const { query } = dashboard.templating.list.find(({ name }) => name === 'host')!
  assert.ok(typeof query === 'string')
  const { find, field } = JSON.parse(query)
  assert.equal(find, 'terms')
  const values = await tell(es, 'POST', `/${index}-*/_search`, {
    size: 0,
    aggs: { 1: { terms: { field, size: 500 } } },
  })
  const [{ key: host }] = values.aggregations[1].buckets
  const panel = targetsOf(dashboard).find(({ panel: { title } }) => title === 'Events of the chosen trace')!
  const chosen = interpolate(panel.target.query!, { host: `("${host}")`, trace_id: traces[0]! })
  const found = await searchAsGrafana(es, `${index}-*`, { target: panel.target, range, query: chosen })
  assert.equal(found.hits.total.value, requests / 20 + 1)
}
