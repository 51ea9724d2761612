import assert from 'node:assert/strict'
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { parseDuration } from '../../src/components/fields.ts'
import { AgentRig } from '../support/agent-rig.ts'
import { FakeKubeApi } from '../support/fake-kube-api.ts'
import { FakeLoki } from '../support/fake-loki.ts'

/** The config of the ConfigMap, as it is shipped, on a node's tree of logs below a folder of its own. */

const folder = 'deploy/kubernetes'
const manifest = readFileSync(join(folder, 'daemonset.yaml'), 'utf8')
const shipped = readFileSync(join(folder, 'agent.config.json'), 'utf8')

const uid = '0f6c2a4e-31d7-4c55-9c0e-6a1d2f3b4c5d'
/** A static pod's uid is the hash of its file. */
const staticUid = 'd3b07384d113edec49eaa6238ad5ff00'
const containerId = 'ab'.repeat(32)
const criTime = '2026-01-20T10:10:10.123456789Z'
const cri = (text: string, stream = 'stdout'): string => `${criTime} ${stream} F ${text}\n`

const apiserver = 'kube-system_kube-apiserver-ip-10-0-0-1.ec2.internal'
const logs: Readonly<Record<string, string>> = {
  [`pods/shop_cart-7d4f9c-x2x_${uid}/app/0.log`]: cri('{"level":"info","message":"sold","id":7}'),
  [`pods/shop_cart-7d4f9c-x2x_${uid}/app/0.log.20260120-101010`]: cri('before the rotation'),
  [`pods/shop_cart-7d4f9c-x2x_${uid}/app/0.log.20260119-101010.gz`]: '\x1f\x8b packed',
  [`pods/shop_cart-7d4f9c-x2x_${uid}/app/0.log.20260120-101010.tmp`]: cri('while it is packed'),
  [`pods/shop_cart-7d4f9c-x2x_${uid}/istio-init/1.log`]: cri('second try', 'stderr'),
  [`pods/${apiserver}_${staticUid}/kube-apiserver/12.log`]: cri('I0120 10:10:10.000000 1 main.go:1] up'),
  [`pods/logferry_logferry-9zq4k_${uid}/logferry/0.log`]: cri('{"level":"error","msg":"cannot send"}'),
}

interface Node {
  readonly rig: AgentRig
  readonly root: string
}

