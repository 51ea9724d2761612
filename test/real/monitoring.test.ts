import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { monitoringFolder, readAlerts, readDashboard, targetsOf } from '../support/dashboards.ts'
import { until } from '../support/fake-clock.ts'
import { askPrometheus, evaluate, findTools, say, startServer } from './prometheus.ts'
import type { Tools } from './prometheus.ts'
import { interpolate, searchAsGrafana } from './grafana.ts'
import type { Range } from './grafana.ts'
import { Rig } from './rig.ts'
import type { Daemon } from './rig.ts'
import { deleteIndices, tell } from './servers.ts'

/**
 * The rules, examples and dashboards of deploy/monitoring on real servers: Debian's Prometheus scrapes a real agent that
 * ships to a real Elasticsearch and a real Loki, and every query of every dashboard is asked there.
 */

const es = process.env['LOGFERRY_ES_URL'] ?? ''
const loki = process.env['LOGFERRY_LOKI_URL'] ?? ''
const hasServers = es !== '' && loki !== ''
const tools = hasServers ? findTools() : 'needs the servers of npm run test:real'
const why = typeof tools === 'string' && tools
const isThere: Tools =
  typeof tools === 'string' ? { promtool: '', prometheus: '', amtool: '', alertmanager: '' } : tools

const inFolder = (name: string): string => join(monitoringFolder, name)
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function succeeds(program: string, args: readonly string[], input?: string): string {
  const { status, text } = say(program, args, input)
  assert.equal(status, 0, text)
  return text
}

describe('the files of deploy/monitoring', { skip: why }, () => {
  test('the rules pass promtool, and each fires and rests as its unit tests say', () => {
    const checked = succeeds(isThere.promtool, ['check', 'rules', '--lint=all', inFolder('rules.yml')])
    assert.match(checked, new RegExp(`SUCCESS: ${readAlerts().length} rules found`))
    assert.match(succeeds(isThere.promtool, ['test', 'rules', inFolder('rules.test.yml')]), /SUCCESS/)
  })

  test('the examples for Prometheus and Alertmanager are taken', () => {
    succeeds(isThere.promtool, ['check', 'config', inFolder('prometheus.yml')])
    succeeds(isThere.amtool, ['check-config', inFolder('alertmanager.yml')])
  })

  test('critical alerts page and go to the chat, warnings to the chat, the rest by mail', () => {
    const receivers = (severity: string): string => {
      const labels = ['alertname=LogferrySinkDown', `severity=${severity}`]
      const file = `--config.file=${inFolder('alertmanager.yml')}`
      return succeeds(isThere.amtool, ['config', 'routes', 'test', file, ...labels]).split('\n')[0]!
    }
    assert.deepEqual(['critical', 'warning', 'info'].map(receivers), ['page,chat', 'chat', 'mail'])
  })
})

const traces = ['0af7651916cd43dd8448eb211c80319c', '1af7651916cd43dd8448eb211c80319c']
const requests = 200
const slowMs = 1000

