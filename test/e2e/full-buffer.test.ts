import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { FakeElasticsearch } from '../support/fake-elasticsearch.ts'
import { until } from '../support/fake-clock.ts'
import type { SpawnedAgent } from '../support/spawn-agent.ts'
import { nothingWrong, tally } from '../support/tally.ts'
import { AgentRig, assertAddsUp, sum } from '../support/agent-rig.ts'

const small = { buffer: { max_bytes: '4MiB' } }
const lines = 8000
const pad = 1000

const isFull = (rig: AgentRig, agent: SpawnedAgent) => async (): Promise<boolean> =>
  (await rig.status(agent)).buffer.state === 'full'

const nothingWaits = (rig: AgentRig, agent: SpawnedAgent, sink: string) => async (): Promise<boolean> => {
  const row = (await rig.status(agent)).ledger['app']!
  return row.read_events === lines && row.sinks[sink]!.in_buffer === 0
}

describe('a full buffer with a dead sink', () => {
  it('block: reading stops, health names the sink, and all arrives once it is back', async (context) => {
    const rig = await AgentRig.open(context, small)
    await rig.sinkDown()
    rig.write(lines, { pad })
    const agent = await rig.start()
    await until(isFull(rig, agent), 'the buffer is full')
    const status = await rig.status(agent)
    assertAddsUp(status)
    assert.ok(
      status.buffer.bytes <= status.buffer.max_bytes,
      `${status.buffer.bytes} of ${status.buffer.max_bytes}`,
    )
    assert.ok(status.ledger['app']!.read_events < lines)
    assert.ok(status.files[0]!.lag_bytes > 0)
    const health = JSON.parse((await rig.get(agent, '/health')).body)
    assert.equal(health.components.buffer.status, 'degraded')
    assert.match(health.components.buffer.message, /full: reading stops.*held by sink es/)
    assert.match(health.components.reader.message, /stood still .*held by sink es/)
    await rig.sinkUp()
    await until(nothingWaits(rig, agent, 'es'), 'all is sent')
    const end = await rig.status(agent)
    assert.deepEqual(end.ledger['app']!.sinks['es']!.dropped, {})
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })

  it('drop_oldest: reading goes on, and what is missing is counted to the event', async (context) => {
    const rig = await AgentRig.open(context, small)
    rig.configure({ sinks: { es: rig.elasticsearchSink({ when_full: 'drop_oldest' }) } })
    await rig.sinkDown()
    rig.write(lines, { pad })
    const agent = await rig.start()
    await until(async () => (await rig.status(agent)).ledger['app']!.read_events === lines, 'all is read')
    assertAddsUp(await rig.status(agent))
    await rig.sinkUp()
    await until(nothingWaits(rig, agent, 'es'), 'what was kept is sent')
    const { acknowledged, dropped } = (await rig.status(agent)).ledger['app']!.sinks['es']!
    assert.equal(acknowledged, rig.documents().length)
    assert.deepEqual(Object.keys(dropped), ['buffer_full'])
    assert.equal(dropped['buffer_full'], lines - acknowledged)
    assert.match(agent.stderr, /the buffer is full: its oldest events are dropped/)
    // What is missing is the oldest.
    assert.deepEqual(tally(rig.uids().slice(-acknowledged), rig.documents()), nothingWrong)
  })

  for (const when_full of ['block', 'drop_oldest'] as const) {
    it(`one dead (${when_full}) and one live: the live one goes on`, async (context) => {
      const rig = await AgentRig.open(context, small)
      const live = new FakeElasticsearch()
      context.after(() => live.close())
      await live.listen()
      const es = rig.elasticsearchSink({ when_full })
      rig.configure({ sinks: { es, live: rig.elasticsearchSink({ nodes: [live.url] }) } })
      await rig.sinkDown()
      rig.write(lines, { pad })
      const agent = await rig.start()
      if (when_full === 'block') {
        await until(isFull(rig, agent), 'the buffer is full')
        await until(
          async () => (await rig.status(agent)).sinks['live']!.lag_events === 0,
          'the live one has all that was read',
        )
        const status = await rig.status(agent)
        assert.equal(live.documents().length, status.ledger['app']!.read_events)
        await rig.sinkUp()
      }
      await until(nothingWaits(rig, agent, 'live'), 'the live one has all')
      assertAddsUp(await rig.status(agent))
      assert.deepEqual(
        tally(
          rig.uids(),
          live.documents().map(({ source }) => source),
        ),
        nothingWrong,
      )
      if (when_full === 'drop_oldest') return
      await until(nothingWaits(rig, agent, 'es'), 'the other one has all')
      assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
    })
  }

  it('a full buffer survives kill -9 and starts in the same state', async (context) => {
    const rig = await AgentRig.open(context, small)
    await rig.sinkDown()
    rig.write(lines, { pad })
    for (let run = 0; run < 2; run += 1) {
      const agent = await rig.start()
      await until(isFull(rig, agent), 'the buffer is full')
      assertAddsUp(await rig.status(agent))
      await agent.kill('SIGKILL')
    }
    await rig.sinkUp()
    const { code, stderr } = await rig.once()
    assert.equal(code, 0, stderr)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })
})

