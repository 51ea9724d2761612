import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { limits } from '../../../src/core/limits.ts'
import { authorization, splitUserInfo } from '../../../src/sinks/http/auth.ts'
import { readAnswer, serverText } from '../../../src/sinks/http/body.ts'
import { networkFailure } from '../../../src/sinks/http/network-error.ts'
import { retryAfterMs } from '../../../src/sinks/http/retry-after.ts'
import { readTlsOptions } from '../../../src/sinks/http/tls.ts'

const never = new AbortController().signal
const nowMs = Date.UTC(2026, 10, 20, 12, 0, 0)

test('Retry-After counts as seconds or as a date, capped, and nonsense is ignored', () => {
  assert.equal(retryAfterMs('2', nowMs), 2000)
  assert.equal(retryAfterMs('1.5', nowMs), 1500)
  assert.equal(retryAfterMs(['3', '4'], nowMs), 3000)
  assert.equal(retryAfterMs('3600000', nowMs), limits.retryAfterMs)
  assert.equal(retryAfterMs('Fri, 20 Nov 2026 12:00:07 GMT', nowMs), 7000)
  for (const nonsense of [undefined, '', '-1', 'soon', '0', 'Fri, 20 Nov 2026 11:00:00 GMT', '1e3', 'Mon']) {
    assert.equal(retryAfterMs(nonsense, nowMs), undefined, String(nonsense))
  }
})

test('a network error says whether the server can have seen the request', () => {
  const rows: [unknown, string, boolean][] = [
    [
      Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' }),
      'refused',
      false,
    ],
    [new Error('getaddrinfo ENOTFOUND nowhere'), 'dns', false],
    [new Error('self-signed certificate'), 'tls', false],
    [new Error('other side closed - Local: 127.0.0.1:1'), 'reset', true],
    [
      new Error('fetch failed', { cause: Object.assign(new Error('x'), { code: 'ECONNRESET' }) }),
      'reset',
      true,
    ],
    [new AggregateError([Object.assign(new Error('y'), { code: 'ECONNREFUSED' })]), 'refused', false],
    [new Error('something else'), 'network', true],
    ['no error at all', 'network', true],
  ]
  for (const [error, code, unanswered] of rows) {
    const result = networkFailure(error, never)
    assert.equal(result.code, code, String(error))
    assert.equal(result.unanswered ?? false, unanswered, String(error))
    assert.equal(result.outcome.kind, 'retry')
  }
  const late = networkFailure(new Error('aborted'), AbortSignal.abort())
  assert.equal(late.code, 'timeout')
  assert.equal(late.unanswered, true)
})

test('an answer is read up to the limit and not beyond', async () => {
  assert.deepEqual(
    await readAnswer(Readable.from([Buffer.from('ab'), Buffer.from('c')]), never),
    Buffer.from('abc'),
  )
  assert.deepEqual(await readAnswer(Readable.from([]), never), Buffer.alloc(0))
  const bomb = Readable.from(
    (function* () {
      for (;;) yield Buffer.alloc(1024)
    })(),
  )
  assert.equal(await readAnswer(bomb, never, 10_000), 'too_large')
  assert.equal(bomb.destroyed, true)
})

test('an answer that never ends is given up when the deadline comes', async () => {
  const deadline = new AbortController()
  const dripping = new Readable({ read() {} })
  dripping.push('x')
  const reading = readAnswer(dripping, deadline.signal)
  deadline.abort()
  await assert.rejects(reading, /no answer in time/)
  await assert.rejects(readAnswer(new Readable({ read() {} }), AbortSignal.abort()), /no answer in time/)
})

test('an answer that breaks off is an error', async () => {
  const broken = new Readable({ read() {} })
  const reading = readAnswer(broken, never)
  broken.destroy(new Error('ECONNRESET'))
  await assert.rejects(reading, /ECONNRESET/)
})

test('a server text becomes one short line without control characters', () => {
  assert.equal(serverText(' a\n\u001b[31mb\u0000c\u2028 '), 'a [31mb c')
  assert.equal(serverText('x'.repeat(9999)).length, limits.serverTextChars)
})

test('authorization headers', () => {
  assert.equal(authorization({ username: 'u', password: 'p' }), 'Basic dTpw')
  assert.equal(authorization({ api_key: 'encoded==' }), 'ApiKey encoded==')
  assert.equal(authorization({ api_key: 'id:key' }), 'ApiKey aWQ6a2V5')
  assert.equal(authorization({ bearer_token: 't' }), 'Bearer t')
  assert.equal(authorization(undefined), undefined)
  const { url, auth } = splitUserInfo('http://us%40r:100%@host:9200/prefix')
  assert.equal(url.href, 'http://host:9200/prefix')
  assert.deepEqual(auth, { username: 'us@r', password: '100%' })
})

test('a TLS file that cannot be used is named with its key', () => {
  const config = { ca_file: '/nowhere/ca.pem', cert_file: null, key_file: null, verify: true }
  assert.throws(() => readTlsOptions(config), /tls\.ca_file: cannot read \/nowhere\/ca\.pem \(ENOENT\)/)
  const ca = readFileSync('test/fixtures/tls/ca.pem')
  const holding = (bytes: Buffer) => new Map([['/nowhere/ca.pem', bytes]])
  assert.throws(
    () => readTlsOptions(config, holding(Buffer.from('x'))),
    /ca\.pem: it holds no PEM certificate/,
  )
  const half = { ...config, cert_file: 'test/fixtures/tls/client.pem' }
  assert.throws(() => readTlsOptions(half, holding(ca)), /belong together/)
  assert.deepEqual(readTlsOptions({ ...config, verify: false }, holding(ca)), {
    ca,
    rejectUnauthorized: false,
    minVersion: 'TLSv1.2',
  })
})
