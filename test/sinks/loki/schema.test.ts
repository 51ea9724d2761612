import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { lokiSink } from '../../../src/sinks/loki/index.ts'

const plain = { url: 'http://127.0.0.1:3100', labels: { job: 'app' } }

function problems(parts: object): string[] {
  const result = lokiSink.schema.safeParse({ ...plain, ...parts })
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

function labels(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`l${index}`, 'x']))
}

describe('the config of a Loki sink', () => {
  test('has the defaults of the contract', () => {
    const { tls: _tls, headers: _headers, retry: _retry, ...config } = lokiSink.schema.parse(plain)
    assert.deepEqual(config, {
      ...plain,
      structured_metadata: ['host_name', 'filename', 'trace_id', 'span_id'],
      line: 'raw',
      late: 'relabel',
      tenant: null,
      encoding: 'protobuf',
      label_limits: { max_streams: 500, max_values: 100, on_limit: 'demote' },
      auth: null,
      proxy: null,
      batch: { max_bytes: 1024 ** 2, max_events: 5000, max_wait: 1000 },
      timeout: 15_000,
      max_in_flight: 4,
      when_full: 'block',
    })
  })

  const wrong: readonly (readonly [string, object, RegExp])[] = [
    ['no label at all', { labels: {} }, /at least one label/],
    ['a label name with a dash', { labels: { 'b-c': 'x' } }, /label name/],
    ['a label name of Loki', { labels: { __path__: 'x' } }, /belong to Loki/],
    ['the label backlog', { labels: { backlog: 'x' } }, /kept for late entries/],
    ['sixteen labels', { labels: labels(16), late: 'dead_letter' }, /15 labels at most/],
    ['fifteen labels without room for backlog', { labels: labels(15) }, /no room for "backlog"/],
    ['a template without its brace', { labels: { job: '{level' } }, /without "}"/],
    ['a metadata name of underscores', { structured_metadata: ['__'] }, /letter or digit/],
    ['a metadata name with braces', { structured_metadata: ['{a}'] }, /between the braces/],
    ['a tenant with a line break', { tenant: 'a\r\nx-evil: 1' }, /line breaks/],
    ['an empty tenant', { tenant: '' }, /tenant/],
    ['a file as url', { url: 'file:///etc/passwd' }, /http/],
    ['no URL', { url: '127.0.0.1:3100' }, /^url/],
    ['a proxy over socks', { proxy: 'socks5://127.0.0.1:1' }, /^proxy/],
    ['the tenant among the headers', { headers: { 'X-Scope-OrgID': 'a' } }, /use "tenant"/],
    [
      'credentials in two places',
      { auth: { bearer_token: 't' }, headers: { Authorization: 'x' } },
      /cannot stand beside "auth"/,
    ],
    ['a header with a line break', { headers: { 'x-a': 'b\nc' } }, /^headers/],
    ['an Elasticsearch key', { auth: { api_key: 'x' } }, /^auth/],
    ['an unknown key', { label: {} }, /label/],
  ]
  for (const [what, parts, expected] of wrong) {
    test(`refuses ${what}`, () => {
      assert.match(problems(parts).join('\n'), expected)
    })
  }

  test('takes fifteen labels where no backlog is needed, and service_name beside them', () => {
    assert.deepEqual(problems({ labels: { ...labels(15), service_name: 'x' }, late: 'dead_letter' }), [])
    assert.deepEqual(problems({ labels: { ...labels(14), service_name: 'x' } }), [])
  })

  test('takes basic and bearer auth', () => {
    assert.deepEqual(problems({ auth: { username: 'u', password: 'p' } }), [])
    assert.deepEqual(problems({ auth: { bearer_token: 't' } }), [])
  })
})
