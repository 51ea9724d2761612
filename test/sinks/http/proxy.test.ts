import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, test, type TestContext } from 'node:test'
import { startFakeElasticsearch } from '../../support/fake-elasticsearch.ts'
import { FakeLoki } from '../../support/fake-loki.ts'
import { FakeProxy } from '../../support/fake-proxy.ts'
import { networkSinks, sendOne } from '../../support/network-sinks.ts'
import { pem, pemPath, startTlsServer } from '../../support/tls-server.ts'

const tls = { ca_file: pemPath('ca') }
const password = 'pässwörd:with@all/of%it'
const credentials = `me:${encodeURIComponent(password)}`

async function proxyFor(t: TestContext, isTls = false): Promise<FakeProxy> {
  const proxy = new FakeProxy(isTls ? { cert: pem('server'), key: pem('server-key') } : undefined)
  await proxy.listen()
  t.after(() => proxy.close())
  return proxy
}

async function plainServer(t: TestContext, name: string): Promise<string> {
  if (name === 'loki') {
    const fake = new FakeLoki()
    t.after(() => fake.stop())
    return fake.start()
  }
  const fake = await startFakeElasticsearch()
  t.after(() => fake.close())
  return fake.url
}

for (const [name, open] of Object.entries(networkSinks)) {
  describe(`${name} by a proxy`, () => {
    const sending = async (t: TestContext, url: string, settings: object) => {
      const sink = open(url, settings)
      t.after(() => sink.close())
      return { sink, sent: await sendOne(sink) }
    }

    test('https is tunnelled, and the server gets its own credentials, not those of the proxy', async (t) => {
      const proxy = await proxyFor(t)
      proxy.authorization = `Basic ${Buffer.from(`me:${password}`).toString('base64')}`
      const server = await startTlsServer('server')
      t.after(() => server.close())
      const auth = { username: 'u', password: 'p' }
      const settings = { tls, auth, proxy: proxy.url(credentials) }
      const { sent } = await sending(t, `https://127.0.0.1:${server.port}`, settings)
      assert.match(sent.code, /^20[04]$/)
      assert.deepEqual(proxy.asked, [`CONNECT 127.0.0.1:${server.port}`])
      assert.deepEqual(server.seen.authorizations, [`Basic ${Buffer.from('u:p').toString('base64')}`])
    })

    test('http is passed on as a whole URL, as most proxies tunnel to TLS ports only', async (t) => {
      const proxy = await proxyFor(t)
      const url = await plainServer(t, name)
      const { sent } = await sending(t, url, { proxy: proxy.url() })
      assert.match(sent.code, /^20[04]$/)
      assert.equal(proxy.asked.length, 1)
      assert.match(proxy.asked[0]!, new RegExp(`^POST ${url}/(_bulk\\?|loki/api/v1/push$)`))
    })

    test('a proxy behind TLS is verified with the same authorities', async (t) => {
      const proxy = await proxyFor(t, true)
      const server = await startTlsServer('server')
      t.after(() => server.close())
      const url = `https://127.0.0.1:${server.port}`
      assert.match((await sending(t, url, { tls, proxy: proxy.url() })).sent.code, /^20[04]$/)
      const { sent } = await sending(t, url, { proxy: proxy.url() })
      assert.match(sent.text, /authority that is not trusted/)
      assert.equal(server.seen.requests, 1)
    })

    test('missing and wrong credentials are said to be the proxy’s, without a word of them', async (t) => {
      const proxy = await proxyFor(t)
      proxy.authorization = 'Basic other'
      const url = 'https://127.0.0.1:9'
      const { sent, sink } = await sending(t, url, { tls, proxy: proxy.url(credentials) })
      assert.equal(sent.code, 'proxy')
      assert.match(sent.text, /^proxy: 127\.0\.0\.1:\d+ answers 407 for .*write them into the URL of "proxy"/)
      assert.doesNotMatch(sent.text, /me:|ssw|cGFz|bWU6/)
      assert.ok(sent.result.kind === 'all' && sent.result.unanswered === undefined)
      await assert.rejects(sink.probe(AbortSignal.timeout(10_000)), /proxy: .* answers 407/)
    })

    test('the same for http', async (t) => {
      const proxy = await proxyFor(t)
      proxy.authorization = 'Basic other'
      const url = await plainServer(t, name)
      const { sent, sink } = await sending(t, url, { proxy: proxy.url(credentials) })
      assert.equal(sent.code, 'proxy')
      assert.match(sent.text, /^proxy: .* answers 407 for .*write them into the URL of "proxy"/)
      await assert.rejects(sink.probe(AbortSignal.timeout(10_000)), /proxy: .* answers 407/)
    })

    test('what else it answers is told with its meaning', async (t) => {
      const proxy = await proxyFor(t)
      for (const [status, meaning] of [
        [403, /does not let requests through/],
        [502, /cannot reach the server/],
        [405, /check the URL of "proxy"/],
      ] as const) {
        proxy.refuses = status
        const { sent } = await sending(t, 'https://127.0.0.1:9', { proxy: proxy.url() })
        assert.equal(sent.code, 'proxy')
        assert.match(sent.text, meaning)
      }
    })

    test('one that is down is told from a server that is down', async (t) => {
      const holder = createServer()
      await new Promise<void>((resolve) => holder.listen(0, '127.0.0.1', resolve))
      const address = holder.address()
      assert.ok(typeof address === 'object' && address)
      await new Promise((resolve) => holder.close(resolve))
      const down = `http://127.0.0.1:${address.port}`
      const { sent } = await sending(t, 'https://127.0.0.1:9', { proxy: down })
      assert.equal(sent.code, 'proxy')
      assert.match(sent.text, new RegExp(`cannot reach 127.0.0.1:${address.port}: .*ECONNREFUSED`))
    })
  })
}
