import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { AgentRig, assertAddsUp, logLines } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { FakeKubeApi } from '../support/fake-kube-api.ts'
import { FakeLoki } from '../support/fake-loki.ts'
import type { SpawnedAgent } from '../support/spawn-agent.ts'

/** The built agent on a node's tree of logs, with an API server behind TLS that it finds as a pod does. */

const time = '2026-01-20T10:10:10.5Z'
const access = '10.0.0.1 - - [20/Jan/2026:10:10:10 +0000] "GET /a HTTP/1.1" 200 7 "-" "curl/8"'

class Cluster {
  readonly api = new FakeKubeApi()
  readonly rig: AgentRig
  readonly environment: Record<string, string>

  private constructor(rig: AgentRig, port: string) {
    this.rig = rig
    this.environment = {
      KUBERNETES_SERVICE_HOST: '127.0.0.1',
      KUBERNETES_SERVICE_PORT: port,
      NODE_NAME: 'node-1',
    }
  }

  static async open(context: TestContext, settings: object = {}): Promise<Cluster> {
    const rig = await AgentRig.open(context)
    const api = new FakeKubeApi()
    context.after(() => api.stop())
    await api.start()
    const cluster = Object.assign(new Cluster(rig, new URL(api.url).port), { api })
    const account = api.serviceAccount(join(rig.folder, 'account'))
    rig.configure({
      enrich: { kubernetes: { labels: ['app'], service_account: account, ...settings } },
      sources: { pods: { type: 'file', include: [join(rig.logs, 'var/log/pods/*/*/*.log')] } },
    })
    return cluster
  }

  /** A line of a container of a pod in `shop`. */
  log(uid: string, text: string, container = 'app'): void {
    const folder = `var/log/pods/shop_pod-${uid}_${uid}/${container}`
    this.rig.append(`${time} stdout F ${text}\n`, join(folder, '0.log'))
  }

  documents(): Record<string, unknown>[] {
    return this.rig.documents().map((text): Record<string, unknown> => JSON.parse(text))
  }

  documentOf(message: string): Record<string, unknown> {
    const found = this.documents().find((document) => document['message'] === message)
    assert.ok(found, `no ${message} in ${this.rig.documents().join('\n')}`)
    return found
  }
}

