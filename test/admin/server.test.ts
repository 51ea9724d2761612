import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { afterEach, describe, test } from 'node:test'
import { startAdmin } from '../../src/admin/server.ts'
import type { Admin, AdminOptions } from '../../src/admin/server.ts'
import { AgentError } from '../../src/core/errors.ts'
import { silentLog } from '../../src/core/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { Troubles } from '../../src/telemetry/troubles.ts'
import { FakeAgentView } from '../support/fake-agent-view.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { get, openSocket, rawRequest, readToEnd } from '../support/raw-http.ts'

let open: Admin | undefined

async function start(
  options: Partial<AdminOptions> = {},
): Promise<{ url: string; view: FakeAgentView; admin: Admin }> {
  const view = new FakeAgentView()
  const metrics = createMetrics()
  metrics.observe(view)
  open = await startAdmin({
    listen: '127.0.0.1:0',
    token: undefined,
    view,
    metrics,
    clock: new FakeClock(),
    redact: (text) => text,
    log: silentLog,
    hostName: 'web-1',
    troubles: new Troubles(new FakeClock()),
    openTap: () => 'no taps here',
    readLetters: () => Promise.resolve({}),
    ...options,
  })
  return { url: open.url, view, admin: open }
}

afterEach(async () => {
  await open?.close()
  open = undefined
})

describe('the admin server', () => {
  test('answers every path of the contract', async () => {
    const { url } = await start()
    for (const [path, type] of [
      ['/', 'text/html; charset=utf-8'],
      ['/health', 'application/json'],
      ['/health/live', 'application/json'],
      ['/health/ready', 'application/json'],
      ['/metrics', 'text/plain; version=0.0.4; charset=utf-8'],
      ['/status', 'application/json'],
      ['/status?pretty=1', 'application/json'],
    ] as const) {
      const { status, headers } = await get(url, path)
      assert.deepEqual([status, headers['content-type']], [200, type], path)
    }
  })

  test('answers 503 on /health when unhealthy, and 200 when only degraded', async () => {
    const { url, view } = await start()
    view.bufferStats.bytes = view.bufferStats.maxBytes
    const degraded = await get(url, '/health')
    assert.deepEqual([degraded.status, JSON.parse(degraded.body).status], [200, 'degraded'])
    view.dataDirWritable = false
    const unhealthy = await get(url, '/health')
    assert.deepEqual([unhealthy.status, JSON.parse(unhealthy.body).status], [503, 'unhealthy'])
  })

  test('is live but not ready before sources are open', async () => {
    const { url, view } = await start()
    view.isReady = false
    assert.equal((await get(url, '/health/live')).status, 200)
    assert.equal((await get(url, '/health/ready')).status, 503)
  })

  test('answers HEAD with the headers of GET and no body', async () => {
    const { url } = await start()
    const { status, headers, body } = await get(url, '/health/live', {}, 'HEAD')
    assert.deepEqual([status, body], [200, ''])
    assert.equal(headers['content-length'], '18')
  })

  test('only reads: every other method is refused with what to do', async () => {
    const { url } = await start()
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE']) {
      const { status, headers, body } = await get(url, '/status', {}, method)
      assert.deepEqual([status, headers['allow']], [405, 'GET, HEAD'], method)
      assert.deepEqual(JSON.parse(body), { error: 'this server only reads: use GET or HEAD' })
    }
  })

  test('refuses a Host header of somebody else, and none at all', async () => {
    const { url } = await start()
    const refused = await get(url, '/status', { host: 'evil.example' })
    assert.equal(refused.status, 421)
    assert.match(JSON.parse(refused.body).error, /Host header/)
    assert.equal((await rawRequest(url, 'GET /status HTTP/1.0\r\n\r\n')).status, 421)
    assert.equal((await get(url, '/status', { host: 'web-1:80' })).status, 200)
  })

  test('serves nothing under other paths, however they are spelt', async () => {
    const { url } = await start()
    for (const path of [
      '/x',
      '/status/',
      '//status',
      '/constructor',
      '/__proto__',
      '/../etc/passwd',
      '/%2e%2e/',
      '*',
    ]) {
      const { status, body } = await get(url, path)
      assert.ok(status === 404 || status === 400, `${path}: ${status}`)
      if (status === 404) assert.match(JSON.parse(body).error, /there are \/ \/health/)
    }
    assert.equal((await get(url, 'http://evil.example/status')).status, 404)
  })

  test('turns a body away without reading it', async () => {
    const { url } = await start()
    assert.equal((await get(url, '/status', { 'content-length': '1000000000' })).status, 413)
    assert.equal((await get(url, '/status', { 'transfer-encoding': 'chunked' })).status, 413)
  })

  test('turns headers over the limit away', async () => {
    const { url } = await start()
    assert.equal((await get(url, '/status', { 'x-long': 'x'.repeat(20_000) })).status, 431)
  })

  test('answers rubbish with 400', async () => {
    const { url } = await start()
    assert.equal((await rawRequest(url, '\x16\x03\x01\x02\x00 rubbish\r\n\r\n')).status, 400)
  })

  test('sends the headers that keep browsers out of mischief', async () => {
    const { url } = await start()
    const { headers } = await get(url, '/status')
    assert.equal(headers['x-content-type-options'], 'nosniff')
    assert.equal(headers['cache-control'], 'no-store')
    assert.match(headers['content-security-policy']!, /default-src 'none'/)
    assert.equal(headers['access-control-allow-origin'], undefined)
  })

  test('shows paths to this host, and not to those who come through a proxy', async () => {
    const { url } = await start()
    assert.match((await get(url, '/status')).body, /\/var\/log\/app/)
    const forwarded = { 'x-forwarded-for': '203.0.113.9' }
    for (const path of ['/status', '/page-state', '/health', '/metrics']) {
      assert.doesNotMatch((await get(url, path, forwarded)).body, /\/var\/log\/app/, path)
    }
    assert.match((await get(url, '/status', forwarded)).body, /"files_hidden":1/)
  })

  test('the token opens paths, a wrong one is refused, and a reload changes it', async () => {
    const { url, admin } = await start({ token: 'first-token' })
    const proxied = (token: string): Record<string, string> => ({
      'x-forwarded-for': '203.0.113.9',
      authorization: `Bearer ${token}`,
    })
    assert.match((await get(url, '/status', proxied('first-token'))).body, /\/var\/log\/app/)
    const denied = await get(url, '/status', proxied('other'))
    assert.deepEqual([denied.status, denied.headers['www-authenticate']], [401, 'Bearer'])
    admin.setToken('second-token')
    assert.equal((await get(url, '/status', proxied('first-token'))).status, 401)
    assert.equal((await get(url, '/status', proxied('second-token'))).status, 200)
  })

  test('no secret is in any answer', async () => {
    const { url, view } = await start({ redact: (text) => text.replaceAll('hunter2', '[redacted]') })
    Object.assign(view.sinkList[0]!, { failingSinceMs: -120_000, lastError: 'http://u:hunter2@es refused' })
    view.fileList[0]!.path = '/var/log/hunter2.log'
    for (const path of ['/page-state', '/health', '/metrics', '/status']) {
      const { body } = await get(url, path)
      assert.doesNotMatch(body, /hunter2/, path)
    }
  })

  test('answers OpenMetrics to those who ask for it', async () => {
    const { url } = await start()
    const { headers, body } = await get(url, '/metrics', {
      accept: 'application/openmetrics-text; version=1.0.0',
    })
    assert.equal(headers['content-type'], 'application/openmetrics-text; version=1.0.0; charset=utf-8')
    assert.match(body, /# EOF\n$/)
  })

  test('a bug of ours is a 500 that goes into the log, and the server lives on', async () => {
    const errors: object[] = []
    const log = { ...silentLog, error: (fields: object) => void errors.push(fields) }
    const { url, view } = await start({ log })
    view.files = () => {
      throw new Error('oops')
    }
    const { status, body } = await get(url, '/status')
    assert.equal(status, 500)
    assert.doesNotMatch(body, /oops/)
    assert.equal(errors.length, 1)
    assert.equal((await get(url, '/health/live')).status, 200)
  })
})

