import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '../../src/platform/system-clock.ts'
import { FakeClock, until } from '../support/fake-clock.ts'
import { FakeKubeApi, withoutToken } from '../support/fake-kube-api.ts'
import { logOf, PodsRig } from './pods-rig.ts'

const cart = { uid: 'u1', name: 'cart-1', labels: { app: 'cart', team: 'shop' } }
const clock = systemClock

describe('the pods of the node', () => {
  it('are listed, then watched: node, owner, labels and annotations, of this node alone', async (context) => {
    const settings = { labels: ['app', 'app.kubernetes.io/name'], annotations: ['build'] }
    const rig = await PodsRig.open(context, { clock, settings })
    rig.api.put({
      ...cart,
      labels: { ...cart.labels, 'pod-template-hash': '7d4f', 'app.kubernetes.io/name': 'Cart' },
      annotations: { build: '17', other: 'x' },
      owner: { kind: 'ReplicaSet', name: 'cart-7d4f' },
    })
    rig.api.put({ uid: 'u2', name: 'far', node: 'node-2' })
    rig.start()
    await rig.watching()
    assert.deepEqual(rig.fields(logOf('u1')), {
      'kubernetes.node.name': 'node-1',
      'kubernetes.owner.kind': 'Deployment',
      'kubernetes.owner.name': 'cart',
      'kubernetes.labels.app': 'cart',
      'kubernetes.labels.app_kubernetes_io/name': 'Cart',
      'kubernetes.annotations.build': '17',
    })
    assert.equal(rig.fields(logOf('u2')), 'waiting')
    assert.equal(rig.fields('/var/log/app.log'), 'no container')
    const [list, watch] = rig.api.requests
    assert.equal(list, '/api/v1/pods?fieldSelector=spec.nodeName%3Dnode-1&limit=250&resourceVersion=0')
    assert.match(watch!, /watch=1&resourceVersion=1002&allowWatchBookmarks=true&timeoutSeconds=300$/)
    assert.match(rig.said.join('\n'), /^info: watching the pods of this node .*"pods":1/)
  })

  it('that come, change and go are told, each by all its keys, and only where something is new', async (context) => {
    const rig = await PodsRig.open(context, { clock })
    rig.api.put(cart)
    rig.start()
    await rig.watching()
    rig.api.put({ uid: 'u3', name: 'late' })
    await rig.known(logOf('u3'))
    assert.deepEqual(rig.news, ['u1', 'shop/cart-1', 'u3', 'shop/late'])
    // The kubelet writes a pod's status every few seconds; labels that nobody asked for are nothing new either.
    rig.api.put({ ...cart, labels: { app: 'cart', team: 'other' } })
    const before = rig.facts(logOf('u1'))
    rig.api.put({ ...cart, labels: { app: 'basket' } })
    await until(() => rig.news.length > 4, 'the new label is told')
    assert.deepEqual(rig.news.slice(4), ['u1', 'shop/cart-1'])
    assert.notEqual(rig.facts(logOf('u1')), before)
    assert.deepEqual(Object.entries(rig.fields(logOf('u1'))).at(-1), ['kubernetes.labels.app', 'basket'])
    rig.api.remove('u1')
    await until(() => rig.pods.status().pods === 1, 'it is gone')
    // Its last lines are read late.
    assert.notEqual(rig.fields(logOf('u1')), 'waiting')
  })

  it('that are static are known by the hash in their paths; a path without a uid is known by its name', async (context) => {
    const rig = await PodsRig.open(context, { clock })
    const annotations = { 'kubernetes.io/config.hash': 'd3b07384', 'kubernetes.io/config.mirror': 'd3b07384' }
    const owner = { kind: 'Node', name: 'node-1' }
    rig.api.put({ uid: 'mirror', name: 'etcd-node-1', namespace: 'kube-system', annotations, owner })
    rig.start()
    await rig.watching()
    const owned = {
      'kubernetes.node.name': 'node-1',
      'kubernetes.owner.kind': 'Node',
      'kubernetes.owner.name': 'node-1',
    }
    assert.deepEqual(rig.fields('/var/log/pods/kube-system_etcd-node-1_d3b07384/etcd/3.log'), owned)
    const link = `/var/log/containers/etcd-node-1_kube-system_etcd-${'ab'.repeat(32)}.log`
    assert.deepEqual(rig.fields(link), owned)
  })

  it('come in pages where the store is asked, and whole from a server that knows no metadata of its own', async (context) => {
    const rig = await PodsRig.open(context, { clock })
    rig.api.knowsPartial = false
    for (let n = 0; n < 600; n++) rig.api.put({ uid: `p${n}`, name: `p-${n}`, labels: { app: `a${n}` } })
    rig.start()
    await rig.watching()
    rig.api.compact()
    rig.api.put(cart)
    rig.api.compact()
    rig.api.cutWatches(false)
    await rig.known(logOf('u1'))
    assert.deepEqual(
      rig.api.requests.filter((url) => !url.includes('watch=1')).map((url) => url.replace(/.*limit=250/, '')),
      ['&resourceVersion=0', '', '&continue=after-250-at-1601', '&continue=after-500-at-1601'],
    )
    assert.equal(rig.pods.status().pods, 601)
    assert.deepEqual(Object.entries(rig.fields(logOf('p599'))).at(-1), ['kubernetes.labels.app', 'a599'])
  })
})