/** Requests of 10 to 2000 ms over the last ten minutes, each tenth an error of one of two traces, and other lines. */
function writeEvents(rig: Rig): number {
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

const index = 'watch-logs'

/** The template of the guide, for this test's own index. */
function putTemplate(): void {
  const [, command = ''] = /```sh\n(curl[^]*?)```/.exec(readFileSync('docs/elasticsearch.md', 'utf8'))!
  execFileSync('bash', ['-euc', command.replaceAll('app-logs', index)], { env: { ...process.env, ES: es } })
}

function configOf(rig: Rig): string {
  const source = (name: string, more: object): object => ({
    type: 'file',
    include: [join(rig.folder, `${name}.log`)],
    ...more,
  })
  const job = `watch-${process.pid}`
  const toLoki = { type: 'loki', url: loki, labels: { job, level: '{level:-unknown}' } }
  const metadata = ['host_name', 'filename', 'trace_id', 'span_id', 'duration_ms']
  return rig.config({
    sources: {
      app: source('app', { sinks: ['es', 'loki'] }),
      worker: source('worker', { parse: 'logfmt', sinks: ['es', 'loki-metadata'] }),
    },
    sinks: {
      es: { type: 'elasticsearch', nodes: [es], index: `${index}-%Y.%m.%d` },
      loki: toLoki,
      'loki-metadata': { ...toLoki, structured_metadata: metadata },
    },
  })
}

async function startPrometheus(context: TestContext, rig: Rig, target: string): Promise<string> {
  copyFileSync(inFolder('rules.yml'), join(rig.folder, 'rules.yml'))
  const config = join(rig.folder, 'prometheus.yml')
  writeFileSync(
    config,
    [
      'global: { scrape_interval: 1s, evaluation_interval: 1s }',
      'rule_files: [rules.yml]',
      'scrape_configs:',
      `  - { job_name: logferry, static_configs: [{ targets: ['${target}'] }] }`,
      '',
    ].join('\n'),
  )
  const storage = `--storage.tsdb.path=${join(rig.folder, 'tsdb')}`
  return startServer(context, isThere.prometheus, [`--config.file=${config}`, storage])
}

interface Watched {
  readonly rig: Rig
  readonly agent: Daemon
  readonly prometheus: string
  readonly events: number
  readonly range: Range
}

/** An agent that Prometheus has seen before its first event, since an increase needs a value before. */
async function shipAndWatch(context: TestContext): Promise<Watched> {
  putTemplate()
  const rig = new Rig(context)
  const agent = await rig.start(configOf(rig))
  const prometheus = await startPrometheus(context, rig, new URL(agent.adminUrl).host)
  const seen = async (expr: string): Promise<void> =>
    until(
      async () => {
        await pause(300)
        return (await evaluate(prometheus, expr)).length > 0
      },
      expr,
      60_000,
    )
  await seen('count_over_time(logferry_source_read_events_total[1m]) >= 2')
  const events = writeEvents(rig)
  await agent.settled(events)
  await seen(`sum(logferry_source_read_events_total) == ${events}`)
  await seen('count_over_time(logferry_sink_request_seconds_count{sink="es"}[1m]) >= 3')
  await tell(es, 'POST', `/${index}-*/_refresh`)
  const toMs = Date.now()
  return { rig, agent, prometheus, events, range: { fromMs: toMs - 900_000, toMs } }
}

describe('a real agent under a real Prometheus', { skip: why }, () => {
  test('every rule is evaluated, every query of every dashboard finds something, and it makes sense', async (context) => {
    context.after(async () => {
      await deleteIndices(es, index)
      await fetch(`${es}/_index_template/${index}`, { method: 'DELETE' })
    })
    const watched = await shipAndWatch(context)
    await checkScrape(watched)
    await checkAgentDashboard(watched)
    await checkLokiDashboard(watched)
    await checkElasticsearchDashboard(watched)
    await checkAlerts(watched)
  })
})

async function checkScrape({ agent }: Watched): Promise<void> {
  const body = await (await fetch(`${agent.adminUrl}/metrics`)).text()
  assert.equal(succeeds(isThere.promtool, ['check', 'metrics'], body), '')
}

/** Both as Grafana fills them in for "All", and for one value. */
const choices = [
  { instance: '.*', source: '.*', sink: '.*' },
  { instance: '127\\\\.0\\\\.0\\\\.1:[0-9]+', source: '(app|worker)', sink: '(es|loki|loki-metadata)' },
]

async function checkAgentDashboard({ prometheus, events }: Watched): Promise<void> {
  const dashboard = readDashboard('agent.json')
  const values = new Map<string, number>()
  for (const choice of choices) {
    const variables = { ...choice, __rate_interval: '30s', __range: '15m' }
    for (const { panel, target } of targetsOf(dashboard)) {
      const found = await evaluate(prometheus, interpolate(target.expr!, variables))
      assert.notDeepEqual(found, [], `${panel.title}: ${target.expr}`)
      values.set(panel.title, found[0]!.value)
    }
  }
  const shown = (title: string): number => values.get(title)!
  assert.equal(shown('Agents'), 1)
  assert.equal(shown('Sinks that take nothing'), 0)
  assert.equal(shown('Bytes lost'), 0)
  assert.equal(shown('Events dropped'), 0)
  assert.equal(shown('Dead letters'), 1)
  assert.ok(shown('Fullest buffer') > 0 && shown('Fullest buffer') < 0.1)
  assert.ok(shown('Memory') > 20e6)
  const increase = await evaluate(prometheus, 'sum(increase(logferry_source_read_events_total[5m]))')
  assert.ok(Math.abs(increase[0]!.value - events) < events / 2, String(increase[0]!.value))
  for (const { name, query } of dashboard.templating.list) {
    const [, selector, label] =
      /^label_values\((.*), (\w+)\)$/.exec((query as { query?: string }).query ?? '') ?? []
    if (label === undefined) continue
    const match = interpolate(selector!, choices[0]!)
    const found = await askPrometheus(prometheus, `label/${label}/values`, { 'match[]': match })
    assert.notDeepEqual(found, [], name)
  }
}

async function askLoki(
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

async function checkLokiDashboard({ events, range }: Watched): Promise<void> {
  const variables = {
    job: `watch-${process.pid}`,
    slow_ms: String(slowMs),
    trace_id: '.+',
    __auto: '30s',
    __range: '900s',
  }
  const answers = new Map<string, any[]>()
  for (const { panel, target } of targetsOf(readDashboard('logs-loki.json'))) {
    const isInstant = target['queryType'] === 'instant'
    const found = await askLoki(interpolate(target.expr!, variables), { range, isInstant })
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
    const found = await askLoki(interpolate(target.expr!, one), { range, isInstant: false })
    const count = found.reduce((sum: number, { values }: { values: unknown[] }) => sum + values.length, 0)
    assert.equal(count, requests / 20 + 1)
  }
  const jobs = await (await fetch(`${loki}/loki/api/v1/label/job/values`)).json()
  assert.ok((jobs as { data: string[] }).data.includes(variables.job))
}

async function checkElasticsearchDashboard({ events, range }: Watched): Promise<void> {
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
  await checkElasticsearchVariables(range)
}

/** The values of a variable, and a query with one of them chosen. */
async function checkElasticsearchVariables(range: Range): Promise<void> {
  const dashboard = readDashboard('logs-elasticsearch.json')
  const { query } = dashboard.templating.list.find(({ name }) => name === 'host')!
  const { find, field } = JSON.parse(String(query))
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

interface RuleState {
  readonly name: string
  readonly health: string
  readonly state: string
  readonly alerts: readonly { readonly annotations: Readonly<Record<string, string>> }[]
}

async function rulesOf(prometheus: string): Promise<RuleState[]> {
  const { groups } = await askPrometheus(prometheus, 'rules')
  return groups.flatMap(({ rules }: { rules: RuleState[] }) => rules)
}

/** One document was refused, so one alert fires; then the agent ends, and another one waits for its five minutes. */
async function checkAlerts({ prometheus, agent }: Watched): Promise<void> {
  const rules = await rulesOf(prometheus)
  assert.equal(rules.length, readAlerts().length)
  assert.deepEqual(
    rules.filter(({ health }) => health !== 'ok').map(({ name }) => name),
    [],
  )
  const firing = rules.filter(({ state }) => state === 'firing')
  assert.deepEqual(
    firing.map(({ name }) => name),
    ['LogferryDeadLetters'],
  )
  const [alert] = firing[0]!.alerts
  assert.match(
    alert!.annotations['summary']!,
    /^Sink es refuses events of logferry on .* for good \(mapping\)$/,
  )
  await agent.stop()
  const isDown = async (): Promise<boolean> => {
    await pause(300)
    const down = (await rulesOf(prometheus)).find(({ name }) => name === 'LogferryDown')!
    return down.state === 'pending'
  }
  await until(isDown, 'LogferryDown waits for its five minutes', 60_000)
}
