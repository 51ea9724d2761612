import assert from 'node:assert/strict'
import { test } from 'node:test'
import { PodCache } from '../../src/kubernetes/pod-cache.ts'
import { podOf } from '../../src/kubernetes/pod.ts'
import type { Pod } from '../../src/kubernetes/pod.ts'
import { FakeClock } from '../support/fake-clock.ts'

const context = { node: 'node-1', labels: ['app'], annotations: ['note'], parsers: [] }

function pod(uid: string, { name = uid, app = 'x', note = '' } = {}): Pod {
  const metadata = { uid, name, namespace: 'shop', labels: { app }, annotations: { note } }
  return podOf({ metadata }, context)!
}

const known = (cache: PodCache, ...keys: string[]): boolean[] =>
  keys.map((key) => cache.get(key) !== undefined)

test('a pod that is gone stays for ten minutes, and is one of the node again where it comes back', async () => {
  const clock = new FakeClock()
  const cache = new PodCache(clock)
  for (const uid of ['a', 'b', 'c']) cache.set(pod(uid))
  cache.leave('a')
  cache.keepOnly(new Set(['a', 'c']))
  await clock.advance(9 * 60_000)
  cache.set(pod('a'))
  assert.deepEqual([cache.size, ...known(cache, 'a', 'b', 'c')], [2, true, true, true])
  await clock.advance(2 * 60_000)
  cache.set(pod('d'))
  assert.deepEqual([cache.size, ...known(cache, 'a', 'b', 'shop/b', 'c')], [3, true, false, false, true])
})

test('a name belongs to the newest pod that has it', () => {
  const cache = new PodCache(new FakeClock())
  cache.set(pod('old', { name: 'db-0' }))
  cache.leave('old')
  cache.set(pod('new', { name: 'db-0' }))
  assert.equal(cache.get('shop/db-0')?.uid, 'new')
  assert.equal(cache.get('old')?.uid, 'old')
})

test('above its bounds those that are gone leave first, then the oldest', () => {
  const cache = new PodCache(new FakeClock(), { pods: 3, bytes: 1e9 })
  for (const uid of ['a', 'b', 'c']) cache.set(pod(uid))
  cache.leave('b')
  cache.set(pod('d'))
  cache.set(pod('e'))
  assert.deepEqual(known(cache, 'a', 'b', 'c', 'd', 'e'), [false, false, true, true, true])
  const small = new PodCache(new FakeClock(), { pods: 1e9, bytes: 3000 })
  for (let n = 0; n < 20; n++) small.set(pod(`p${n}`, { note: 'x'.repeat(500) }))
  assert.equal(small.size, 1)
})

test('what stands in each event is bounded: a long annotation is left out', () => {
  const long = pod('a', { note: 'x'.repeat(1001) })
  assert.deepEqual(
    long.container('app').members.map(({ name }) => name),
    ['kubernetes.node.name', 'kubernetes.labels.app'],
  )
})

test('what is no pod is none, whatever it is', () => {
  for (const object of [
    {},
    { metadata: null },
    { metadata: [] },
    { metadata: { uid: 1, name: 'x', namespace: 'y' } },
  ])
    assert.equal(podOf(object, context), undefined)
  const odd = {
    uid: 'u',
    name: 'n',
    namespace: 's',
    labels: { app: 7 },
    annotations: 'x',
    ownerReferences: {},
  }
  assert.deepEqual(podOf({ metadata: odd }, context)!.container('app').members, [
    { name: 'kubernetes.node.name', json: '"node-1"' },
  ])
})
