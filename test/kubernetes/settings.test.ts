import assert from 'node:assert/strict'
import { test } from 'node:test'
import { apiPlace } from '../../src/kubernetes/settings.ts'
import type { KubernetesSettings } from '../../src/kubernetes/settings.ts'

const pod = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' }

function place(settings: Partial<KubernetesSettings>, environment: Readonly<Record<string, string>>): string {
  const found = apiPlace({ labels: [], annotations: [], wait: 0, ...settings }, environment, 'web-1')
  return typeof found === 'string' ? found : `${found.url.href} ${found.serviceAccount} ${found.node}`
}

const mounted = '/var/run/secrets/kubernetes.io/serviceaccount'

test('a pod is told where to ask by its environment, and its node by the downward API', () => {
  assert.equal(place({}, { ...pod, NODE_NAME: 'node-1' }), `https://10.96.0.1/ ${mounted} node-1`)
  assert.equal(place({ node: 'n' }, { ...pod, NODE_NAME: '' }), `https://10.96.0.1/ ${mounted} n`)
  const v6 = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '6443' }
  assert.equal(place({}, v6), `https://[fd00::1]:6443/ ${mounted} web-1`)
  assert.equal(place({ service_account: '/sa' }, pod), 'https://10.96.0.1/ /sa web-1')
})

test('a host names the server itself, and shows no token that it was not told of', () => {
  assert.equal(place({ url: 'http://127.0.0.1:8001' }, pod), 'http://127.0.0.1:8001/ undefined web-1')
  assert.match(place({}, {}), /KUBERNETES_SERVICE_HOST is not set/)
  assert.match(place({}, { ...pod, KUBERNETES_SERVICE_PORT: 'tcp' }), /are no address: 10\.96\.0\.1 and tcp/)
})
