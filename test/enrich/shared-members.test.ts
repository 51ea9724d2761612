import assert from 'node:assert/strict'
import { test } from 'node:test'
import { sharedMembers } from '../../src/enrich/shared-members.ts'
import type { EnrichOptions } from '../../src/enrich/shared-members.ts'

const host = { name: 'web-1', ip: ['10.0.0.1'], os: { type: 'linux', platform: 'debian', kernel: '6.1' } }
const plain: EnrichOptions = { host: true, trace: true, kubernetes: true, fields: {} }
const podPath = '/var/log/pods/shop_cart_0a1b/app/0.log'

const shared = (enrich: Partial<EnrichOptions>, path = '/var/log/app.log', fields = {}) =>
  sharedMembers({ path }, host, { ...plain, ...enrich }, fields).map(({ name, json }) => `${name}=${json}`)

test('host and path come first, then Kubernetes, then constants', () => {
  assert.deepEqual(shared({ fields: { env: 'prod', on: true, none: null } }, podPath, { service: 'cart' }), [
    'host.name="web-1"',
    `log.file.path="${podPath}"`,
    'kubernetes.namespace="shop"',
    'kubernetes.pod.name="cart"',
    'kubernetes.pod.uid="0a1b"',
    'kubernetes.container.name="app"',
    'env="prod"',
    'on=true',
    'none=null',
    'service="cart"',
  ])
})

test("a source's constant wins over one for all sources, and stands there once", () => {
  assert.deepEqual(shared({ host: false, fields: { env: 'prod' } }, '', { env: 'test' }), ['env="test"'])
})

test('what is switched off is not told, and a source without a path has none', () => {
  assert.deepEqual(shared({ host: false, kubernetes: false }, podPath), [`log.file.path="${podPath}"`])
  assert.deepEqual(shared({ host: false }, ''), [])
})

test('a constant with a name of the agent that slipped through takes no place of ours', () => {
  const members = shared({ fields: { '@timestamp': 'x' } })
  assert.ok(!members.some((member) => member.startsWith('@timestamp=')))
  assert.ok(members.includes('@timestamp_original="x"'), members.join(' '))
})