async function nodeWithLogs(context: TestContext): Promise<Node> {
  const rig = await AgentRig.open(context)
  const root = join(rig.folder, 'node')
  for (const [name, text] of Object.entries(logs)) write(join(root, 'var/log', name), text)
  write(join(root, 'run/secrets/logferry/es_api_key'), 'key-of-the-secret\n')
  return { rig, root }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Paths get the root in front, the port and the server are the test's own; all else is as shipped. */
function configOn({ rig, root }: Node): string {
  return shipped
    .replaceAll(/"(\/(?:var|run)\/)/g, (_, path: string) => `"${root}${path}`)
    .replaceAll('${file:/run', `\${file:${root}/run`)
    .replace('0.0.0.0:9465', '127.0.0.1:0')
    .replace('https://elasticsearch.logging.svc:9200', rig.elasticsearch.url)
}

const nodeName = 'ip-10-0-0-1.ec2.internal'

async function ship(
  { rig }: Node,
  config: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<Record<string, unknown>[]> {
  rig.saveConfig(config)
  const env = { NODE_NAME: nodeName, ...environment }
  const agent = rig.spawn(['--once', '--timeout', '20s'], { env })
  assert.equal((await agent.exited).code, 0, agent.stderr)
  assert.doesNotMatch(agent.stderr, /key-of-the-secret/)
  return rig.documents().map((text): Record<string, unknown> => JSON.parse(text))
}

const kubernetesOf = (document: Record<string, unknown>): string =>
  ['namespace', 'pod.name', 'pod.uid', 'container.name']
    .map((name) => String(document[`kubernetes.${name}`]))
    .join(' ')

describe('the config of deploy/kubernetes', () => {
  it('ships the lines of every pod but its own, with namespace, pod, uid and container', async (context) => {
    const node = await nodeWithLogs(context)
    const documents = await ship(node, configOn(node))
    const told = documents.map((document) => `${String(document['message'])}: ${kubernetesOf(document)}`)
    assert.deepEqual(told.toSorted(), [
      `before the rotation: shop cart-7d4f9c-x2x ${uid} app`,
      `second try: shop cart-7d4f9c-x2x ${uid} istio-init`,
      `sold: shop cart-7d4f9c-x2x ${uid} app`,
      // klog's header was taken off by `auto`.
      `up: kube-system kube-apiserver-${nodeName} ${staticUid} kube-apiserver`,
    ])
    const sold = documents.find(({ message }) => message === 'sold')!
    assert.equal(sold['host.name'], nodeName)
    assert.equal(sold['cluster'], 'example')
    assert.equal(sold['@timestamp'], criTime)
    assert.equal(sold['id'], 7)
    assert.equal(documents.find(({ message }) => message === 'second try')!['stream'], 'stderr')
  })

  it('sends to Loki too once the comment marks are gone, with labels and the pod from the path', async (context) => {
    const node = await nodeWithLogs(context)
    const loki = new FakeLoki({ now: () => Date.parse(criTime) })
    context.after(() => loki.stop())
    const url = await loki.start()
    const config = configOn(node).replaceAll(/^ *(?:\/\*|\*\/)$/gm, '')
    assert.notEqual(config, configOn(node))
    await ship(node, config.replace('http://loki.logging.svc:3100', url))
    const sold = loki.entries().find(({ line }) => line.includes('sold'))!
    assert.match(sold.labels, /container="app".*job="pods", level="info", namespace="shop"/)
    assert.match(sold.metadata, /cart-7d4f9c-x2x/)
  })

  it('adds labels and owner once the comment mark before "kubernetes" is gone', async (context) => {
    const node = await nodeWithLogs(context)
    const api = new FakeKubeApi()
    context.after(() => api.stop())
    await api.start()
    const labels = { 'app.kubernetes.io/name': 'cart', 'pod-template-hash': '7d4f9c' }
    const owner = { kind: 'ReplicaSet', name: 'cart-7d4f9c' }
    api.put({ uid, name: 'cart-7d4f9c-x2x', node: nodeName, labels, owner })
    const account = api.serviceAccount(join(node.rig.folder, 'account'))
    const asShipped = configOn(node).replace('// "kubernetes": {', '"kubernetes": {')
    const more = `"wait": "2s", "service_account": "${account}",`
    const config = asShipped.replace('"kubernetes": {', `"kubernetes": { ${more}`)
    const { hostname, port } = new URL(api.url)
    const environment = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port }
    const documents = await ship(node, config, environment)
    const sold = documents.find(({ message }) => message === 'sold')!
    assert.equal(sold['kubernetes.labels.app_kubernetes_io/name'], 'cart')
    assert.equal(
      `${String(sold['kubernetes.owner.kind'])} ${String(sold['kubernetes.owner.name'])}`,
      'Deployment cart',
    )
    assert.equal(documents.length, 4)
    assert.equal(documents.find(({ message }) => message === 'up')!['kubernetes.node.name'], undefined)
  })

  it('follows the links of a node with Docker', async (context) => {
    const node = await nodeWithLogs(context)
    const file = join(node.root, 'var/lib/docker/containers', containerId, `${containerId}-json.log`)
    write(file, `${JSON.stringify({ log: 'by docker\n', stream: 'stdout', time: criTime })}\n`)
    const link = join(node.root, 'var/log/pods', `shop_old_${uid}/app/0.log`)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(file, link)
    // /var/lib/docker/containers may always be led to; below another root it has to be named.
    const followed = `"follow_symlinks": ["${node.root}/var/lib/docker/containers"], "parse": "auto"`
    const documents = await ship(node, configOn(node).replace('"parse": "auto"', followed))
    const byDocker = documents.find(({ message }) => message === 'by docker')!
    assert.equal(kubernetesOf(byDocker), `shop old ${uid} app`)
    assert.equal(byDocker['@timestamp'], criTime)
  })

  it('can read the links of /var/log/containers instead, where no uid is known', async (context) => {
    const node = await nodeWithLogs(context)
    const target = join(node.root, 'var/log/pods', `shop_cart-7d4f9c-x2x_${uid}/app/0.log`)
    const link = join(node.root, 'var/log/containers', `cart-7d4f9c-x2x_shop_app-${containerId}.log`)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(target, link)
    const include = `"include": ["${node.root}/var/log/containers/*.log"], "follow_symlinks": ["${node.root}/var/log"],`
    const documents = await ship(node, configOn(node).replace(/"include": \[.*\],/, include))
    assert.deepEqual(documents.map(kubernetesOf), ['shop cart-7d4f9c-x2x undefined app'])
  })
})

describe('components/metadata of deploy/kubernetes', () => {
  const component = (name: string): string => readFileSync(join(folder, 'components/metadata', name), 'utf8')

  it('gives the right to list and watch pods and no other, and the token to use it', () => {
    const rules = component('cluster-role.yaml').split('rules:')[1]!.trim()
    assert.match(rules, /^- apiGroups: \[''\]\s+resources: \[pods\]\s+verbs: \[list, watch\]$/)
    assert.match(
      component('kustomization.yaml'),
      /path: \/spec\/template\/spec\/automountServiceAccountToken\s+value: true/,
    )
    assert.match(manifest, /automountServiceAccountToken: false/)
  })
})

describe('the DaemonSet of deploy/kubernetes', () => {
  const numberOf = (key: string): number => Number(new RegExp(`\\b${key}: (\\d+)`).exec(manifest)?.[1])

  it('waits longer for a stop than the agent takes', () => {
    const timeout = /"shutdown_timeout": "([^"]+)"/.exec(shipped)?.[1] ?? '25s'
    assert.ok(numberOf('terminationGracePeriodSeconds') * 1000 > parseDuration(timeout)!)
  })

  it('asks the port that the config opens, and mounts the paths that it names', () => {
    assert.match(shipped, new RegExp(`"listen": "[^"]+:${numberOf('containerPort')}"`))
    const mounts = [...manifest.matchAll(/mountPath: ([^ ,}]+)/g)].map((match) => match[1]!)
    const named = [...shipped.matchAll(/["{:](\/(?:var|run|etc)\/[^"*}]+)/g)].map((match) => match[1]!)
    assert.ok(named.length > 4)
    for (const path of named)
      assert.ok(
        mounts.some((mount) => path.startsWith(mount)),
        path,
      )
  })
})
