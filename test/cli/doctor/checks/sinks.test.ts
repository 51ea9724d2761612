import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clockCheck } from '../../../../src/cli/doctor/checks/clock.ts'
import { clusterCheck } from '../../../../src/cli/doctor/checks/elasticsearch/cluster.ts'
import { indicesCheck } from '../../../../src/cli/doctor/checks/elasticsearch/indices.ts'
import { privilegesCheck } from '../../../../src/cli/doctor/checks/elasticsearch/privileges.ts'
import { lokiLimitsCheck } from '../../../../src/cli/doctor/checks/loki/limits.ts'
import { allWell, findingsOf, onlyTrouble } from '../fake-subject.ts'

const es = { type: 'elasticsearch', nodes: ['http://127.0.0.1:1'], index: 'app-%Y.%m.%d' } as const
const loki = { type: 'loki', url: 'http://127.0.0.1:1', labels: { job: 'a' } } as const
const json = (value: unknown) => ({ text: JSON.stringify(value) })
/** The fake host's clock. */
const now = Date.UTC(2026, 10, 27, 12)

const cluster = {
  '/_cluster/settings': json({
    persistent: {},
    transient: {},
    defaults: {
      'cluster.max_shards_per_node': '1000',
      'cluster.routing.allocation.disk.watermark.flood_stage': '95%',
      'cluster.routing.allocation.disk.watermark.high': '90%',
      'cluster.routing.allocation.disk.watermark.low': '85%',
    },
  }),
  '/_cluster/health': json({
    status: 'green',
    number_of_data_nodes: 1,
    active_shards: 10,
    unassigned_shards: 0,
  }),
  '/_cat/allocation': json([
    { node: 'n1', 'disk.percent': '40', 'disk.avail': '60000000000', 'disk.total': '100000000000' },
  ]),
  '/_nodes/http': json({ nodes: { a: { http: { max_content_length_in_bytes: 104_857_600 } } } }),
}

it('a server that cannot be reached is the business of the check for that alone', async () => {
  for (const check of [clockCheck, clusterCheck, indicesCheck, privilegesCheck])
    assert.deepEqual(await findingsOf(check, { sink: es }), [], check.name)
  for (const check of [clockCheck, lokiLimitsCheck])
    assert.deepEqual(await findingsOf(check, { sink: loki }), [], check.name)
})

describe('the clock of a server', () => {
  const at = (offsetMs: number) => ({
    sink: loki,
    answers: { '/ready': { date: new Date(now + offsetMs).toUTCString() } },
  })

  it('that is alike, or a little off', async () => {
    assert.equal((await allWell(clockCheck, at(0)))[0]!.seen, 'like that of far')
    assert.match((await allWell(clockCheck, at(-12_000)))[0]!.seen, /11 s ahead of far/)
  })

  it('that is minutes off, to either side', async () => {
    await onlyTrouble(clockCheck, at(180_000), {
      severity: 'warning',
      seen: /3 min behind that of far/,
      mend: /timedatectl/,
    })
    const { why } = await onlyTrouble(clockCheck, at(-900_000), {
      severity: 'problem',
      seen: /15 min ahead of that of far/,
    })
    assert.match(why!, /too_new/)
  })

  it('of Elasticsearch, which sends no Date; a proxy before it does', async () => {
    const told = { '/_nodes/_local/stats': json({ nodes: { a: { timestamp: now + 61_000 } } }) }
    await onlyTrouble(
      clockCheck,
      { sink: es, answers: told },
      { severity: 'warning', seen: /61 s behind that of far/ },
    )
    await allWell(clockCheck, {
      sink: es,
      answers: { '/_nodes': { status: 403, date: new Date(now).toUTCString() } },
    })
    await onlyTrouble(
      clockCheck,
      { sink: es, answers: { '/_nodes': { status: 403 } } },
      { severity: 'unknown', seen: /does not tell its time/ },
    )
    assert.deepEqual(await findingsOf(clockCheck, { sink: es }), [])
  })
})

