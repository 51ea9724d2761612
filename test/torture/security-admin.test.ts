import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { AgentRig } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { get, openSocket, rawRequest, readToEnd } from '../support/raw-http.ts'
import type { SpawnedAgent } from '../support/spawn-agent.ts'

interface AdminRig {
  readonly rig: AgentRig
  readonly agent: SpawnedAgent
  readonly url: string
  /** Ends with the test. */
  readonly open: () => Socket
}

async function adminRig(context: TestContext): Promise<AdminRig> {
  const rig = await AgentRig.open(context)
  rig.write(10)
  const agent = await rig.start()
  await rig.arrived(10)
  const url = /"admin":"([^"]+)"/.exec(agent.stderr)![1]!
  const open = (): Socket => {
    const socket = openSocket(url)
    socket.on('error', () => {})
    context.after(() => socket.destroy())
    return socket
  }
  return { rig, agent, url, open }
}

const isLive = async (url: string): Promise<boolean> => (await get(url, '/health/live')).status === 200

describe('slow requests', () => {
  it('SEC-ADMIN: one that dribbles its headers, one that stays silent and one that ends in half are closed within 10 s, and others are answered meanwhile', async (context) => {
    const { url, open } = await adminRig(context)
    const started = performance.now()
    const dribbling = open()
    dribbling.write('GET /status HTTP/1.1\r\nhost: 127.0.0.1\r\n')
    const drip = setInterval(() => dribbling.write(`x-${performance.now()}: y\r\n`), 100)
    context.after(() => clearInterval(drip))
    const half = open()
    half.write('GET /sta')
    const ended = Promise.all([dribbling, half, open()].map(readToEnd))
    assert.ok(await isLive(url))
    const answers = await ended
    // Node looks once a second, and the machine may be busy: what counts is that it ends by that rule and no other.
    assert.ok(performance.now() - started < 20_000)
    for (const answer of answers) assert.doesNotMatch(answer, / 200 /)
    assert.match(answers[0]!, /^HTTP\/1\.1 408 /)
    assert.ok(await isLive(url))
  })

  it('SEC-ADMIN: 64 held connections cost the 65th its answer and nobody else anything: once they are let go it is answered', async (context) => {
    const { rig, agent, url, open } = await adminRig(context)
    const held = Array.from({ length: 64 }, open)
    await Promise.all(held.map((socket) => new Promise((resolve) => socket.once('connect', resolve))))
    await until(async () => (await readToEnd(open())) === '', 'a further one is closed at once')
    rig.write(10)
    await rig.arrived(20)
    for (const socket of held) socket.destroy()
    await until(async () => (await get(url, '/health/live')).status === 200, 'it answers again')
    assert.equal(agent.child.exitCode, null)
  })
})

describe('large requests', () => {
  it('SEC-ADMIN: 1 MB of headers, of a query, of a path and a body are turned away unread', async (context) => {
    const { url } = await adminRig(context)
    const long = 'x'.repeat(1024 ** 2)
    assert.equal((await get(url, '/status', { 'x-long': long })).status, 431)
    assert.equal((await get(url, `/status?${long}`)).status, 431)
    assert.equal((await get(url, `/${long}`)).status, 431)
    const many = Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`x-${index}`, '1']))
    assert.equal((await get(url, '/status', many)).status, 431)
    const bodies = [
      { 'content-length': '1000000000' },
      { 'content-length': '5' },
      { 'transfer-encoding': 'chunked' },
    ]
    for (const headers of bodies) assert.equal((await get(url, '/status', headers)).status, 413)
    assert.ok(await isLive(url))
  })

  it('SEC-ADMIN: thousands of pipelined requests get one answer, and no memory for the rest', async (context) => {
    const { agent, url, open } = await adminRig(context)
    const eager = open()
    eager.pause()
    const pipelined = 'GET /metrics HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n'.repeat(3000)
    eager.write(pipelined)
    const answer = await readToEnd(eager.resume())
    assert.equal(answer.match(/HTTP\/1\.1 200 /g)?.length, 1)
    assert.match(answer, /HTTP\/1\.1 429 Too Many Requests\r\nconnection: close/i)
    assert.ok(answer.match(/HTTP\/1\.1 /g)!.length < 10)
    // Nobody reads these, so that all of their answers would have to be kept.
    for (let index = 0; index < 20; index += 1) open().pause().write(pipelined)
    assert.ok(await isLive(url))
    const highestKiB = Number(
      /^VmHWM:\s+(\d+)/m.exec(readFileSync(`/proc/${agent.child.pid}/status`, 'utf8'))?.[1],
    )
    assert.ok(highestKiB < 300 * 1024, `${highestKiB} KiB`)
  })
})

