import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kubernetesMembers } from '../../src/enrich/kubernetes.ts'

const told = (path: string): Record<string, unknown> =>
  Object.fromEntries(kubernetesMembers(path).map(({ name, json }) => [name, JSON.parse(json)]))

const pod = {
  'kubernetes.namespace': 'shop',
  'kubernetes.pod.name': 'cart-7d4f-x',
  'kubernetes.pod.uid': '0a1b-2c',
  'kubernetes.container.name': 'app',
}
const id = 'ab'.repeat(32)

test("the kubelet's path names namespace, pod, uid and container, rotated and mounted elsewhere too", () => {
  const folder = '/var/log/pods/shop_cart-7d4f-x_0a1b-2c/app'
  assert.deepEqual(told(`${folder}/0.log`), pod)
  assert.deepEqual(told(`${folder}/0.log.20260120-100000`), pod)
  assert.deepEqual(told(`/host${folder}/12.log`), pod)
})

test("a static pod has a hash for its uid and its node's name, dots and all, in its own", () => {
  const folder =
    '/var/log/pods/kube-system_etcd-ip-10-0-0-1.ec2.internal_d3b07384d113edec49eaa6238ad5ff00/etcd'
  for (const name of ['7.log', '7.log.20260120-101010', '7.log.20260120-101010.gz'])
    assert.deepEqual(told(`${folder}/${name}`), {
      'kubernetes.namespace': 'kube-system',
      'kubernetes.pod.name': 'etcd-ip-10-0-0-1.ec2.internal',
      'kubernetes.pod.uid': 'd3b07384d113edec49eaa6238ad5ff00',
      'kubernetes.container.name': 'etcd',
    })
  const link = `/var/log/containers/etcd-ip-10-0-0-1.ec2.internal_kube-system_etcd-${id}.log`
  assert.equal(told(link)['kubernetes.pod.name'], 'etcd-ip-10-0-0-1.ec2.internal')
})

test('the link in containers/ has no uid', () => {
  const { 'kubernetes.pod.uid': _, ...others } = pod
  assert.deepEqual(told(`/var/log/containers/cart-7d4f-x_shop_app-${id}.log`), others)
})

test('a container with dashes keeps them, and an id cut short is none', () => {
  const path = `/var/log/containers/p_n_my-app-v2-${id}.log`
  assert.equal(told(path)['kubernetes.container.name'], 'my-app-v2')
  assert.deepEqual(told(`/var/log/containers/p_n_app-${id.slice(1)}.log`), {})
})

test('other paths say nothing of Kubernetes', () => {
  for (const path of ['', '/var/log/app.log', '/var/log/pods/shop_cart/app/0.log', '/var/log/pods/a_b_c/app'])
    assert.deepEqual(told(path), {}, path)
})
