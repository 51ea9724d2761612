import assert from 'node:assert/strict'
import { test } from 'node:test'
import { urlOf } from '../../src/admin/listen-address.ts'

test('the URL shown can be opened', () => {
  assert.equal(urlOf({ host: '0.0.0.0', port: 1 }), 'http://127.0.0.1:1')
  assert.equal(urlOf({ host: '::', port: 1 }), 'http://[::1]:1')
  assert.equal(urlOf({ host: '10.0.0.1', port: 1 }), 'http://10.0.0.1:1')
})