describe('limits of Elasticsearch', () => {
  it('far away', async () => {
    assert.equal((await allWell(clusterCheck, { sink: es, answers: cluster })).length, 2)
  })

  const cases = [
    [
      'shards',
      {
        '/_cluster/health': json({
          status: 'green',
          number_of_data_nodes: 1,
          active_shards: 960,
          unassigned_shards: 10,
        }),
      },
      'warning',
      /970 of 1,000 shards/,
    ],
    [
      'all shards',
      {
        '/_cluster/health': json({
          status: 'yellow',
          number_of_data_nodes: 1,
          active_shards: 700,
          unassigned_shards: 300,
        }),
      },
      'problem',
      /1,000 of 1,000 shards/,
    ],
    [
      'red',
      {
        '/_cluster/health': json({
          status: 'red',
          number_of_data_nodes: 1,
          active_shards: 7,
          unassigned_shards: 3,
        }),
      },
      'warning',
      /is red/,
    ],
    [
      'disk',
      { '/_cat/allocation': json([{ node: 'n1', 'disk.percent': '91', 'disk.avail': '9000000000' }]) },
      'warning',
      /above the high watermark \(90%\)/,
    ],
    [
      'flood',
      { '/_cat/allocation': json([{ node: 'n1', 'disk.percent': '96', 'disk.avail': '4000000000' }]) },
      'problem',
      /above the flood stage watermark \(95%\)/,
    ],
    [
      'bodies',
      { '/_nodes/http': json({ nodes: { a: { http: { max_content_length_in_bytes: 1_048_576 } } } }) },
      'warning',
      /batch\.max_bytes 5 MiB, and the server takes 1 MiB/,
    ],
    ['no right to look', { '/_cluster/settings': { status: 403 } }, 'unknown', /settings not looked at/],
  ] as const
  for (const [name, answers, severity, seen] of cases)
    it(`met: ${name}`, async () => {
      await onlyTrouble(clusterCheck, { sink: es, answers: { ...cluster, ...answers } }, { severity, seen })
    })

  it('watermarks in bytes', async () => {
    const settings = json({
      persistent: {
        'cluster.routing.allocation.disk.watermark.high': '10gb',
        'cluster.routing.allocation.disk.watermark.low': '20gb',
        'cluster.routing.allocation.disk.watermark.flood_stage': '1gb',
      },
    })
    const answers = {
      ...cluster,
      '/_cluster/settings': settings,
      '/_cat/allocation': json([{ node: 'n1', 'disk.percent': '99', 'disk.avail': '9000000000' }]),
    }
    await onlyTrouble(
      clusterCheck,
      { sink: es, answers },
      { severity: 'warning', seen: /high watermark \(10gb\)/ },
    )
  })
})

describe('the indices that are written to', () => {
  const mapping = (count: number) =>
    json({
      'app-2026.11.27': {
        mappings: {
          properties: Object.fromEntries(
            Array.from({ length: count }, (_, index) => [
              `f${index}`,
              { type: 'text', fields: { keyword: { type: 'keyword' } } },
            ]),
          ),
        },
      },
    })
  const answers = (count: number, settings: object = {}) => ({
    '/app-*/_settings': json({ 'app-2026.11.27': { settings } }),
    '/app-*/_mapping': mapping(count),
  })

  it('count further forms of a field, as the server does', async () => {
    assert.match(
      (await allWell(indicesCheck, { sink: es, answers: answers(10) }))[0]!.seen,
      /app-2026\.11\.27 has 20 of 1,000 fields/,
    )
    await onlyTrouble(
      indicesCheck,
      { sink: es, answers: answers(450) },
      { severity: 'warning', seen: /900 of 1,000 fields/ },
    )
    await allWell(indicesCheck, {
      sink: es,
      answers: answers(450, { 'index.mapping.total_fields.limit': '2000' }),
    })
  })

  it('read-only ones hold everything', async () => {
    await onlyTrouble(
      indicesCheck,
      { sink: es, answers: answers(1, { 'index.blocks.read_only_allow_delete': 'true' }) },
      { severity: 'problem', seen: /read-only: app-2026\.11\.27/, mend: /index\.blocks\.write/ },
    )
  })

  it('names that a server makes up run nothing in a command that is copied', async () => {
    const index = 'app-$(id)`id`'
    const settings = { 'index.blocks.read_only_allow_delete': 'true' }
    const hostile = {
      '/app-*/_settings': json({ [index]: { settings } }),
      '/app-*/_mapping': json({ [index]: { mappings: {} } }),
    }
    await onlyTrouble(
      indicesCheck,
      { sink: es, answers: hostile },
      { severity: 'problem', seen: /read-only/, mend: /"\$ES"\/'app-\$\(id\)`id`'\/_settings/ },
    )
  })

  it('old ones that are closed on purpose are left alone', async () => {
    const two = {
      '/app-*/_settings': json({
        'app-2026.11.26': { settings: { 'index.blocks.write': 'true' } },
        'app-2026.11.27': { settings: {} },
      }),
      '/app-*/_mapping': json({ 'app-2026.11.26': { mappings: {} }, 'app-2026.11.27': { mappings: {} } }),
    }
    await allWell(indicesCheck, { sink: es, answers: two })
    const newest = answers(1, { 'index.blocks.write': 'true' })
    await onlyTrouble(indicesCheck, { sink: es, answers: newest }, { severity: 'problem', seen: /read-only/ })
  })

  it('none yet, or none that may be seen', async () => {
    const none = { '/app-*/_settings': json({}), '/app-*/_mapping': json({}) }
    assert.match((await allWell(indicesCheck, { sink: es, answers: none }))[0]!.seen, /no index app-\* yet/)
    assert.deepEqual(await findingsOf(indicesCheck, { sink: es }), [])
  })
})

