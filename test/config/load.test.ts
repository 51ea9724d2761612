import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, it } from 'node:test'
import { loadConfig } from '../../src/config/load.ts'
import { AgentError } from '../../src/core/errors.ts'
import { configFolder, minimal } from './config-file.ts'

describe('loadConfig', () => {
  it('fills in the defaults, in bytes and milliseconds', async (test) => {
    const { load } = await configFolder(test)
    const { config, warnings } = await load(minimal())
    const { sources: _sources, sinks: _sinks, ...settings } = config
    assert.deepEqual(warnings, [])
    assert.deepEqual(settings, {
      data_dir: '/var/lib/logferry',
      admin: { listen: '127.0.0.1:9465' },
      log: { level: 'info' },
      shutdown_timeout: 25_000,
      enrich: { host: true, trace: true, kubernetes: false, fields: {} },
      buffer: { max_bytes: 1024 ** 3, fsync: 1000, retain: 0 },
      dead_letters: { max_bytes: 256 * 1024 ** 2, max_age: 30 * 86_400_000 },
      steps: [],
    })
    const { include, parse, encoding, max_line_bytes, fields, sinks, type } = config.sources['app']!
    assert.deepEqual(
      { include, parse, encoding, max_line_bytes, fields, sinks, type },
      {
        include: ['/var/log/app/*.log'],
        parse: 'auto',
        encoding: 'utf-8',
        max_line_bytes: 262_144,
        fields: {},
        sinks: null,
        type: 'file',
      },
    )
  })

  it('has the defaults of the contract for sinks', async (test) => {
    const { load } = await configFolder(test)
    const { config } = await load(
      minimal({
        sinks: {
          es: { type: 'elasticsearch', nodes: ['http://127.0.0.1:9200'], index: 'a-%Y' },
          loki: { type: 'loki', url: 'http://127.0.0.1:3100', labels: { job: 'a' } },
        },
      }),
    )
    const [es, loki] = [config.sinks['es']!, config.sinks['loki']!]
    const shared = {
      max_in_flight: 4,
      when_full: 'block',
      retry: { min: 500, max: 30_000 },
      headers: {},
      proxy: null,
    }
    const tls = { ca_file: null, cert_file: null, key_file: null, verify: true }
    const pick = (sink: typeof es, keys: readonly string[]): object =>
      Object.fromEntries(keys.map((key) => [key, sink[key]]))
    const keys = [...Object.keys(shared), 'tls', 'batch', 'timeout']
    assert.deepEqual(pick(es, [...keys, 'op', 'id', 'compression']), {
      ...shared,
      tls,
      batch: { max_bytes: 5 * 1024 ** 2, max_events: 5000, max_wait: 1000 },
      timeout: 30_000,
      op: 'create',
      id: 'auto',
      compression: 'gzip',
    })
    assert.deepEqual(
      pick(loki, [...keys, 'structured_metadata', 'line', 'late', 'encoding', 'label_limits']),
      {
        ...shared,
        tls,
        batch: { max_bytes: 1024 ** 2, max_events: 5000, max_wait: 1000 },
        timeout: 15_000,
        structured_metadata: ['host_name', 'filename', 'trace_id', 'span_id'],
        line: 'raw',
        late: 'relabel',
        encoding: 'protobuf',
        label_limits: { max_streams: 500, max_values: 100, on_limit: 'demote' },
      },
    )
  })

  it('takes comments, trailing commas, a byte order mark, CRLF, and $schema', async (test) => {
    const { load } = await configFolder(test)
    const text = [
      '\uFEFF// head',
      '{',
      '  "$schema": "./agent.config.schema.json", /* a',
      '  block */ "sources": { "a": { "type": "stdin", }, },',
      '  "sinks": { "c": { "type": "console", }, }, // tail',
      '}',
      '// end',
    ].join('\r\n')
    const { config } = await load(text)
    assert.deepEqual(Object.keys(config.sources), ['a'])
  })

  it('starts relative paths at the folder of the config', async (test) => {
    const { load, folder, write } = await configFolder(test)
    await write('ca.pem', readFileSync('test/fixtures/tls/ca.pem', 'utf8'))
    const { config } = await load({
      data_dir: './data',
      sources: {
        app: {
          type: 'file',
          include: ['logs/*.log', '../x/**', '/abs/[a]//*.log'],
          exclude: ['**/*.gz', '*.tmp', './logs/no.log', '/abs/no'],
        },
      },
      sinks: {
        out: { type: 'file', path: 'out/%Y.ndjson' },
        es: { type: 'elasticsearch', nodes: ['https://127.0.0.1:1'], index: 'a', tls: { ca_file: 'ca.pem' } },
      },
    })
    const { include, exclude } = config.sources['app']!
    assert.equal(config.data_dir, join(folder, 'data'))
    assert.deepEqual(include, [join(folder, 'logs/*.log'), resolve(folder, '../x/**'), '/abs/[a]//*.log'])
    assert.deepEqual(exclude, ['**/*.gz', '*.tmp', join(folder, 'logs/no.log'), '/abs/no'])
    assert.equal(config.sinks['out']!['path'], join(folder, 'out/%Y.ndjson'))
    assert.deepEqual(config.sinks['es']!['tls'], {
      ca_file: join(folder, 'ca.pem'),
      cert_file: null,
      key_file: null,
      verify: true,
    })
  })

  it('takes every form of admin, enrich.host and buffer.fsync', async (test) => {
    const { load } = await configFolder(test)
    const settings = async (parts: Record<string, unknown>) => (await load(minimal(parts))).config
    assert.equal((await settings({ admin: false })).admin, false)
    assert.deepEqual((await settings({ admin: { token: '12345678' } })).admin, {
      listen: '127.0.0.1:9465',
      token: '12345678',
    })
    assert.deepEqual((await settings({ admin: { listen: '[::1]:0' } })).admin, { listen: '[::1]:0' })
    for (const host of [true, false, 'full', { name: 'n' }]) {
      assert.deepEqual((await settings({ enrich: { host } })).enrich.host, host)
    }
    for (const [fsync, expected] of [
      ['always', 'always'],
      ['never', 'never'],
      ['250ms', 250],
      [2000, 2000],
    ]) {
      assert.equal((await settings({ buffer: { fsync } })).buffer.fsync, expected)
    }
    const kubernetes = async (value: unknown): Promise<unknown> =>
      (await settings({ enrich: { kubernetes: value }, steps: [] })).enrich.kubernetes
    assert.equal(await kubernetes(false), false)
    assert.deepEqual(await kubernetes(true), { labels: ['app'], annotations: [], wait: 5000 })
    assert.deepEqual(await kubernetes({ labels: [], wait: '0s', service_account: '/sa' }), {
      labels: [],
      annotations: [],
      wait: 0,
      service_account: '/sa',
    })
  })

  it('throws an error with exit status 78 that shows all problems', async (test) => {
    const { write } = await configFolder(test)
    const path = await write('agent.config.json', '{"a":1}')
    await assert.rejects(loadConfig(path, {}), (error) => {
      assert.ok(error instanceof AgentError)
      assert.equal(error.exitStatus, 78)
      assert.match(error.message, /3 errors in /)
      return true
    })
  })

  it('the config that ships with the project is right', async () => {
    const { config, warnings } = await loadConfig(join(process.cwd(), 'agent.config.json'), {})
    assert.deepEqual(warnings, [])
    assert.ok(Object.keys(config.sinks).length > 0)
  })
})
