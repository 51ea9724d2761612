import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { describe, it, type TestContext } from 'node:test'
import { AgentRig, assertAddsUp } from '../../support/agent-rig.ts'
import { until } from '../../support/fake-clock.ts'
import type { SpawnedAgent } from '../../support/spawn-agent.ts'
import { nothingWrong, tally } from '../../support/tally.ts'

/**
 * A second door to the rig's Elasticsearch, as a node of the same cluster: requests are passed on, after `delayMs`
 * (never, where that is infinite), or refused with `status`.
 */
class Node {
  status: number | undefined
  delayMs = 0
  requests = 0
  pings = 0
  #server: Server | undefined
  #port = 0
  readonly #target: () => string

  constructor(target: () => string) {
    this.#target = target
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async up(): Promise<void> {
    const server = createServer((request, response) => {
      if (request.method === 'HEAD') this.pings += 1
      else this.requests += 1
      const parts: Buffer[] = []
      request.on('data', (part: Buffer) => parts.push(part))
      request.on('error', () => {})
      request.on('end', () => {
        if (this.status !== undefined) {
          response.writeHead(this.status, { 'content-type': 'text/html' }).end('<html>bad gateway</html>')
          return
        }
        const pass = async (): Promise<void> => {
          const { method = 'GET', url = '/', headers } = request
          const { host: _host, connection: _connection, 'content-length': _length, ...others } = headers
          const answer = await fetch(this.#target() + url, {
            method,
            headers: Object.entries(others).map(([name, value]): [string, string] => [name, String(value)]),
            ...(method === 'POST' && { body: Buffer.concat(parts) }),
          })
          response.writeHead(answer.status, { 'content-type': 'application/json' })
          response.end(method === 'HEAD' ? undefined : await answer.text())
        }
        if (this.delayMs === Infinity) return
        setTimeout(() => void pass().catch(() => response.destroy()), this.delayMs)
      })
    })
    this.#server = server
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    const address = server.address()
    this.#port = typeof address === 'object' && address ? address.port : 0
  }

  async down(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (!server) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
  }
}

interface Cluster {
  readonly rig: AgentRig
  readonly nodes: readonly [Node, Node, Node]
  readonly agent: SpawnedAgent
  /** Requests that did not end with 200, by what the metrics say. */
  readonly failures: () => Promise<number>
  /** Ships one event a batch, one after the other. */
  readonly ship: (batches: number) => Promise<void>
}

async function cluster(context: TestContext, settings: Record<string, unknown> = {}): Promise<Cluster> {
  const rig = await AgentRig.open(context)
  const node = (): Node => new Node(() => rig.elasticsearch.url)
  const nodes: Cluster['nodes'] = [node(), node(), node()]
  context.after(() => Promise.all(nodes.map((one) => one.down())))
  for (const one of nodes) await one.up()
  const sink = rig.elasticsearchSink({ nodes: nodes.map(({ url }) => url), ...settings })
  rig.configure({ sinks: { es: sink } })
  const agent = await rig.start()
  let shipped = 0
  return {
    rig,
    nodes,
    agent,
    async failures() {
      const { body } = await rig.get(agent, '/metrics')
      const samples = body.split('\n').filter((line) => line.startsWith('logferry_sink_requests_total{'))
      const failed = samples.filter((line) => !line.includes('code="200"'))
      return failed.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0)
    },
    async ship(batches) {
      for (let batch = 0; batch < batches; batch += 1) {
        rig.write(1)
        shipped += 1
        await rig.arrived(shipped)
      }
    },
  }
}

async function assertWhole({ rig, agent }: Cluster): Promise<void> {
  await until(async () => (await rig.status(agent)).sinks['es']!.lag_events === 0, 'all is settled')
  assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  assertAddsUp(await rig.status(agent))
}

describe('of several nodes', () => {
  it('one that is down costs one request, not one of every request, and it is asked again once it is back', async (context) => {
    const made = await cluster(context)
    const { nodes, ship, failures } = made
    await ship(6)
    assert.ok(
      nodes.every(({ requests }) => requests > 0),
      'they take turns',
    )
    await nodes[0].down()
    const before = await failures()
    await ship(30)
    // One that was on its way when it went, and at most one more that met the closed door.
    assert.ok((await failures()) - before <= 2, `${await failures()} requests failed`)
    const served = nodes[0].requests
    await nodes[0].up()
    const isBack = async (): Promise<boolean> => {
      await ship(1)
      return nodes[0].requests > served
    }
    await until(isBack, 'the node that came back takes requests', 30_000)
    await assertWhole(made)
  })

  for (const status of [502, 503, 504]) {
    it(`one that answers ${status} is left out, and found again when it is well`, async (context) => {
      const made = await cluster(context)
      const { nodes, ship, failures } = made
      nodes[1].status = status
      await ship(30)
      assert.ok((await failures()) <= 2, `${await failures()} requests failed`)
      assert.ok(nodes[1].requests <= 2)
      nodes[1].status = undefined
      const served = nodes[1].requests
      const isBack = async (): Promise<boolean> => {
        await ship(1)
        return nodes[1].requests > served
      }
      await until(isBack, 'it takes requests again', 30_000)
      await assertWhole(made)
    })
  }

  it('a slow one takes its share, and one that never answers is left out after its first timeout', async (context) => {
    const made = await cluster(context, { timeout: '400ms' })
    const { nodes, ship, failures } = made
    nodes[0].delayMs = 60
    await ship(12)
    assert.ok(nodes[0].requests >= 3)
    assert.equal(await failures(), 0)
    nodes[0].delayMs = Infinity
    await ship(20)
    assert.ok((await failures()) <= 2, `${await failures()} requests failed`)
    await assertWhole(made)
  })

  it('when all are down everything waits, and the first to come back gets it', async (context) => {
    const made = await cluster(context)
    const { rig, agent, nodes, ship } = made
    await ship(3)
    for (const node of nodes) await node.down()
    rig.write(50)
    await until(async () => (await rig.status(agent)).sinks['es']!.state === 'retrying', 'the sink fails')
    await nodes[2].up()
    await rig.arrived(53)
    await assertWhole(made)
  })
})