describe('privileges', () => {
  const told = (create: boolean, configure: boolean) => ({
    '/_security': json({
      username: 'u',
      has_all_requested: create && configure,
      cluster: {},
      index: { 'app-*': { create_doc: create, auto_configure: configure } },
    }),
  })
  it('are asked for what the sink does', async () => {
    await allWell(privilegesCheck, { sink: es, answers: told(true, true) })
    await onlyTrouble(
      privilegesCheck,
      { sink: es, answers: told(false, true) },
      { severity: 'problem', seen: /lack create_doc for app-\*/, mend: /"privileges": \["create_doc"/ },
    )
    await onlyTrouble(
      privilegesCheck,
      { sink: es, answers: told(true, false) },
      { severity: 'warning', seen: /lack auto_configure/ },
    )
  })
  it("of a cluster without security are nobody's", async () => {
    assert.deepEqual(
      await findingsOf(privilegesCheck, { sink: es, answers: { '/_security': { status: 405 } } }),
      [],
    )
  })
})

describe('limits of Loki', () => {
  const usual = `server:
  http_listen_port: 3100
limits_config:
  ingestion_rate_mb: 4
  ingestion_burst_size_mb: 6
  max_label_names_per_series: 15
  reject_old_samples: true
  reject_old_samples_max_age: 1w
  max_line_size: 256KB
  max_global_streams_per_user: 5000
  per_stream_rate_limit_burst: 15MB
  allow_structured_metadata: true
  max_structured_metadata_entries_count: 128
  otlp_config:
    max_line_size: 1
table_manager:
  ingestion_rate_mb: 1
`
  const config = (from = '', to = '') => ({
    sink: loki,
    answers: { '/config': { text: usual.replace(from, to) } },
  })

  it('as it ships with them: nothing is met', async () => {
    await allWell(lokiLimitsCheck, config())
  })

  const cases = [
    [
      'burst',
      'burst_size_mb: 6',
      'burst_size_mb: 0.5',
      'problem',
      /above Loki's ingestion_burst_size_mb 0\.5/,
    ],
    ['burst of a stream', '15MB', '512KB', 'warning', /per_stream_rate_limit_burst 512 KiB/],
    ['rate', 'rate_mb: 4', 'rate_mb: 1', 'warning', /Loki takes 1 MB\/s/],
    [
      'labels',
      'series: 15',
      'series: 1',
      'problem',
      /2 labels \(with "backlog" for late entries\), and Loki takes 1/,
    ],
    ['streams', '5000', '100', 'warning', /max_streams 500 is above Loki's max_global_streams_per_user 100/],
    ['no metadata', 'metadata: true', 'metadata: false', 'problem', /allow_structured_metadata: false/],
    ['little metadata', '128', '2', 'warning', /4 names in structured_metadata, and Loki takes 2/],
    [
      'short lines',
      '256KB',
      '64KB',
      'warning',
      /lines of sources\.app may be longer than Loki's max_line_size 64 KiB/,
    ],
  ] as const
  for (const [name, from, to, severity, seen] of cases)
    it(`met: ${name}`, async () => {
      await onlyTrouble(lokiLimitsCheck, config(from, to), { severity, seen })
    })

  it('old files, before the first run alone', async () => {
    const files = { '/var/log/app/old.log': { text: 'x', ageMs: 9 * 86_400_000 } }
    await onlyTrouble(
      lokiLimitsCheck,
      { ...config(), files },
      {
        severity: 'warning',
        seen: /1 file last written over 7 days ago/,
        mend: /"ignore_older": "168h"/,
      },
    )
    await allWell(lokiLimitsCheck, {
      ...config(),
      files: { ...files, '/var/lib/logferry/buffer/': { owner: 1000 } },
    })
  })

  it('behind a gateway that does not show them', async () => {
    await onlyTrouble(
      lokiLimitsCheck,
      { sink: loki, answers: { '/config': { status: 404 } } },
      { severity: 'unknown', seen: /404 at \/config/ },
    )
  })
})
