import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { test, type TestContext } from 'node:test'
import { limits } from '../../../src/core/limits.ts'
import { HttpDispatcher } from '../../../src/sinks/http/dispatcher.ts'
import type { Exchanged } from '../../../src/sinks/http/exchange.ts'

const never = new AbortController().signal

async function serve(t: TestContext, answer: RequestListener) {
  const server = createServer(answer)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  assert.ok(typeof address === 'object' && address)
  const dispatcher = new HttpDispatcher({
    origin: `http://127.0.0.1:${address.port}`,
    addressKey: 'url',
    proxy: null,
    tls: { verify: true, ca_file: null, cert_file: null, key_file: null },
    tlsOptions: { rejectUnauthorized: true, minVersion: 'TLSv1.2' },
    connections: 1,
    timeoutMs: 5_000,
  })
  t.after(async () => {
    await dispatcher.close()
    server.closeAllConnections()
    server.close()
  })
  const push = (body: string, signal = never): Promise<Exchanged> =>
    dispatcher.exchange({ method: 'POST', path: '/push', headers: { 'x-of': 'us' }, body }, signal)
  return { push }
}

test('an answer comes whole, with its status and headers, whatever pieces it was sent in', async (t) => {
  const { push } = await serve(t, (request, response) => {
    request.resume()
    request.on('end', () => {
      response.writeEarlyHints({ link: '</a>; rel=preload' })
      response.writeHead(429, { 'retry-after': '7' })
      response.write('too ')
      setImmediate(() => response.end(`much of ${String(request.headers['x-of'])}`))
    })
  })
  const { status, headers, body } = await push('lines')
  assert.deepEqual([status, headers['retry-after'], String(body)], [429, '7', 'too much of us'])
})

test('a connection is used again, and an answer without a body is empty', async (t) => {
  const sockets = new Set<unknown>()
  const { push } = await serve(t, (request, response) => {
    sockets.add(request.socket)
    request.resume()
    request.on('end', () => response.writeHead(204).end())
  })
  for (let round = 0; round < 3; round++) {
    const { status, body } = await push(`round ${round}`)
    assert.deepEqual([status, body.length], [204, 0])
  }
  assert.equal(sockets.size, 1)
})

test('an answer beyond the bound is too large, and its connection is given up', async (t) => {
  let isClosed: () => void = () => {}
  const closed = new Promise<void>((resolve) => (isClosed = resolve))
  const { push } = await serve(t, (request, response) => {
    request.resume()
    response.on('close', isClosed)
    const block = Buffer.alloc(limits.answerBytes / 4)
    const write = (): void => {
      while (!response.destroyed && response.write(block));
    }
    response.on('drain', write)
    write()
  })
  assert.equal((await push('lines')).body, 'too_large')
  await closed
})

test('what is aborted rejects at once, also while it waits for a connection or the rest of the answer', async (t) => {
  let begun: () => void = () => {}
  const hasBegun = new Promise<void>((resolve) => (begun = resolve))
  const { push } = await serve(t, (request, response) => {
    request.resume()
    response.write('the beginning')
    begun()
  })
  const [first, second] = [new AbortController(), new AbortController()]
  const answered = assert.rejects(push('first', first.signal), /no time left/)
  await hasBegun
  const waiting = assert.rejects(push('second', second.signal), /nor for this/)
  second.abort(new Error('nor for this'))
  await waiting
  first.abort(new Error('no time left'))
  await answered
  await assert.rejects(push('third', AbortSignal.abort(new Error('before it began'))), /before it began/)
})

test('an answer that breaks off is an error, not a short answer', async (t) => {
  const { push } = await serve(t, (request, response) => {
    request.resume()
    response.writeHead(200, { 'content-length': '100' })
    response.write('half', () => request.socket.destroy())
  })
  await assert.rejects(push('lines'), /closed|terminated|aborted/i)
})

test('a failure before any answer is explained', async (t) => {
  const { push } = await serve(t, (request) => request.socket.destroy())
  await assert.rejects(push('lines'), /closed the connection before any answer/)
})
