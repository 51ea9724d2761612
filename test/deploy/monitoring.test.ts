import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { metricsTable } from '../../src/telemetry/metrics-table.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import {
  dashboardNames,
  monitoringFolder,
  readAlerts,
  readDashboard,
  targetsOf,
} from '../support/dashboards.ts'

/** What can be said about rules and dashboards without a server; test/real/monitoring.test.ts runs every query. */

const alerts = readAlerts()
const guide = readFileSync('docs/alerts.md', 'utf8')

/** Labels that a scrape gives to every series. */
const scraped = ['instance', 'job']

/** Labels by metric, those of the process included. */
async function knownMetrics(): Promise<ReadonlyMap<string, readonly string[]>> {
  const known = new Map<string, readonly string[]>([['up', scraped]])
  for (const { name, type, labels } of metricsTable) {
    const all = [...labels, ...scraped]
    if (type !== 'histogram') known.set(name, all)
    else {
      known.set(`${name}_bucket`, [...all, 'le'])
      for (const part of ['sum', 'count']) known.set(`${name}_${part}`, all)
    }
  }
  const { body } = await createMetrics().scrape(undefined)
  for (const [, name] of body.matchAll(/^# TYPE ((?:process|nodejs)_\S+)/gm)) known.set(name!, scraped)
  return known
}

const metricPattern = /\b((?:logferry|process|nodejs)_\w+|up)\b(?:\{([^}]*)\})?/g

/** What an expression names and nobody has: metrics, labels in selectors and in groupings. */
function unknownIn(expr: string, known: ReadonlyMap<string, readonly string[]>): string[] {
  const unknown: string[] = []
  const labels = new Set<string>()
  const plain = expr.replaceAll(/"[^"]*"/g, '""')
  for (const [, name = '', selector = ''] of plain.matchAll(metricPattern)) {
    const own = known.get(name)
    if (own === undefined) unknown.push(name)
    for (const label of own ?? []) labels.add(label)
    for (const [, label = ''] of selector.matchAll(/(\w+)\s*(?:=~|!~|!=|=)/g))
      if (own?.includes(label) === false) unknown.push(`${name}{${label}}`)
  }
  for (const [, list = ''] of plain.matchAll(/\b(?:by|without|on|ignoring) \(([^)]*)\)/g))
    for (const label of list.split(/, */)) if (!labels.has(label)) unknown.push(`(${label})`)
  return unknown
}