describe('a full disk', () => {
  it('by our own buffer: reading stops, the agent lives, and all arrives once the sink is back', async (context) => {
    const rig = await AgentRig.open(context)
    if (!rig.mountDataDir(6 * 1024 ** 2)) return context.skip('mount is not permitted here')
    await rig.sinkDown()
    rig.write(lines, { pad })
    const agent = await rig.start()
    await until(async () => (await rig.status(agent)).buffer.state === 'disk_full', 'the disk is full')
    assertAddsUp(await rig.status(agent))
    const health = await rig.get(agent, '/health')
    assert.match(health.body, /the disk of data_dir is full: reading stops/)
    await rig.sinkUp()
    await until(nothingWaits(rig, agent, 'es'), 'all is sent')
    assert.equal(sum((await rig.status(agent)).ledger['app']!.sinks['es']!.dropped), 0)
    agent.child.kill('SIGTERM')
    assert.equal((await agent.exited).code, 0)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })

  it('line by line, smaller than a segment, with a live sink: what is settled makes room', async (context) => {
    const rig = await AgentRig.open(context)
    if (!rig.mountDataDir(512 * 1024)) return context.skip('mount is not permitted here')
    const agent = await rig.start()
    const writing = setInterval(() => rig.write(2, { pad: 900 }), 2)
    context.after(() => clearInterval(writing))
    await until(() => rig.uids().length >= 1500, 'three times the disk is written')
    clearInterval(writing)
    await rig.arrived(rig.uids().length)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
    assertAddsUp(await rig.status(agent))
    assert.doesNotMatch(agent.stderr, /Warning/)
  })

  it('by somebody else: delivery goes on, and reading once there is room again', async (context) => {
    const rig = await AgentRig.open(context)
    if (!rig.mountDataDir(6 * 1024 ** 2)) return context.skip('mount is not permitted here')
    const agent = await rig.start()
    rig.write(100)
    await rig.arrived(100)
    const foreign = join(rig.dataDir, 'foreign')
    for (let chunk = 1024 ** 2; chunk >= 1024; chunk >>= 1) fillUp(foreign, chunk)
    rig.write(lines - 100, { pad })
    await until(async () => (await rig.status(agent)).buffer.state === 'disk_full', 'the disk is full')
    rmSync(foreign)
    await until(nothingWaits(rig, agent, 'es'), 'all is sent')
    await agent.kill('SIGKILL')
    assert.equal((await rig.once()).code, 0)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })

  it('at a start: it says so, and nothing is harmed', async (context) => {
    const rig = await AgentRig.open(context)
    if (!rig.mountDataDir(6 * 1024 ** 2)) return context.skip('mount is not permitted here')
    rig.write(10)
    assert.equal((await rig.once()).code, 0)
    const foreign = join(rig.dataDir, 'foreign')
    for (let chunk = 1024 ** 2; chunk >= 512; chunk >>= 1) fillUp(foreign, chunk)
    rig.write(10)
    const { code, stderr } = await rig.once(['--timeout', '2s'])
    assert.equal(code, 1, stderr)
    assert.match(stderr, /the disk is full|disk_full|ENOSPC|time ran out/)
    rmSync(foreign)
    assert.equal((await rig.once()).code, 0)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })
})

function fillUp(path: string, chunk: number): void {
  try {
    for (;;) writeFileSync(path, Buffer.alloc(chunk), { flag: 'a' })
  } catch (error) {
    assert.equal(error instanceof Error && 'code' in error && error.code, 'ENOSPC')
  }
}
