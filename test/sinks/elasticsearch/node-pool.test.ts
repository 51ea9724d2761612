import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { UndiciConnection } from '@elastic/transport'
import { NodePool } from '../../../src/sinks/elasticsearch/node-pool.ts'
import { startFakeElasticsearch } from '../../support/fake-elasticsearch.ts'
import type { FakeElasticsearch } from '../../support/fake-elasticsearch.ts'
import { until } from '../../support/fake-clock.ts'

const closers: (() => Promise<unknown>)[] = []
after(() => Promise.all(closers.map((close) => close())))

type Connection = NodePool['connections'][number]

/** Two nodes, and the time by which the pool is asked; only the server's answers take real time. */
async function pool() {
  const fakes = [await startFakeElasticsearch(), await startFakeElasticsearch()]
  const nodes = new NodePool({ Connection: UndiciConnection })
  nodes.addConnection(fakes.map(({ url }) => url))
  closers.push(() => nodes.empty(), ...fakes.map((fake) => () => fake.close()))
  const byUrl = (fake: FakeElasticsearch): Connection =>
    nodes.connections.find(({ url }) => url.origin === fake.url)!
  const ask = (now: number): Connection =>
    nodes.getConnection({ now, requestId: 1, name: 'x', context: null })!
  return { nodes, fakes, ask, first: byUrl(fakes[0]!), second: byUrl(fakes[1]!) }
}

const pings = ({ requests }: FakeElasticsearch): number =>
  requests.filter(({ method }) => method === 'HEAD').length
const now = (): number => Date.now()
const second = 1_000

test('nodes take turns, and one that failed is left out while it rests', async () => {
  const { nodes, ask, first, second: other, fakes } = await pool()
  assert.equal(new Set([ask(0), ask(0)]).size, 2)
  nodes.markDead(first)
  for (let i = 0; i < 10; i += 1) assert.equal(ask(now()), other)
  assert.equal(pings(fakes[0]!), 0)
})

test('after its rest it is pinged once, beside the requests, and then it takes its turn again', async () => {
  const { nodes, ask, first, second: other, fakes } = await pool()
  nodes.markDead(first)
  const later = now() + 1.5 * second
  // As many requests as may be while the ping is on its way: none of them waits, none goes there.
  for (let i = 0; i < 10; i += 1) assert.equal(ask(later), other)
  await until(() => first.status === 'alive', 'the ping has been answered')
  assert.equal(pings(fakes[0]!), 1)
  assert.equal(new Set([ask(later), ask(later)]).size, 2)
})

test('requests that fail together count once, and each failed ping doubles the rest', async () => {
  const { nodes, ask, first, fakes } = await pool()
  for (let i = 0; i < 8; i += 1) nodes.markDead(first)
  assert.equal(first.deadCount, 1)
  await fakes[0]!.close()
  for (let failures = 2; failures <= 10; failures += 1) {
    ask(first.resurrectTimeout)
    await until(() => first.deadCount === failures, 'the ping has failed')
  }
  const rest = first.resurrectTimeout - now()
  assert.ok(rest > 60 * second && rest <= 64 * second, String(rest))
})

test('a node whose proxy answers pings but fails requests rests longer each time', async () => {
  const { nodes, ask, first } = await pool()
  for (let failures = 1; failures <= 3; failures += 1) {
    nodes.markDead(first)
    assert.equal(first.deadCount, failures)
    ask(first.resurrectTimeout)
    await until(() => first.status === 'alive', 'the ping has been answered')
  }
  nodes.markAlive(first)
  assert.equal(first.deadCount, 0)
})

test('where all nodes have failed, requests go on in turns: one of them may be back before its ping', async () => {
  const { nodes, ask, first, second: other } = await pool()
  nodes.markDead(first)
  nodes.markDead(other)
  assert.equal(new Set([ask(now()), ask(now())]).size, 2)
})