describe('a watch that ends', () => {
  it('goes on behind the last event or bookmark, and misses nothing', async (context) => {
    const rig = await PodsRig.open(context, { clock })
    rig.start()
    await rig.watching()
    for (const [index, cleanly] of [true, false, true].entries()) {
      rig.api.bookmark()
      rig.api.put({ uid: `before-${index}`, name: `before-${index}` })
      await rig.known(logOf(`before-${index}`))
      rig.api.cutWatches(cleanly)
      rig.api.put({ uid: `between-${index}`, name: `between-${index}` })
      await rig.known(logOf(`between-${index}`))
      await rig.watching()
    }
    await until(() => rig.pods.status().pods === 6, 'all six are known')
    assert.equal(rig.api.count('list'), 1)
    assert.equal(rig.pods.status().errors, 0)
  })

  it('is followed by a list of the store where its end is forgotten (410), and pods that went meanwhile are gone', async (context) => {
    const rig = await PodsRig.open(context, { clock })
    rig.api.put(cart)
    rig.api.put({ uid: 'u2', name: 'old' })
    rig.start()
    await rig.watching()
    await rig.api.stop()
    rig.api.remove('u2')
    rig.api.put({ uid: 'u3', name: 'new' })
    rig.api.compact()
    await rig.api.start()
    await rig.known(logOf('u3'))
    await rig.watching()
    assert.equal(rig.pods.status().pods, 2)
    const lists = rig.api.requests.filter((url) => !url.includes('watch=1'))
    assert.deepEqual(
      lists.map((url) => url.includes('resourceVersion=0')),
      [true, false],
    )
    // To be too old is nothing that anybody has to mend.
    assert.doesNotMatch(rig.said.join('\n'), /410/)
  })

  it('by an error or by nonsense is told and tried again', async (context) => {
    const rig = await PodsRig.open(context, { clock })
    rig.start()
    for (const [sent, said] of [
      [
        '{"type":"ERROR","object":{"kind":"Status","code":500,"reason":"InternalError","message":"etcd is ill"}}\n',
        /ended the watch: etcd is ill/,
      ],
      ['<html>\n', /is no event of a watch/],
      ['{"type":"ADDED","object":{"kind":"Pod","metadata":{}}}\n', /has no version \(ADDED\)/],
    ] as const) {
      await rig.watching()
      rig.api.sendToWatches(sent)
      await until(() => said.test(rig.said.join('\n')), String(said))
    }
    await rig.watching()
    assert.equal(rig.pods.status().errors, 3)
  })
})

describe('an API server that cannot be asked', () => {
  const failing = async (rig: PodsRig, said: RegExp): Promise<void> => {
    await until(
      () => said.test(rig.pods.status().lastError ?? ''),
      `${said}; it was ${rig.pods.status().lastError}`,
    )
    assert.equal(rig.pods.status().state, 'failing')
    assert.doesNotMatch(rig.said.join('\n'), /token-1/)
  }

  it('says which right is missing, and is asked again until it is there', async (context) => {
    const rig = await PodsRig.open(context, { clock })
    rig.api.put(cart)
    rig.api.isAllowed = false
    rig.start()
    await failing(rig, /verbs list and watch on pods.*cannot list resource "pods"/)
    rig.api.isAllowed = true
    await rig.known(logOf('u1'))
    await rig.watching()
    assert.deepEqual([rig.pods.status().lastError, rig.pods.status().failingSinceMs], [undefined, undefined])
  })

  it('takes a token that was renewed in its file', async (context) => {
    const rig = await PodsRig.open(context, { clock })
    rig.api.put(cart)
    rig.api.token = 'token-2'
    rig.start()
    await failing(rig, /does not accept the token .*\(401\)/)
    rig.api.serviceAccount(rig.account)
    await rig.known(logOf('u1'))
  })

  it('is not asked without a token, and not trusted with a certificate of somebody else', async (context) => {
    const rig = await PodsRig.open(context, { clock })
    withoutToken(rig.account)
    rig.start()
    await failing(rig, /token \(ENOENT\); is automountServiceAccountToken true/)
    rig.api.serviceAccount(rig.account, 'other-ca')
    await failing(rig, /its certificate is not by the authority of ca\.crt/)
    assert.deepEqual(rig.api.requests, [])
  })

  it('answers with what is no list, redirects, or has too much to do: each is told', async (context) => {
    const rig = await PodsRig.open(context, { clock: new FakeClock() })
    rig.api.failures = { status: 429, times: 1, headers: { 'retry-after': '7' } }
    rig.start()
    await failing(rig, /too much to do \(429\)/)
    assert.match(rig.said.join('\n'), /"again_ms":7000/)
  })

  it('is not waited for where nobody said where it is', async (context) => {
    const rig = await PodsRig.open(context, { clock, environment: {} })
    rig.start()
    assert.equal(rig.fields(logOf('u1')), 'unknown')
    assert.match(rig.said.join('\n'), /^error: .*KUBERNETES_SERVICE_HOST is not set/)
  })

  it('behind kubectl proxy needs no service account', async (context) => {
    const api = new FakeKubeApi({ isTls: false })
    const settings = { service_account: undefined, node: 'node-1' }
    const rig = await PodsRig.open(context, { clock, api, environment: {}, settings, hasUrl: true })
    rig.api.put(cart)
    rig.start()
    await rig.known(logOf('u1'))
    assert.match(rig.api.requests[0]!, /^\/api\/v1\/pods/)
  })
})

