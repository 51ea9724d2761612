import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examinePems } from '../../../src/sinks/http/pem.ts'
import type { PemFiles } from '../../../src/sinks/http/pem.ts'
import { pem } from '../../support/tls-server.ts'

const nowMs = Date.UTC(2030, 0, 1)
const said = (files: PemFiles, now = nowMs): string[] =>
  examinePems(files, now).map(({ key, severity, message }) => `${severity} ${key}: ${message}`)

test('good files are passed over in silence', () => {
  assert.deepEqual(said({}), [])
  const files = { ca_file: pem('ca'), cert_file: pem('client'), key_file: pem('client-key') }
  assert.deepEqual(said(files), [])
  assert.deepEqual(said({ ca_file: pem('chained-authorities') }), [])
})

test('an encrypted key is named as such, with what to do', () => {
  const files = { cert_file: pem('client'), key_file: pem('client-key-encrypted') }
  assert.match(said(files).join(), /^error key_file: it is encrypted.*openssl pkey -in OLD -out NEW/)
  const old = Buffer.from('-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: x\n')
  assert.match(said({ key_file: old }).join(), /it is encrypted/)
})

test('a key of another certificate is found before the first connection', () => {
  const files = { cert_file: pem('client'), key_file: pem('other-key') }
  assert.deepEqual(said(files), ['error key_file: it is not the key of the certificate in tls.cert_file'])
})

test('files in the wrong place, broken and empty ones are told apart', () => {
  const cases: readonly (readonly [PemFiles, string])[] = [
    [{ ca_file: pem('client-key') }, 'error ca_file: it holds a key, but no certificate'],
    [{ ca_file: Buffer.alloc(0) }, 'error ca_file: it holds no PEM certificate'],
    [{ cert_file: Buffer.from('hello') }, 'error cert_file: it holds no PEM certificate'],
    [{ key_file: pem('client') }, 'error key_file: it holds no PEM private key'],
    [
      { key_file: Buffer.from('-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n') },
      'error key_file: it holds a key that cannot be read',
    ],
    [
      { ca_file: Buffer.concat([pem('ca'), pem('ca').subarray(0, 200)]) },
      'error ca_file: certificate 2 of 2 in it is broken',
    ],
  ]
  for (const [files, text] of cases) assert.deepEqual(said(files), [text])
})

test('what is only out of date or for another use is a warning: the server decides', () => {
  const client = (name: string): PemFiles => ({ cert_file: pem(name), key_file: pem('client-key') })
  assert.deepEqual(said(client('client-expired')), [
    'warning cert_file: it holds a client certificate that servers refuse: expired on 2021-01-01',
  ])
  assert.match(said(client('client'), 0).join(), /not valid before 2020-01-01/)
  assert.match(said({ ca_file: pem('ca') }, 0).join(), /^warning ca_file: it holds no valid authority/)
  const server = { cert_file: pem('server'), key_file: pem('server-key') }
  assert.deepEqual(said(server), ['warning cert_file: it holds a certificate that is not meant for clients'])
})

test('an old authority beside one that is valid is nothing to tell', () => {
  assert.deepEqual(said({ ca_file: Buffer.concat([pem('expired'), pem('ca')]) }), [])
})
