import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { monitoringFolder, readAlerts, readDashboard, targetsOf } from '../support/dashboards.ts'
import { until } from '../support/fake-clock.ts'
import { FakeKubeApi } from '../support/fake-kube-api.ts'
import { askPrometheus, evaluate, findTools, rulesOf, say, scrapeWithRules } from './prometheus.ts'
import { interpolate } from './grafana.ts'
import type { Range } from './grafana.ts'
import { Rig } from './rig.ts'
import type { Daemon } from './rig.ts'
import { deleteIndices, tell } from './servers.ts'
import { checkElasticsearchDashboard, checkLokiDashboard, writeEvents } from './shipped-events.ts'

/**
 * The rules, examples and dashboards of deploy/monitoring on real servers: Debian's Prometheus scrapes a real agent that
 * ships to a real Elasticsearch and a real Loki, and every query of every dashboard is asked there.
 */

const es = process.env['LOGFERRY_ES_URL'] ?? ''
const loki = process.env['LOGFERRY_LOKI_URL'] ?? ''
const tools = findTools()
const { why } = tools

const inFolder = (name: string): string => join(monitoringFolder, name)
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

function succeeds(program: string, args: readonly string[], input?: string): string {
  const { status, text } = say(program, args, input)
  assert.equal(status, 0, text)
  return text
}

describe('the files of deploy/monitoring', { skip: why }, () => {
  test('the rules pass promtool, and each fires and rests as its unit tests say', () => {
    const checked = succeeds(tools.promtool, ['check', 'rules', '--lint=all', inFolder('rules.yml')])
    assert.match(checked, new RegExp(`SUCCESS: ${readAlerts().length} rules found`))
    const tests = ['rules.test.yml', 'rules.day.test.yml'].map(inFolder)
    assert.match(succeeds(tools.promtool, ['test', 'rules', ...tests]), /SUCCESS[^]*SUCCESS/)
  })

  test('the examples for Prometheus and Alertmanager are taken', () => {
    succeeds(tools.promtool, ['check', 'config', inFolder('prometheus.yml')])
    succeeds(tools.amtool, ['check-config', inFolder('alertmanager.yml')])
  })

  test('critical alerts page and go to the chat, warnings to the chat, the rest by mail', () => {
    const receivers = (severity: string): string => {
      const labels = ['alertname=LogferrySinkDown', `severity=${severity}`]
      const file = `--config.file=${inFolder('alertmanager.yml')}`
      return succeeds(tools.amtool, ['config', 'routes', 'test', file, ...labels]).split('\n')[0]!
    }
    assert.deepEqual(['critical', 'warning', 'info'].map(receivers), ['page,chat', 'chat', 'mail'])
  })
})

const index = 'watch-logs'
const job = `watch-${process.pid}`

/** The template of the guide, for this test's own index. */
function putTemplate(): void {
  const [, command = ''] = /```sh\n(curl[^]*?)```/.exec(readFileSync('docs/elasticsearch.md', 'utf8'))!
  execFileSync('bash', ['-euc', command.replaceAll('app-logs', index)], { env: { ...process.env, ES: es } })
}

/** Its pods have panels too; a real one cannot be had here. */
async function apiOf(context: TestContext, rig: Rig): Promise<object> {
  const api = new FakeKubeApi()
  context.after(() => api.stop())
  await api.start()
  api.put({ uid: '0b1c', name: 'cart-1', node: 'node-1' })
  const account = api.serviceAccount(join(rig.folder, 'account'))
  return { url: api.url, node: 'node-1', service_account: account }
}

function configOf(rig: Rig, kubernetes: object): string {
  const source = (name: string, more: object): object => ({
    type: 'file',
    include: [join(rig.folder, `${name}.log`)],
    ...more,
  })
  const toLoki = { type: 'loki', url: loki, labels: { job, level: '{level:-unknown}' } }
  const metadata = ['host_name', 'filename', 'trace_id', 'span_id', 'duration_ms']
  return rig.config({
    enrich: { kubernetes },
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
  const agent = await rig.start(configOf(rig, await apiOf(context, rig)))
  const prometheus = await scrapeWithRules(context, tools, {
    folder: rig.folder,
    target: new URL(agent.adminUrl).host,
  })
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
    await checkLokiDashboard(loki, { ...watched, job, index })
    await checkElasticsearchDashboard(es, { ...watched, job, index })
    await checkAlerts(watched)
  })
})

async function checkScrape({ agent }: Watched): Promise<void> {
  const body = await (await fetch(`${agent.adminUrl}/metrics`)).text()
  assert.equal(succeeds(tools.promtool, ['check', 'metrics'], body), '')
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
      /^label_values\((.*), (\w+)\)$/.exec(typeof query === 'string' ? query : (query.query ?? '')) ?? []
    if (label === undefined) continue
    const match = interpolate(selector!, choices[0]!)
    const found = await askPrometheus(prometheus, `label/${label}/values`, { 'match[]': match })
    assert.notDeepEqual(found, [], name)
  }
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