describe('lines of a pod that is not known yet', () => {
  it('wait once for each pod, no longer than `wait`, also where the API server hangs; then it is counted', async (context) => {
    const fake = new FakeClock()
    const rig = await PodsRig.open(context, { clock: fake })
    rig.api.isSilent = true
    rig.start()
    assert.deepEqual(rig.pods.look(logOf('u1')), { kind: 'waiting', pod: 'u1', untilMs: 5000 })
    await fake.advance(4999)
    assert.deepEqual(rig.pods.look(logOf('u1', 'sidecar')), { kind: 'waiting', pod: 'u1', untilMs: 5000 })
    await fake.advance(1)
    assert.equal(rig.fields(logOf('u1')), 'unknown')
    assert.equal(rig.fields(logOf('u1', 'sidecar')), 'unknown')
    assert.equal(rig.pods.status().unknownPods, 1)
    assert.match(
      rig.said.join('\n'),
      /warn: a pod is not known to the API; .*"pod":"u1","api":"starting","waited_ms":5000/,
    )
  })

  it('do not wait with "0s", and a pod that comes later is told', async (context) => {
    const rig = await PodsRig.open(context, { clock, settings: { wait: 0 } })
    rig.start()
    await rig.watching()
    assert.equal(rig.fields(logOf('u1')), 'unknown')
    rig.api.put(cart)
    await rig.known(logOf('u1'))
    assert.ok(rig.news.includes('u1'))
  })
})

describe('annotations of a pod', () => {
  it('leave containers out and name parsers, for all or for one', async (context) => {
    const rig = await PodsRig.open(context, { clock })
    rig.api.put({
      ...cart,
      annotations: {
        'logferry.io/exclude': 'true',
        'logferry.io/exclude-app': 'false',
        'logferry.io/parse': 'json',
        'logferry.io/parse-web': 'nginx',
      },
    })
    rig.start()
    await rig.watching()
    const wishes = ['app', 'web', 'istio-proxy'].map((container) => {
      const facts = rig.facts(logOf('u1', container))
      return typeof facts === 'string' ? facts : [facts.isLeftOut, facts.parse]
    })
    assert.deepEqual(wishes, [
      [false, 'json'],
      [true, 'nginx'],
      [true, 'json'],
    ])
  })

  it('that ask for nothing are warned of by name, and the default holds', async (context) => {
    const rig = await PodsRig.open(context, { clock })
    rig.api.put({
      ...cart,
      annotations: {
        'logferry.io/exclude': 'yes',
        'logferry.io/parse-app': 'ngnix',
        'logferry.io/parser': 'json',
      },
    })
    rig.start()
    await rig.watching()
    const facts = rig.facts(logOf('u1'))
    assert.ok(typeof facts === 'object')
    assert.deepEqual([facts.isLeftOut, facts.parse], [false, undefined])
    const said = rig.said.join('\n')
    assert.match(said, /"pod":"shop\/cart-1"/)
    assert.match(said, /logferry\.io\/exclude cannot be "yes": it is "true" or "false"/)
    assert.match(
      said,
      /parse-app cannot be "ngnix": it is one of auto, json, nginx \(did you mean "nginx"\?\)/,
    )
    assert.match(said, /there is no annotation logferry\.io\/parser \(did you mean "parse"\?\)/)
  })
})

it('a node of which the API knows no pod is asked about', async (context) => {
  const rig = await PodsRig.open(context, { clock, settings: { node: 'nod-1' } })
  rig.api.put(cart)
  rig.start()
  await rig.watching()
  assert.match(rig.said.join('\n'), /knows no pod on this node; is its name right\? .*"nod-1"/)
})