describe('the alert rules', () => {
  it('name metrics and labels that the agent has', async () => {
    const known = await knownMetrics()
    assert.deepEqual(
      alerts.flatMap(({ name, expr }) => unknownIn(expr, known).map((what) => `${name}: ${what}`)),
      [],
    )
    assert.ok(alerts.every(({ expr }) => /logferry/.test(expr)))
    assert.deepEqual(unknownIn('sum by (code) (logferry_sink_up{source="a"}) + logferry_x', known), [
      'logferry_sink_up{source}',
      'logferry_x',
      '(code)',
    ])
  })

  it('have each a time, a severity, words, and labels in the words that are there', async () => {
    const known = await knownMetrics()
    for (const { name, expr, text } of alerts) {
      assert.match(text, /^ {8}for: \d+m$/m, name)
      assert.match(text, /^ {10}severity: (?:critical|warning|info)$/m, name)
      assert.match(text, /^ {10}summary: '.{10,120}'$/m, name)
      assert.match(text, /^ {10}description: '.{30,300}'$/m, name)
      const first = /(?:logferry|process)_\w+|up/.exec(expr)![0]
      for (const [, label] of text.matchAll(/\$labels\.(\w+)/g))
        assert.ok(known.get(first)!.includes(label!), `${name}: ${label}`)
    }
  })

  it('lead each to its section of docs/alerts.md, and no section is left over', () => {
    for (const { name, text } of alerts)
      assert.ok(text.includes(`\n          runbook: docs/alerts.md#${name.toLowerCase()}\n`), name)
    const sections = [...guide.matchAll(/^## (\w+)\n\n\*(\w+)[ ,.*]/gm)]
    assert.deepEqual(
      sections.map(([, name, severity]) => [name, severity]).toSorted(),
      alerts.map(({ name, text }) => [name, /severity: (\w+)/.exec(text)![1]]).toSorted(),
    )
  })

  it('have a unit test of firing and one of not firing', () => {
    const tests = ['rules.test.yml', 'rules.day.test.yml']
      .map((name) => readFileSync(join(monitoringFolder, name), 'utf8'))
      .join('')
    for (const { name } of alerts) {
      assert.match(tests, new RegExp(`alertname: ${name}\n {8}exp_alerts:\n`), name)
      assert.match(tests, new RegExp(`alertname: ${name}\n {8}exp_alerts: \\[\\]\n`), name)
    }
  })

  it('are the ones that alertmanager.yml names', () => {
    const text = readFileSync(join(monitoringFolder, 'alertmanager.yml'), 'utf8')
    const named = [...text.matchAll(/\bLogferry[A-Z]\w+/g)].map(([name]) => name)
    assert.ok(named.length > 5)
    assert.deepEqual(
      named.filter((name) => !alerts.some((alert) => alert.name === name)),
      [],
    )
  })
})

describe('the dashboards', () => {
  for (const file of dashboardNames) {
    const dashboard = readDashboard(file)
    const { panels } = dashboard
    const variables = dashboard.templating.list.map(({ name }) => name)

    it(`${file}: panels have ids of their own and places that do not meet`, () => {
      assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length)
      for (const [index, { gridPos: a, title }] of panels.entries()) {
        assert.ok(a.x + a.w <= 24, title)
        for (const { gridPos: b, title: other } of panels.slice(index + 1)) {
          const meet = a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
          assert.ok(!meet, `${title} and ${other}`)
        }
      }
    })

    it(`${file}: what it asks has a data source that can be chosen, and variables that are there`, () => {
      const own = dashboard.templating.list.find(({ type }) => type === 'datasource')!
      assert.match(own.name, /^DS_[A-Z]+$/)
      const uids = new Set([`\${${own.name}}`, '__expr__'])
      for (const { panel, target } of targetsOf(dashboard))
        assert.ok(uids.has(target.datasource.uid), panel.title)
      const used = [...JSON.stringify(panels).matchAll(/\$\{?([A-Za-z_]\w*)/g)].map(([, name]) => name!)
      const builtIn = new Set(['__auto', '__range', '__rate_interval', '__url_time_range', '__value'])
      // A single letter is another query of the panel, in a server-side expression.
      assert.deepEqual(
        used.filter((name) => !variables.includes(name) && !builtIn.has(name) && !/^[A-Z]$/.test(name)),
        [],
      )
    })
  }

  it('ask each panel something', () => {
    for (const file of dashboardNames)
      for (const { type, title, targets } of readDashboard(file).panels)
        assert.equal((targets ?? []).length > 0, type !== 'row', title)
  })

  it('have ids that differ', () => {
    assert.equal(new Set(dashboardNames.map((name) => readDashboard(name).uid)).size, 3)
  })
})

describe('the dashboard of the agent', () => {
  const queries = targetsOf(readDashboard('agent.json')).map(({ target }) => target.expr ?? '')

  it('names metrics and labels that the agent has', async () => {
    const known = await knownMetrics()
    assert.deepEqual(
      queries.flatMap((expr) => unknownIn(expr, known)),
      [],
    )
  })

  it('shows every metric of the table', () => {
    const all = queries.join('\n')
    const missing = metricsTable.filter(
      ({ name, type }) => !new RegExp(`\\b${name}${type === 'histogram' ? '_bucket' : ''}\\b`).test(all),
    )
    assert.deepEqual(
      missing.map(({ name }) => name),
      [],
    )
  })
})
