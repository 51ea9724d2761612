import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:https'
import { connect, type Server as NetServer, type Socket } from 'node:net'
import { test, type TestContext } from 'node:test'
import type { SendResult } from '../../../src/core/outcome.ts'
import { batchItem, storedEvent } from '../../support/stored-event.ts'
import { openLoki, sendOnce } from './harness.ts'

const folder = 'test/fixtures/tls'
const pem = (name: string): Buffer => readFileSync(`${folder}/${name}.pem`)
const trusted = { ca_file: `${folder}/ca.pem` }

async function listen(t: TestContext, server: NetServer & { closeAllConnections?(): void }): Promise<number> {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  t.after(() => {
    server.closeAllConnections?.()
    server.close()
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address)
  return address.port
}

/** A Loki behind TLS that takes everything. */
async function tlsLoki(t: TestContext, name: 'server' | 'elsewhere', asksForClient = false) {
  const seen = { requests: 0 }
  const client = asksForClient ? { ca: pem('ca'), requestCert: true, rejectUnauthorized: true } : {}
  const server = createServer({ cert: pem(name), key: pem('server-key'), ...client }, (request, response) => {
    seen.requests++
    request.resume()
    request.on('end', () => response.writeHead(204).end())
  })
  server.on('tlsClientError', () => {})
  return { url: `https://127.0.0.1:${await listen(t, server)}`, seen }
}

async function send(t: TestContext, config: object): Promise<SendResult> {
  const { sink } = openLoki(config)
  t.after(() => sink.close())
  return sendOnce(sink, [batchItem(storedEvent())])
}

test('a certificate of an unknown authority is refused, and nothing is sent', async (t) => {
  const { url, seen } = await tlsLoki(t, 'server')
  const result = await send(t, { url })
  assert.deepEqual([result.code, result.kind === 'all' && result.outcome.kind], ['tls', 'retry'])
  assert.equal(seen.requests, 0)
})

test('with the authority in ca_file it is trusted', async (t) => {
  const { url } = await tlsLoki(t, 'server')
  assert.equal((await send(t, { url, tls: trusted })).code, '204')
})

test('a certificate for another host is refused', async (t) => {
  const { url, seen } = await tlsLoki(t, 'elsewhere')
  assert.equal((await send(t, { url, tls: trusted })).code, 'tls')
  assert.equal(seen.requests, 0)
})

test('verify: false takes any', async (t) => {
  const { url } = await tlsLoki(t, 'elsewhere')
  assert.equal((await send(t, { url, tls: { verify: false } })).code, '204')
})

test('TLS goes through a proxy as a tunnel, and is verified against the server', async (t) => {
  const { url } = await tlsLoki(t, 'server')
  const seen: string[] = []
  const proxy = createHttpServer()
  proxy.on('connect', (request, client: Socket) => {
    seen.push(request.url ?? '')
    const [host, port] = (request.url ?? '').split(':')
    const upstream = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      client.pipe(upstream).pipe(client)
    })
    upstream.on('error', () => client.destroy())
    client.on('error', () => upstream.destroy())
    t.after(() => {
      client.destroy()
      upstream.destroy()
    })
  })
  const proxyUrl = `http://127.0.0.1:${await listen(t, proxy)}`
  assert.equal((await send(t, { url, proxy: proxyUrl, tls: trusted })).code, '204')
  assert.deepEqual(seen, [new URL(url).host])
  assert.equal((await send(t, { url, proxy: proxyUrl })).code, 'tls')
})

test('an answer that never ends is given up at the bound', async (t) => {
  const server = createHttpServer((request, response) => {
    request.resume()
    response.writeHead(400, { 'content-type': 'text/plain' })
    const block = 'entry with timestamp '.repeat(50_000)
    const write = (): void => {
      while (!response.destroyed && response.write(block));
    }
    response.on('drain', write)
    write()
  })
  const result = await send(t, { url: `http://127.0.0.1:${await listen(t, server)}` })
  assert.equal(result.kind, 'split')
})
