import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseListenAddress, urlOf } from '../../src/admin/listen-address.ts'

test('addresses and ports are read from admin.listen', () => {
  assert.deepEqual(parseListenAddress('127.0.0.1:9465'), { host: '127.0.0.1', port: 9465 })
  assert.deepEqual(parseListenAddress('[::1]:0'), { host: '::1', port: 0 })
  assert.deepEqual(parseListenAddress(' localhost:80 '), { host: 'localhost', port: 80 })
})

test('what is no address with a port is not taken', () => {
  for (const text of [
    '',
    '9465',
    ':9465',
    '127.0.0.1',
    '127.0.0.1:',
    '127.0.0.1:70000',
    '::1:9465',
    '[x]:1',
    'http://a:1',
  ]) {
    assert.equal(parseListenAddress(text), undefined, text)
  }
})

test('the URL shown can be opened', () => {
  assert.equal(urlOf({ host: '0.0.0.0', port: 1 }), 'http://127.0.0.1:1')
  assert.equal(urlOf({ host: '::', port: 1 }), 'http://[::1]:1')
  assert.equal(urlOf({ host: '10.0.0.1', port: 1 }), 'http://10.0.0.1:1')
})
