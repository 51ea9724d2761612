import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { metricsReference } from '../../src/telemetry/metrics-reference.ts'
import { metricsTable } from '../../src/telemetry/metrics-table.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import type { Metrics } from '../../src/telemetry/metrics.ts'
import { FakeAgentView, newSink, watchedPods } from '../support/fake-agent-view.ts'

/** The list of the contract, as it stands there. */
const contract =
  `source_read_bytes_total{source} source_read_events_total{source} source_parse_errors_total{source}
  source_lost_bytes_total{source,reason} source_lag_bytes{source} source_blocked_seconds_total{source} files_open
  buffer_bytes buffer_max_bytes buffer_oldest_seconds sink_up{sink} sink_acknowledged_events_total{sink}
  sink_dead_lettered_events_total{sink,reason} sink_dropped_events_total{sink,reason}
  sink_filtered_events_total{sink} sink_requests_total{sink,code} sink_request_seconds{sink}
  sink_retries_total{sink} sink_lag_events{sink} sink_lag_seconds{sink} dead_letters_stored{sink}
  label_demotions_total{sink} possible_duplicates_total{sink} config_reloads_total{result} build_info`.split(
    /\s+/,
  )

/** What there is beyond it. */
const further = [
  'sink_noted_events_total{sink,note}',
  'sink_replayed_events_total{sink}',
  'source_step_errors_total{source}',
  'source_plan{source,lane,setting}',
  'source_files{source,lane}',
  ...['up', 'pods', 'errors_total', 'unknown_pods_total'].map((name) => `kubernetes_${name}{node}`),
  'source_unreadable_files{source}',
]

function setUp(): { metrics: Metrics; view: FakeAgentView; scrape: (accept?: string) => Promise<string> } {
  const metrics = createMetrics()
  const view = new FakeAgentView()
  metrics.observe(view)
  return { metrics, view, scrape: async (accept) => (await metrics.scrape(accept)).body }
}