describe('an agent with enrich.kubernetes', () => {
  it('adds node, owner and labels from the first line on, in Loki too, and never shows its token', async (context) => {
    const cluster = await Cluster.open(context)
    const { api, rig } = cluster
    const loki = new FakeLoki({ now: () => Date.parse(time) })
    context.after(() => loki.stop())
    const url = await loki.start()
    const labels = { job: 'pods', app: '{app}', pod: '{pod}' }
    rig.configure({ sinks: { es: rig.elasticsearchSink(), loki: { type: 'loki', url, labels } } })
    const owner = { kind: 'ReplicaSet', name: 'cart-7d4f' }
    api.put({ uid: 'u1', name: 'pod-u1', owner, labels: { app: 'cart', 'pod-template-hash': '7d4f' } })
    cluster.log('u1', '{"message":"sold"}')
    const agent = await rig.start({ env: cluster.environment })
    await rig.arrived(1)
    const { 'log.file.path': _, 'host.name': __, ...document } = cluster.documentOf('sold')
    assert.deepEqual(document, {
      '@timestamp': time,
      'kubernetes.namespace': 'shop',
      'kubernetes.pod.name': 'pod-u1',
      'kubernetes.pod.uid': 'u1',
      'kubernetes.container.name': 'app',
      'kubernetes.node.name': 'node-1',
      'kubernetes.owner.kind': 'Deployment',
      'kubernetes.owner.name': 'cart',
      'kubernetes.labels.app': 'cart',
      'log.offset': 0,
      stream: 'stdout',
      message: 'sold',
    })
    await until(() => loki.entries().length === 1, 'Loki has it')
    assert.match(loki.entries()[0]!.labels, /app="cart".*job="pods".*pod="pod-u1"/)
    // A pod that comes while the agent runs, and one whose label changes.
    api.put({ uid: 'u2', name: 'pod-u2', labels: { app: 'late' } })
    cluster.log('u2', 'come late')
    api.put({ uid: 'u1', name: 'pod-u1', owner, labels: { app: 'basket', 'pod-template-hash': '7d4f' } })
    await rig.arrived(2)
    cluster.log('u1', 'relabelled')
    await rig.arrived(3)
    assert.equal(cluster.documentOf('come late')['kubernetes.labels.app'], 'late')
    assert.equal(cluster.documentOf('relabelled')['kubernetes.labels.app'], 'basket')
    const { body: metrics } = await rig.get(agent, '/metrics')
    assert.match(metrics, /logferry_kubernetes_up\{node="node-1"\} 1\n/)
    assert.match(metrics, /logferry_kubernetes_pods\{node="node-1"\} 2\n/)
    const { body: status } = await rig.get(agent, '/status')
    assert.match(
      status,
      /"kubernetes":\{"node":"node-1","state":"watching","pods":2,"errors":0,"unknown_pods":0,/,
    )
    const { body: health } = await rig.get(agent, '/health')
    assert.match(health, /"kubernetes":\{"status":"healthy","message":"watching, 2 pods"\}/)
    assertAddsUp(await rig.status(agent))
    await agent.kill('SIGTERM')
    assert.doesNotMatch(agent.stderr + metrics + status + health, /token-1/)
  })

  it('follows the annotations of pods: what is left out is not read and not lost, a parser is used', async (context) => {
    const cluster = await Cluster.open(context)
    const { api, rig } = cluster
    api.put({
      uid: 'u1',
      name: 'pod-u1',
      annotations: { 'logferry.io/parse-web': 'nginx', 'logferry.io/exclude-noisy': 'true' },
    })
    api.put({ uid: 'u2', name: 'pod-u2', annotations: { 'logferry.io/exclude': 'true' } })
    api.put({ uid: 'u3', name: 'pod-u3', annotations: { 'logferry.io/parse': 'nigx' } })
    cluster.log('u1', access, 'web')
    cluster.log('u1', 'noise', 'noisy')
    cluster.log('u2', 'private')
    cluster.log('u3', 'plain')
    const agent = await rig.start({ env: cluster.environment })
    await rig.arrived(2)
    cluster.log('u2', 'private too')
    cluster.log('u3', 'plain too')
    await rig.arrived(3)
    const sent = cluster.documents().map((document) => document['message'] ?? document['url.original'])
    assert.deepEqual(sent.toSorted(), ['/a', 'plain', 'plain too'])
    rmSync(join(rig.logs, 'var/log/pods/shop_pod-u2_u2'), { recursive: true })
    const isGone = async (): Promise<boolean> =>
      (await rig.status(agent)).files.every(({ path }) => !path.includes('u2'))
    await until(isGone, 'the log of the excluded pod is forgotten')
    const status = await rig.status(agent)
    assert.deepEqual(status.ledger['pods']!.lost_bytes, {})
    assert.deepEqual(
      status.files.map(({ lag_bytes }) => lag_bytes),
      [0, 0, 0],
    )
    assertAddsUp(status)
    assert.match(
      agent.stderr,
      /an annotation of a pod is ignored: logferry\.io\/parse cannot be \\"nigx\\": it is one of /,
    )
  })

  it('starts without its API server: lines wait no longer than they may, and have labels once it is there', async (context) => {
    const cluster = await Cluster.open(context, { wait: '300ms' })
    const { api, rig } = cluster
    api.put({ uid: 'u1', name: 'pod-u1', labels: { app: 'cart' } })
    await api.stop()
    cluster.log('u1', 'early')
    const agent = await rig.start({ env: cluster.environment })
    await rig.arrived(1)
    assert.equal(cluster.documentOf('early')['kubernetes.labels.app'], undefined)
    assert.equal(cluster.documentOf('early')['kubernetes.pod.uid'], 'u1')
    assert.match(agent.stderr, /a pod is not known to the API; its lines go on without labels/)
    assert.match(agent.stderr, /cannot be asked: ECONNREFUSED/)
    assert.match(
      (await rig.get(agent, '/health')).body,
      /"kubernetes":\{"status":"healthy","message":"the API server cannot be asked for/,
    )
    await api.start()
    await until(() => agent.stderr.includes('watching the pods of this node'), 'it is watched')
    cluster.log('u1', 'later')
    await rig.arrived(2)
    assert.equal(cluster.documentOf('later')['kubernetes.labels.app'], 'cart')
    // Killed and started again it goes on behind what was sent, with the labels from its first line on.
    await agent.kill()
    cluster.log('u1', 'after a kill')
    await rig.start({ env: cluster.environment })
    await rig.arrived(3)
    assert.equal(cluster.documentOf('after a kill')['kubernetes.labels.app'], 'cart')
    assert.equal(cluster.documents().length, 3)
  })

  it('reads once with labels, and ends, though the watch does not', async (context) => {
    const cluster = await Cluster.open(context)
    const { api, rig } = cluster
    api.put({ uid: 'u1', name: 'pod-u1', labels: { app: 'cart' } })
    cluster.log('u1', 'once')
    const agent = rig.spawn(['--once', '--timeout', '15s'], { env: cluster.environment })
    assert.equal((await agent.exited).code, 0, agent.stderr)
    assert.equal(cluster.documentOf('once')['kubernetes.labels.app'], 'cart')
    assert.equal(api.watches, 0)
  })

  it('is switched on and off by a reload, and an edit of something else leaves the watch alone', async (context) => {
    const cluster = await Cluster.open(context)
    const { api, rig } = cluster
    api.put({ uid: 'u1', name: 'pod-u1', labels: { app: 'cart' } })
    const enrich = rig.config['enrich']
    rig.configure({ enrich: {} })
    const agent = await rig.start({ env: cluster.environment })
    cluster.log('u1', 'off')
    await rig.arrived(1)
    rig.configure({ enrich })
    await until(() => api.watches === 1, 'it is watched')
    cluster.log('u1', 'on')
    await rig.arrived(2)
    const asked = api.requests.length
    rig.configure({ sources: { pods: { ...sourceOf(rig), fields: { team: 'shop' } } } })
    await until(() => reloads(agent) === 2, 'it is reloaded')
    cluster.log('u1', 'still on')
    await rig.arrived(3)
    assert.equal(api.requests.length, asked)
    rig.configure({ enrich: {} })
    await until(() => api.watches === 0, 'it is watched no more')
    cluster.log('u1', 'off again')
    await rig.arrived(4)
    const labels = ['off', 'on', 'still on', 'off again'].map(
      (message) => cluster.documentOf(message)['kubernetes.labels.app'],
    )
    assert.deepEqual(labels, [undefined, 'cart', 'cart', undefined])
  })
})

const reloads = (agent: SpawnedAgent): number =>
  logLines(agent).filter(({ msg }) => String(msg).includes('config reloaded')).length

function sourceOf(rig: AgentRig): object {
  const sources: unknown = rig.config['sources']
  assert.ok(typeof sources === 'object' && sources !== null && 'pods' in sources)
  assert.ok(typeof sources.pods === 'object' && sources.pods !== null)
  return sources.pods
}
