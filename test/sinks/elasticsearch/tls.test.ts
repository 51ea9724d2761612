import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { Server } from 'node:https'
import { after, test } from 'node:test'
import type { SendResult } from '../../../src/core/outcome.ts'
import { elasticsearchSink } from '../../../src/sinks/elasticsearch/definition.ts'
import { ElasticsearchSink } from '../../../src/sinks/elasticsearch/index.ts'
import { sinkContext } from '../../support/sink-context.ts'
import { batchItem, storedEvent } from '../../support/stored-event.ts'

const folder = 'test/fixtures/tls'
const pem = (name: string): Buffer => readFileSync(`${folder}/${name}.pem`)
const closers: (() => Promise<void>)[] = []
after(() => Promise.all(closers.map((close) => close())))

/** Takes one document in each request, and counts the requests that got through the handshake. */
async function tlsServer(name: 'server' | 'elsewhere', asksForClient = false) {
  const seen = { requests: 0 }
  const server: Server = createServer(
    {
      cert: pem(name),
      key: pem('server-key'),
      ...(asksForClient && { ca: pem('ca'), requestCert: true, rejectUnauthorized: true }),
    },
    (request, response) => {
      seen.requests++
      request.resume()
      request.on('end', () => response.end('{"errors":false,"items":[{"create":{"status":201}}]}'))
    },
  )
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  )
  const address = server.address()
  assert.ok(typeof address === 'object' && address)
  return { url: `https://127.0.0.1:${address.port}`, seen }
}

async function sendTo(url: string, tls: object): Promise<SendResult> {
  const config = elasticsearchSink.schema.parse({
    nodes: [url],
    index: 'i',
    tls,
    auth: { api_key: 'secret' },
  })
  const sink = new ElasticsearchSink(config, sinkContext())
  closers.push(() => sink.close())
  return sink.send(await sink.encode([batchItem(storedEvent())], ''), new AbortController().signal)
}

test('a certificate of an unknown authority is refused, and nothing is sent', async () => {
  const { url, seen } = await tlsServer('server')
  const result = await sendTo(url, {})
  assert.ok(result.kind === 'all' && result.outcome.kind === 'retry')
  assert.equal(result.code, 'tls')
  assert.equal(result.unanswered, undefined)
  assert.equal(seen.requests, 0)
})

test('with the authority in ca_file it is trusted', async () => {
  const { url } = await tlsServer('server')
  assert.equal((await sendTo(url, { ca_file: `${folder}/ca.pem` })).code, '200')
})

test('a certificate for another host is refused, and nothing is sent', async () => {
  const { url, seen } = await tlsServer('elsewhere')
  assert.equal((await sendTo(url, { ca_file: `${folder}/ca.pem` })).code, 'tls')
  assert.equal(seen.requests, 0)
})

test('without verification any certificate will do', async () => {
  const { url } = await tlsServer('elsewhere')
  assert.equal((await sendTo(url, { verify: false })).code, '200')
})

test('a client certificate is shown where the server asks for one', async () => {
  const { url } = await tlsServer('server', true)
  const own = { cert_file: `${folder}/client.pem`, key_file: `${folder}/client-key.pem` }
  assert.equal((await sendTo(url, { ca_file: `${folder}/ca.pem`, ...own })).code, '200')
  const without = await sendTo(url, { ca_file: `${folder}/ca.pem` })
  assert.ok(without.kind === 'all' && without.outcome.kind === 'retry')
})

test('a file that is missing is named when the sink is made', async () => {
  await assert.rejects(
    sendTo('https://127.0.0.1:9', { ca_file: '/nowhere.pem' }),
    /tls\.ca_file: cannot read \/nowhere\.pem \(ENOENT\)/,
  )
})