function sample(text: string, series: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

describe('the table of metrics', () => {
  test('is the list of the contract and a named rest, names and labels', () => {
    const ours = metricsTable.map(({ name, labels }) => {
      const short = name.replace(/^logferry_/, '')
      return labels.length > 0 && short !== 'build_info' ? `${short}{${labels.join(',')}}` : short
    })
    assert.deepEqual(ours.toSorted(), [...contract, ...further].toSorted())
    assert.ok(metricsTable.every(({ name }) => name.startsWith('logferry_')))
  })

  test('is what docs/metrics.md says', () => {
    assert.equal(readFileSync('docs/metrics.md', 'utf8'), metricsReference())
  })
})

describe('a scrape', () => {
  test('shows every metric of the table, and those of the process, all with help and type', async () => {
    const { metrics, scrape, view } = setUp()
    metrics.sinkMeter('es').request('200', 0.02)
    view.pods = watchedPods()
    const text = await scrape()
    for (const { name, type } of metricsTable) {
      assert.ok(text.includes(`# HELP ${name} `), name)
      assert.ok(text.includes(`# TYPE ${name} ${type}\n`), name)
      assert.match(text, new RegExp(`^${name}(?:_bucket|_total)?[{ ]`, 'm'))
    }
    assert.match(text, /^process_cpu_seconds_total /m)
    assert.match(text, /^process_resident_memory_bytes /m)
    const foreign = [...text.matchAll(/^# TYPE (\S+)/gm)].map((match) => match[1]!)
    assert.deepEqual(
      foreign.filter((name) => !/^(?:logferry|process|nodejs)_/.test(name)),
      [],
    )
  })

  test('has nothing about Kubernetes where nobody asks it', async () => {
    const { scrape } = setUp()
    assert.doesNotMatch(await scrape(), /^logferry_kubernetes/m)
  })

  test('reads the values of the moment, and counters do not add up twice', async () => {
    const { view, scrape } = setUp()
    await scrape()
    view.sourceList[0]!.counts.readEvents = 12
    const text = await scrape()
    assert.equal(sample(text, 'logferry_source_read_events_total{source="app"}'), 12)
    assert.equal(sample(text, 'logferry_source_lag_bytes{source="app"}'), 100)
    assert.equal(sample(text, 'logferry_files_open'), 1)
    assert.equal(sample(text, 'logferry_buffer_max_bytes'), 10_240)
    assert.equal(sample(text, 'logferry_sink_up{sink="es"}'), 1)
    assert.equal(sample(text, 'logferry_sink_acknowledged_events_total{sink="es"}'), 6)
    assert.equal(sample(text, 'logferry_sink_dead_lettered_events_total{sink="es",reason="mapping"}'), 1)
    assert.equal(sample(text, 'logferry_sink_requests_total{sink="es",code="timeout"}'), 2)
    assert.equal(sample(text, 'logferry_build_info{version="1.2.3"}'), 1)
  })

  test('says which lane a source takes and which setting asks for it, without what the config says there', async () => {
    const { view, scrape } = setUp()
    Object.assign(view.sourceList[0]!, { lane: 'general', laneReason: 'parse (a look-behind: (?<=secret))' })
    const text = await scrape()
    assert.equal(sample(text, 'logferry_source_plan{source="app",lane="general",setting="parse"}'), 1)
    assert.doesNotMatch(text, /secret/)
    const lane = view.files()[0]!.lane
    assert.equal(sample(text, `logferry_source_files{source="app",lane="${lane}"}`), 1)
    assert.equal(
      sample(text, `logferry_source_files{source="app",lane="${lane === 'fast' ? 'general' : 'fast'}"}`),
      0,
    )
  })

  test('counts what a source may not read', async () => {
    const { view, scrape } = setUp()
    assert.equal(sample(await scrape(), 'logferry_source_unreadable_files{source="app"}'), 0)
    const reason = 'may not be read (EACCES)'
    view.unreadableList.push({ source: 'app', path: '/var/log/app/b.log', reason })
    assert.equal(sample(await scrape(), 'logferry_source_unreadable_files{source="app"}'), 1)
  })

  test('starts known reasons at 0, so that the first loss shows as an increase', async () => {
    const text = await setUp().scrape()
    assert.equal(sample(text, 'logferry_source_lost_bytes_total{source="app",reason="truncated"}'), 0)
    assert.equal(sample(text, 'logferry_sink_dropped_events_total{sink="es",reason="buffer_full"}'), 0)
    assert.equal(sample(text, 'logferry_config_reloads_total{result="failure"}'), 0)
  })

  test('forgets a sink that a reload removed and shows one that it added', async () => {
    const { view, scrape } = setUp()
    await scrape()
    view.sinkList.splice(0, 1, newSink('loki'))
    const text = await scrape()
    assert.equal(sample(text, 'logferry_sink_up{sink="es"}'), undefined)
    assert.equal(sample(text, 'logferry_sink_up{sink="loki"}'), 1)
  })

  test('measures requests and counts reloads', async () => {
    const { metrics, scrape } = setUp()
    const meter = metrics.sinkMeter('es')
    for (const seconds of [0.02, 0.3, -1]) meter.request('200', seconds)
    metrics.configReloaded('failure')
    const text = await scrape()
    assert.equal(sample(text, 'logferry_sink_request_seconds_count{sink="es"}'), 3)
    assert.equal(sample(text, 'logferry_sink_request_seconds_bucket{le="0.025",sink="es"}'), 2)
    assert.equal(sample(text, 'logferry_config_reloads_total{result="failure"}'), 1)
  })

  test('does not grow with the number of files', async () => {
    const { view, scrape } = setUp()
    const lines = (await scrape()).split('\n').length
    const file = view.fileList[0]!
    for (let index = 0; index < 1000; index += 1)
      view.fileList.push({ ...file, path: `/var/log/${index}.log` })
    assert.equal((await scrape()).split('\n').length, lines)
  })

  test('lets no text of a server become a label, and no bad number take the page away', async () => {
    const { view, scrape } = setUp()
    view.sinkList[0]!.requests = { '200': 1, 'Bad "gateway"\n evil': 2, 'Another text': 3 }
    view.sinkList[0]!.deadLettered = { mapping: 1, 'text of a server': 9 }
    view.sinkList[0]!.lagSeconds = Number.NaN
    const text = await scrape()
    assert.doesNotMatch(text, /evil|text of a server/)
    assert.equal(sample(text, 'logferry_sink_requests_total{sink="es",code="other"}'), 5)
    assert.equal(sample(text, 'logferry_sink_lag_seconds{sink="es"}'), 0)
  })

  test('works before there is an agent', async () => {
    const { body } = await createMetrics().scrape(undefined)
    assert.match(body, /^# TYPE logferry_buffer_bytes gauge$/m)
  })

  test('is the same after somebody asked for OpenMetrics', async () => {
    const { scrape } = setUp()
    const names = (text: string): string[] =>
      [...text.matchAll(/^# TYPE (logferry_\S+)/gm)].map((match) => match[1]!)
    const before = names(await scrape())
    await scrape('application/openmetrics-text')
    assert.deepEqual(names(await scrape()), before)
  })
})
