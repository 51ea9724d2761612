import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownerOf } from '../../src/kubernetes/owner.ts'

const created = '2026-01-20T10:00:30Z'
const scheduled = String(Date.parse(created) / 60_000 - 0.5)

function owner(kind: string, name: string, labels: Readonly<Record<string, string>> = {}): string {
  const ownerReferences = [
    { kind: 'Config', name: 'other' },
    { kind, name, controller: true },
  ]
  const found = ownerOf({ ownerReferences, creationTimestamp: created }, labels)
  return `${found?.kind} ${found?.name}`
}

test("behind a ReplicaSet stands its Deployment, by the pod's own hash", () => {
  assert.equal(
    owner('ReplicaSet', 'cart-api-7d4f9c', { 'pod-template-hash': '7d4f9c' }),
    'Deployment cart-api',
  )
  assert.equal(owner('ReplicaSet', 'cart-5f', { 'rollouts-pod-template-hash': '5f' }), 'Rollout cart')
  // Made by hand: nothing says that the end of its name is a hash.
  assert.equal(owner('ReplicaSet', 'cart-7d4f9c'), 'ReplicaSet cart-7d4f9c')
  assert.equal(owner('ReplicaSet', 'cart', { 'pod-template-hash': 'x' }), 'ReplicaSet cart')
})

test("behind a Job stands its CronJob where the name ends in the minute of the pod's time", () => {
  assert.equal(owner('Job', `nightly-report-${scheduled}`), 'CronJob nightly-report')
  assert.equal(owner('Job', 'load-12345678'), 'Job load-12345678')
  assert.equal(owner('Job', 'load'), 'Job load')
})

test('all others are themselves, and a bare pod has none', () => {
  assert.equal(owner('StatefulSet', 'db'), 'StatefulSet db')
  assert.equal(owner('DaemonSet', 'logferry', { 'pod-template-hash': 'x' }), 'DaemonSet logferry')
  assert.equal(ownerOf({}, {}), undefined)
  assert.equal(ownerOf({ ownerReferences: [{ kind: 'Job' }, 'x', null] }, {}), undefined)
})