describe('slow clients', () => {
  test('one that never sends its headers, or trickles them, is let go', async () => {
    const { url } = await start({ limits: { headersMs: 100 } })
    const silent = openSocket(url)
    const trickling = openSocket(url)
    trickling.write('GET /status HTTP/1.1\r\nhost: 127')
    const drip = setInterval(() => trickling.write('x'), 20)
    const [silence, answer] = await Promise.all([readToEnd(silent), readToEnd(trickling)])
    clearInterval(drip)
    assert.doesNotMatch(silence, /200 OK/)
    assert.match(answer, /^HTTP\/1\.1 408 /)
  })

  test('one that keeps its connection open without a word is let go', async () => {
    const { url } = await start({ limits: { idleMs: 100 } })
    const socket = openSocket(url)
    socket.write('GET /health/live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n')
    assert.match(await readToEnd(socket), /200 OK/)
  })

  test('connections are bounded', async () => {
    const { url } = await start({ limits: { connections: 2 } })
    const held = [openSocket(url), openSocket(url)]
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    assert.equal(await readToEnd(openSocket(url)), '')
    for (const socket of held) socket.destroy()
  })

  test('a stop does not wait for them', async () => {
    const { url, admin } = await start()
    const socket = openSocket(url)
    socket.write('GET /')
    await new Promise((resolve) => socket.once('connect', resolve))
    const ended = readToEnd(socket)
    await admin.close()
    await ended
  })
})

describe('opening the admin port', () => {
  test('a port in use is an error with the port and the key', async () => {
    const other = createServer()
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    assert.ok(address !== null && typeof address !== 'string')
    const clock = new FakeClock()
    await assert.rejects(start({ listen: `127.0.0.1:${address.port}`, clock }), (error: unknown) => {
      assert.ok(error instanceof AgentError)
      assert.equal(error.code, 'admin_port_in_use')
      assert.equal(error.exitStatus, 1)
      assert.match(error.message, new RegExp(`port ${address.port} .*admin\\.listen`))
      return true
    })
    assert.equal(clock.pendingTimers, 0)
    other.close()
  })

  test('an address that is not ours, or none, is an error that says so', async () => {
    await assert.rejects(start({ listen: '203.0.113.1:0' }), { code: 'admin_listen_failed' })
    await assert.rejects(start({ listen: 'nonsense' }), { code: 'admin_listen_failed' })
  })
})
