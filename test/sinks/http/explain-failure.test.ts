import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { FakeProxy } from '../../support/fake-proxy.ts'
import { addressKeys, networkSinks, sendOne } from '../../support/network-sinks.ts'
import { pemPath, startTlsServer } from '../../support/tls-server.ts'
import { explainFailure, type Way } from '../../../src/sinks/http/explain-failure.ts'
import { networkFailure } from '../../../src/sinks/http/network-error.ts'

const closers: (() => Promise<void>)[] = []
after(() => Promise.all(closers.map((close) => close())))

const ca = { ca_file: pemPath('ca') }
const client = (name: string): object => ({
  ...ca,
  cert_file: pemPath(name),
  key_file: pemPath(name === 'server' ? 'server-key' : 'client-key'),
})

interface Case {
  readonly server: Parameters<typeof startTlsServer>
  readonly tls: object
  readonly host?: string
  readonly says: RegExp
  /** Some refusals can only be seen as a connection that is closed, so that nobody knows what was taken. */
  readonly code?: string
}

const wrong: Readonly<Record<string, Case>> = {
  'an expired certificate': { server: ['expired'], tls: ca, says: /has expired.*renewed.*CERT_HAS_EXPIRED/ },
  'one that is not valid yet': { server: ['not-yet'], tls: ca, says: /not valid yet.*clock/ },
  'one for another host': {
    server: ['elsewhere'],
    tls: ca,
    says: /is for DNS:es\.example, DNS:\*\.es\.example, not for that name: write a name that it has in "KEY"/,
  },
  'a name, asked by address': { server: ['name-only'], tls: ca, says: /is for DNS:localhost, not for/ },
  'an address, asked by name': {
    server: ['ip-only'],
    tls: ca,
    host: 'localhost',
    says: /is for IP Address:127\.0\.0\.1, not for/,
  },
  'a self-signed one': { server: ['self-signed'], tls: ca, says: /self-signed.*tls\.ca_file/ },
  'an unknown authority': {
    server: ['stranger'],
    tls: ca,
    says: /authority that is not trusted.*tls\.ca_file \(test\/fixtures\/tls\/ca\.pem\) does not hold/,
  },
  'an unknown authority that is sent along': {
    server: ['stranger-whole'],
    tls: ca,
    says: /authority that is not trusted: tls\.ca_file \(/,
  },
  'a private authority without ca_file': {
    server: ['server'],
    tls: {},
    says: /put the certificate of its authority into a file and name it in tls\.ca_file/,
  },
  'an intermediate that is not sent': {
    server: ['chained'],
    tls: ca,
    says: /does not send the intermediate/,
  },
  'a certificate for clients only': { server: ['wrong-purpose'], tls: ca, says: /not meant for servers/ },
  'only old versions of TLS': {
    server: ['server', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    tls: ca,
    says: /only TLS versions older than 1\.2/,
  },
  'a client certificate that is missing (TLS 1.2)': {
    server: ['server', { asksForClient: true, maxVersion: 'TLSv1.2' }],
    tls: ca,
    says: /refuses the handshake.*set tls\.cert_file and tls\.key_file/,
  },
  'a client certificate that is missing (TLS 1.3)': {
    server: ['server', { asksForClient: true, minVersion: 'TLSv1.3' }],
    tls: ca,
    says: /set tls\.cert_file and tls\.key_file/,
    code: 'any',
  },
  'a client certificate of another authority (TLS 1.2)': {
    server: ['server', { asksForClient: true, maxVersion: 'TLSv1.2' }],
    tls: client('client-stranger'),
    says: /tls\.cert_file \(test\/fixtures\/tls\/client-stranger\.pem\)/,
  },
  'a client certificate of another authority (TLS 1.3)': {
    server: ['server', { asksForClient: true, minVersion: 'TLSv1.3' }],
    tls: client('client-stranger'),
    says: /tls\.cert_file \(test\/fixtures\/tls\/client-stranger\.pem\)/,
    code: 'any',
  },
  'an expired client certificate': {
    server: ['server', { asksForClient: true }],
    tls: client('client-expired'),
    says: /does not accept the client certificate in tls\.cert_file \(.*client-expired\.pem\): expired/,
    code: 'any',
  },
  'a client certificate that is none for clients': {
    server: ['server', { asksForClient: true, maxVersion: 'TLSv1.2' }],
    tls: client('server'),
    says: /tls\.cert_file .*not for clients/,
  },
}

const good: Readonly<Record<string, Omit<Case, 'says'>>> = {
  'a known authority': { server: ['server'], tls: ca },
  'an address among the names': { server: ['ip-only'], tls: ca },
  'the right host name': { server: ['name-only'], tls: ca, host: 'localhost' },
  'an intermediate that is sent': { server: ['chained-whole'], tls: ca },
  'an intermediate that is in ca_file': {
    server: ['chained'],
    tls: { ca_file: pemPath('chained-authorities') },
  },
  'the self-signed one itself in ca_file': {
    server: ['self-signed'],
    tls: { ca_file: pemPath('self-signed') },
  },
  'any certificate with verify: false': { server: ['elsewhere'], tls: { verify: false } },
  'a client certificate': { server: ['server', { asksForClient: true }], tls: client('client') },
}

for (const [name, open] of Object.entries(networkSinks)) {
  for (const way of ['straight', 'through a proxy']) {
    describe(`${name}, ${way}`, () => {
      const proxy = new FakeProxy()
      const settings = async (tls: object): Promise<object> => {
        if (way === 'straight') return { tls }
        if (proxy.url().endsWith(':0')) {
          await proxy.listen()
          closers.push(() => proxy.close())
        }
        return { tls, proxy: proxy.url() }
      }

      for (const [what, { server, tls, host = '127.0.0.1', says, code = 'tls' }] of Object.entries(wrong)) {
        test(`${what}: nothing is sent, and the text says which key helps`, async () => {
          const { port, seen, close } = await startTlsServer(...server)
          closers.push(close)
          const sink = open(`https://${host}:${port}`, await settings(tls))
          closers.push(() => sink.close())
          const sent = await sendOne(sink)
          const pattern = new RegExp(says.source.replace('KEY', addressKeys[name]!))
          assert.match(sent.text, pattern)
          assert.equal(seen.requests, 0)
          if (code !== 'any') {
            assert.equal(sent.code, code)
            assert.ok(sent.result.kind === 'all' && sent.result.unanswered === undefined)
          }
          await assert.rejects(sink.probe(AbortSignal.timeout(10_000)), (error: Error) => {
            assert.match(error.message, pattern)
            return true
          })
        })
      }

      for (const [what, { server, tls, host = '127.0.0.1' }] of Object.entries(good)) {
        test(`${what}: it arrives`, async () => {
          const { port, close } = await startTlsServer(...server)
          closers.push(close)
          const sink = open(`https://${host}:${port}`, await settings(tls))
          closers.push(() => sink.close())
          assert.match((await sendOne(sink)).code, /^20[04]$/)
        })
      }
    })
  }
}

const straight: Way = {
  host: 'es:9200',
  isTls: true,
  proxy: undefined,
  addressKey: 'nodes',
  tls: { ca_file: null, cert_file: null },
  isPuzzling: true,
}
const failing = (code: string, message = 'x'): Error => Object.assign(new Error(message), { code })

test('alerts that a server sends about our certificate end in a text about it', () => {
  const alerts = [
    'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
    'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
    'ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE',
    'ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED',
    'ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN',
  ]
  for (const code of alerts) {
    const without = explainFailure(failing(code), straight)
    assert.match(without, /^tls: es:9200 refuses the handshake: .*set tls\.cert_file.*\(ERR_SSL_/)
    const shown = { ...straight, tls: { ca_file: null, cert_file: '/etc/c.pem' } }
    assert.match(
      explainFailure(failing(code), shown),
      /client certificate in tls\.cert_file \(\/etc\/c\.pem\)/,
    )
    assert.equal(networkFailure(new Error(without), new AbortController().signal).code, 'tls')
  }
})

test('a port without TLS is told from one with it, either way round', () => {
  assert.match(
    explainFailure(failing('ERR_SSL_WRONG_VERSION_NUMBER'), straight),
    /^tls: es:9200 does not speak TLS: write http:\/\/ in "nodes"/,
  )
  const closed = explainFailure(failing('UND_ERR_SOCKET', 'other side closed'), { ...straight, isTls: false })
  assert.match(closed, /other side closed; .*if it speaks TLS, write https:\/\/ in "nodes"/)
  assert.equal(networkFailure(new Error(closed), new AbortController().signal).code, 'reset')
})

test('a connection that breaks after it has worked is a reset, and no riddle about certificates', () => {
  const text = explainFailure(failing('UND_ERR_SOCKET', 'other side closed'), {
    ...straight,
    isPuzzling: false,
  })
  assert.equal(text, 'UND_ERR_SOCKET other side closed')
  const failure = networkFailure(new Error(text), new AbortController().signal)
  assert.deepEqual([failure.code, failure.unanswered], ['reset', true])
})

test('names that a server claims are cut, and bring no control characters along', () => {
  const error = Object.assign(failing('ERR_TLS_CERT_ALTNAME_INVALID'), {
    cert: { subjectaltname: `DNS:a\u001b[31m\n${'b'.repeat(5000)}` },
  })
  const text = explainFailure(error, straight)
  assert.doesNotMatch(text, /[\u0000-\u001f]/)
  assert.ok(text.length < 400)
})
