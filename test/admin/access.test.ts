import assert from 'node:assert/strict'
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { test } from 'node:test'
import { accessOf, isAllowedHost, isLoopback } from '../../src/admin/access.ts'

function requestFrom(address: string, headers: Record<string, string> = {}): IncomingMessage {
  const socket = new Socket()
  Object.defineProperty(socket, 'remoteAddress', { value: address })
  return Object.assign(new IncomingMessage(socket), { headers })
}

test('the Host header may be an address, localhost or the name of this host, with any port', () => {
  for (const host of [
    '127.0.0.1',
    '127.0.0.1:9465',
    '10.1.2.3:1',
    '[::1]:9465',
    '[fe80::1]',
    'LOCALHOST:9465',
  ]) {
    assert.equal(isAllowedHost(host, 'web-1.example.com'), true, host)
  }
  for (const host of ['web-1.example.com:9465', 'WEB-1', 'web-1:80']) {
    assert.equal(isAllowedHost(host, 'web-1.example.com'), true, host)
  }
})

test('any other Host header is refused, the look-alikes too', () => {
  const hosts = [
    undefined,
    '',
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'web-1.evil.example',
  ]
  const malformed = [
    '127.0.0.1@evil.example',
    '[::1',
    '[evil]',
    'localhost:x',
    ' localhost',
    'localhost/',
    '2130706433',
    ':80',
  ]
  for (const host of [...hosts, ...malformed]) {
    assert.equal(isAllowedHost(host, 'web-1.example.com'), false, host)
  }
})

test('loopback is all of 127.0.0.0/8 and ::1, mapped addresses too', () => {
  assert.deepEqual(
    ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'].map((address) => isLoopback(address)),
    [true, true, true, true],
  )
  assert.deepEqual(
    ['10.0.0.1', '::2', '::ffff:10.0.0.1', undefined, '127.evil'].map((address) => isLoopback(address)),
    [false, false, false, false, false],
  )
})

test('this host sees paths, and contents are for the token alone', () => {
  assert.equal(accessOf(requestFrom('127.0.0.1'), undefined), 'paths')
  assert.equal(accessOf(requestFrom('127.0.0.1'), 'secret-token'), 'paths')
  assert.equal(accessOf(requestFrom('10.0.0.9'), undefined), 'totals')
  assert.equal(accessOf(requestFrom('10.0.0.9'), 'secret-token'), 'totals')
  assert.equal(
    accessOf(requestFrom('10.0.0.9', { authorization: 'Bearer secret-token' }), 'secret-token'),
    'contents',
  )
})

test('a wrong token is denied, from this host too', () => {
  for (const shown of ['wrong', 'secret-toke', 'secret-token2', '']) {
    const expected = shown === '' ? 'totals' : 'denied'
    assert.equal(
      accessOf(requestFrom('10.0.0.9', { authorization: `Bearer ${shown}` }), 'secret-token'),
      expected,
    )
  }
  assert.equal(
    accessOf(requestFrom('127.0.0.1', { authorization: 'Bearer wrong' }), 'secret-token'),
    'denied',
  )
})

test('a proxy on this host does not lend its address to those behind it', () => {
  for (const header of ['forwarded', 'x-forwarded-for', 'x-real-ip', 'via']) {
    assert.equal(accessOf(requestFrom('127.0.0.1', { [header]: '203.0.113.9' }), undefined), 'totals', header)
  }
})
