import assert from 'node:assert/strict'
import { test } from 'node:test'
import { elasticsearchSchema } from '../../../src/sinks/elasticsearch/schema.ts'

const base = { nodes: ['http://127.0.0.1:9200'], index: 'app-%Y.%m.%d' }

function problems(settings: object): string[] {
  const result = elasticsearchSchema.safeParse(settings)
  return result.success ? [] : result.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`)
}

test('what the contract shows is the default', () => {
  const config = elasticsearchSchema.parse(base)
  assert.equal(config.op, 'create')
  assert.equal(config.id, 'auto')
  assert.equal(config.compression, 'gzip')
  assert.deepEqual(config.batch, { max_bytes: 5 * 1024 ** 2, max_events: 5000, max_wait: 1000 })
  assert.deepEqual(config.retry, { min: 500, max: 30_000 })
  assert.equal(config.timeout, 30_000)
  assert.equal(config.max_in_flight, 4)
  assert.equal(config.when_full, 'block')
  assert.deepEqual(config.tls, { ca_file: null, cert_file: null, key_file: null, verify: true })
})

test('everything of the contract at once', () => {
  const { index: _index, ...others } = base
  assert.deepEqual(
    problems({ ...others, data_stream: { type: 'logs', dataset: 'app', namespace: 'default' } }),
    [],
  )
  assert.deepEqual(
    problems({ ...base, id: { field: 'event.id' }, pipeline: 'p', op: 'index', proxy: 'http://p:1' }),
    [],
  )
  assert.deepEqual(problems({ ...base, auth: { username: 'u', password: 'p' }, headers: { 'X-A': 'b' } }), [])
  assert.deepEqual(problems({ ...base, auth: { bearer_token: 't' }, headers: {} }), [])
  assert.deepEqual(problems({ ...base, headers: { Authorization: 'Custom x' } }), [])
})

test('contradictions and nonsense are named where they stand', () => {
  const table: readonly [object, RegExp][] = [
    [{ nodes: base.nodes }, /^: needs "index" or "data_stream"$/],
    [{ ...base, data_stream: { dataset: 'a' } }, /^data_stream: cannot stand beside "index"/],
    [
      { nodes: base.nodes, data_stream: { dataset: 'a' }, op: 'index' },
      /^op: "index" cannot be used with a data stream/,
    ],
    [{ nodes: base.nodes, data_stream: { dataset: 'a-b' } }, /^data_stream\.dataset: expected lower case/],
    [{ ...base, index: 'App' }, /^index: an index name cannot hold upper case/],
    [{ ...base, index: 'a b' }, /^index: an index name cannot hold " "/],
    [{ ...base, index: '-a' }, /^index: an index name cannot begin with/],
    [{ ...base, index: 'a-%Q' }, /^index: "%Q" is no time/],
    [{ ...base, index: 'a-{b' }, /^index: "\{" without "\}"/],
    [{ ...base, nodes: [] }, /^nodes: /],
    [{ ...base, nodes: ['127.0.0.1:9200'] }, /^nodes\.0: /],
    [{ ...base, nodes: ['file:///etc/passwd'] }, /^nodes\.0: only http/],
    [{ ...base, nodes: ['http://a?x=1'] }, /^nodes\.0: must end with its path/],
    [{ ...base, proxy: 'socks5://x' }, /^proxy: only http/],
    [
      { ...base, auth: { api_key: 'k' }, headers: { authorization: 'x' } },
      /^headers\.authorization: cannot stand beside "auth"/,
    ],
    [
      { ...base, headers: { 'Proxy-Authorization': 'x' } },
      /^headers\.Proxy-Authorization: write credentials into the URL of "proxy"/,
    ],
    [{ ...base, headers: { 'a b': 'c' } }, /^headers\.a b: not a valid header name/],
    [{ ...base, headers: { a: 'b\r\nc: d' } }, /^headers\.a: the value has characters/],
    [
      { ...base, headers: { 'Content-Length': '5' } },
      /^headers\.Content-Length: the agent sets this header itself/,
    ],
    [{ ...base, auth: { api_key: 'a\nb' } }, /auth/],
    [{ ...base, unknown: 1 }, /unknown/i],
  ]
  for (const [settings, expected] of table) {
    const found = problems(settings)
    assert.equal(found.length, 1, `${String(expected)} ${found.join('; ')}`)
    assert.match(found[0]!, expected)
  }
})