describe('requests that browsers are tricked into', () => {
  it('SEC-ADMIN: a name that was rebound to this address is refused on every path, whatever it looks like', async (context) => {
    const { rig, url } = await adminRig(context)
    const hosts = [
      'evil.example',
      'localhost.evil.example',
      '127.0.0.1.nip.io',
      '0x7f000001',
      '127.1',
      'localhost.',
    ]
    const ofPage = ['/', '/page-state', '/page-assets/page/browser/app.js', '/tap', '/dead-letters']
    const others = ['/health', '/health/live', '/health/ready', '/metrics', '/status', '/nowhere']
    for (const path of [...ofPage, ...others])
      for (const host of hosts) {
        const { status, body } = await get(url, path, { host })
        assert.equal(status, 421, `${host}${path}`)
        assert.ok(!body.includes(rig.folder))
      }
    const twice = 'GET /status HTTP/1.1\r\nhost: evil.example\r\nhost: 127.0.0.1\r\n\r\n'
    assert.ok([400, 421].includes((await rawRequest(url, twice)).status))
    assert.equal(
      (await rawRequest(url, 'GET http://127.0.0.1/status HTTP/1.1\r\nhost: evil.example\r\n\r\n')).status,
      421,
    )
  })

  it('SEC-ADMIN: another site gets no leave to read, by no origin and no preflight, and can change nothing', async (context) => {
    const { rig, agent, url } = await adminRig(context)
    for (const origin of ['https://evil.example', 'null', 'http://127.0.0.1:1', url]) {
      const site = { origin, 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' }
      const { headers } = await get(url, '/status', site)
      assert.equal(headers['access-control-allow-origin'], undefined, origin)
      assert.equal(headers['cross-origin-resource-policy'], 'same-origin')
      const asked = {
        ...site,
        'access-control-request-method': 'GET',
        'access-control-request-private-network': 'true',
      }
      const preflight = await get(url, '/status', asked, 'OPTIONS')
      assert.equal(preflight.status, 405)
      assert.deepEqual(
        Object.keys(preflight.headers).filter((name) => name.startsWith('access-control')),
        [],
      )
    }
    const before = await rig.status(agent)
    for (const method of ['POST', 'PUT', 'DELETE', 'PATCH', 'CONNECT', 'TRACE', 'PROPFIND'])
      for (const path of ['/status', '/', '/page-state', '/dead-letters', '/reload', '/-/quit'])
        assert.ok((await get(url, path, {}, method)).status !== 200, `${method} ${path}`)
    assert.deepEqual((await rig.status(agent)).ledger, before.ledger)
    assert.equal(agent.child.exitCode, null)
  })
})

describe('rubbish', () => {
  it('SEC-ADMIN: no bytes end the agent or get more than an error: TLS, HTTP/2, NUL, smuggled lengths, escapes', async (context) => {
    const { agent, url } = await adminRig(context)
    const host = 'host: 127.0.0.1\r\n'
    const rubbish = [
      '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
      'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
      '\0\0\0\0\r\n\r\n',
      `GET /status\0 HTTP/1.1\r\n${host}\r\n`,
      `GET /status HTTP/1.1\r\n${host}content-length: -1\r\n\r\n`,
      `GET /status HTTP/1.1\r\n${host}content-length: 1\r\ncontent-length: 2\r\n\r\n`,
      `GET /status HTTP/1.1\r\n${host}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`,
      `GET /status HTTP/1.1\r\n${host}transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n`,
      `GET /status HTTP/1.1\n${host}\n`,
      `GET /status HTTP/9.9\r\n${host}\r\n`,
      `GET /status HTTP/1.1\r\n${host}x: a\r\n\tb\r\n : c\r\n\r\n`,
      `GET /%00%0d%0aset-cookie:x=1 HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
      `GET /..%2f..%2fetc/passwd HTTP/1.1\r\n${host}connection: close\r\n\r\n`,
      `GET /status HTTP/1.1\r\n${host}upgrade: websocket\r\nconnection: upgrade, close\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\nabc`,
    ]
    for (const bytes of rubbish) {
      const { status, headers } = await rawRequest(url, bytes)
      assert.ok(status === 0 || Number.isNaN(status) || status >= 400, `${JSON.stringify(bytes)}: ${status}`)
      assert.equal(headers['set-cookie'], undefined)
    }
    assert.ok(await isLive(url))
    assert.equal(agent.child.exitCode, null)
  })

  it('SEC-ADMIN: by default only loopback is bound', async (context) => {
    const { url } = await adminRig(context)
    const port = Number(new URL(url).port).toString(16).toUpperCase().padStart(4, '0')
    const bound = readFileSync('/proc/net/tcp', 'utf8') + readFileSync('/proc/net/tcp6', 'utf8')
    const listening = [...bound.matchAll(/^ *\d+: ([0-9A-F]+):([0-9A-F]{4}) [0-9A-F:]+ 0A /gm)]
      .filter((match) => match[2] === port)
      .map((match) => match[1])
    assert.deepEqual(listening, ['0100007F'])
    const schema: unknown = JSON.parse(readFileSync('agent.config.schema.json', 'utf8'))
    assert.match(JSON.stringify(schema), /"listen":\{[^}]*"default":"127\.0\.0\.1:9465"/)
  })
})
