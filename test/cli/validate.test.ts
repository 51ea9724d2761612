import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { resolve as absolute } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { configFolder, minimal } from '../config/config-file.ts'
import { pemPath, startTlsServer } from '../support/tls-server.ts'
import { say } from './fake-io.ts'

async function validate(test: TestContext, config: object, words: readonly string[] = []) {
  const { folder, write } = await configFolder(test)
  const path = await write('agent.config.json', JSON.stringify(config, null, 2))
  const said = await say(['validate', '-c', path, ...words])
  const clean = (text: string): string => text.replaceAll(`${folder}/`, '')
  return { ...said, stdout: clean(said.stdout), stderr: clean(said.stderr) }
}

describe('logferry validate', () => {
  it('sums up a good config without its secrets', async (test) => {
    const config = minimal({
      sinks: {
        es: {
          type: 'elasticsearch',
          nodes: ['https://me:hunter2@es.example:9200'],
          index: 'app-%Y',
          auth: { api_key: 'hunter3-key' },
        },
        loki: { type: 'loki', url: 'http://127.0.0.1:3100', labels: { job: 'app' } },
        out: { type: 'file', path: 'out/%Y.ndjson' },
      },
    })
    assert.deepEqual(await validate(test, config), {
      status: 0,
      stderr: '',
      stdout: `agent.config.json is valid
  source app: file /var/log/app/*.log; parse auto; fast lane; to es, loki, out
  sink es: elasticsearch https://[redacted]@es.example:9200; index app-%Y
  sink loki: loki http://127.0.0.1:3100; labels {"job":"app"}
  sink out: file out/%Y.ndjson
`,
    })
  })

  it('says warnings on stderr and is still content', async (test) => {
    const config = minimal({
      sinks: { es: { type: 'elasticsearch', nodes: ['https://h:1'], index: 'a', tls: { verify: false } } },
    })
    const { status, stderr } = await validate(test, config)
    assert.equal(status, 0)
    assert.match(stderr, /^agent\.config\.json:18:19: warning: sinks\.es\.tls\.verify: /)
  })

  it('shows all errors at once with status 78', async (test) => {
    const { status, stdout, stderr } = await validate(test, { a: 1, b: 2 })
    assert.deepEqual([status, stdout], [78, ''])
    assert.match(stderr, /4 errors in agent\.config\.json\n`docs\/config\.md` lists every key\.\n$/)
  })
})

describe('logferry validate --probe', () => {
  it('contacts each sink, a line each, and fails if one does', async (test) => {
    // Nothing listens on port 1.
    const { status, stdout, stderr } = await validate(
      test,
      minimal({
        sinks: {
          screen: { type: 'console' },
          es: { type: 'elasticsearch', nodes: ['http://127.0.0.1:1'], index: 'a' },
          loki: { type: 'loki', url: 'http://127.0.0.1:1', labels: { job: 'a' } },
        },
      }),
      ['--probe'],
    )
    assert.equal(status, 1)
    assert.match(stdout, /^ {2}probe screen: ok: .+$/m)
    assert.match(stdout, /^ {2}probe es: FAILED: .*ECONNREFUSED.*$/m)
    assert.match(stdout, /^ {2}probe loki: FAILED: .*ECONNREFUSED.*$/m)
    assert.match(stderr, /^logferry: 2 of 3 sinks cannot be reached\n/)
  })

  it('gives up on a server that never answers, and never shows its credentials', async (test) => {
    const server = createServer(() => {})
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    test.after(() => {
      server.closeAllConnections()
      server.close()
    })
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const { status, stdout } = await validate(
      test,
      minimal({
        sinks: {
          loki: {
            type: 'loki',
            url: `http://127.0.0.1:${port}`,
            labels: { job: 'a' },
            timeout: '100ms',
            auth: { username: 'somebody', password: 'hunter2-password' },
          },
        },
      }),
      ['--probe'],
    )
    assert.equal(status, 1)
    assert.match(stdout, /probe loki: FAILED: /)
    assert.ok(!stdout.includes('hunter2'))
  })
})

describe('logferry validate --probe over TLS', () => {
  const tls = { ca_file: pemPath('ca') }
  const sinksAt = (port: number): object => ({
    es: {
      type: 'elasticsearch',
      nodes: [`https://me:hunter2@127.0.0.1:${port}`],
      index: 'a',
      tls: { ca_file: absolute(tls.ca_file) },
    },
    loki: {
      type: 'loki',
      url: `https://127.0.0.1:${port}`,
      labels: { job: 'a' },
      auth: { bearer_token: 'hunter3-token' },
      tls: { ca_file: absolute(tls.ca_file) },
    },
  })

  it('says what is wrong with a certificate and where to change it, and nothing that is secret', async (test) => {
    const server = await startTlsServer('expired')
    test.after(() => server.close())
    const { status, stdout, stderr } = await validate(test, minimal({ sinks: sinksAt(server.port) }), [
      '--probe',
    ])
    assert.equal(status, 1)
    assert.match(stdout, /probe es: FAILED: tls: the certificate of 127\.0\.0\.1:\d+, .*has expired/)
    assert.match(stdout, /probe loki: FAILED: .*has expired/)
    assert.doesNotMatch(stdout + stderr, /hunter/)
  })

  it('is content with a good one', async (test) => {
    const server = await startTlsServer('server')
    test.after(() => server.close())
    const { status, stdout } = await validate(test, minimal({ sinks: sinksAt(server.port) }), ['--probe'])
    assert.equal(status, 0, stdout)
    assert.match(stdout, /probe es: ok: Elasticsearch 9\.5\.3/)
  })
})
