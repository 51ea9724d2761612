import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { until } from '../support/fake-clock.ts'
import type { SpawnedAgent } from '../support/spawn-agent.ts'
import { nothingWrong, tally } from '../support/tally.ts'
import { AgentRig } from '../support/agent-rig.ts'

/** Long enough that only a wrong turn waits for it: a test that gets there fails by its own bound. */
const never = '10m'

/** The exit, if it comes long before `never`. */
async function exitOf(agent: SpawnedAgent, what: string): Promise<number | null> {
  await until(
    () => agent.child.exitCode !== null || agent.child.signalCode !== null,
    `it exits: ${what}`,
    30_000,
  )
  return (await agent.exited).code
}

const isCaught = (agent: SpawnedAgent, signalNumber: number): boolean => {
  const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${agent.child.pid}/status`, 'utf8'))?.[1]
  return (BigInt(`0x${caught ?? 0}`) & (1n << BigInt(signalNumber - 1))) !== 0n
}

describe('SIGTERM', () => {
  it('five times under load, with a start after each: exit 0, nothing lost, and nothing sent twice even without ids', async (context) => {
    const rig = await AgentRig.open(context)
    rig.configure({ sinks: { es: rig.elasticsearchSink({ id: 'none' }) } })
    const writing = setInterval(() => rig.write(40), 10)
    context.after(() => clearInterval(writing))
    for (let stop = 0; stop < 5; stop += 1) {
      const before = rig.documents().length
      const agent = await rig.start()
      await rig.arrived(before + 300)
      // SIGINT is the same thing.
      agent.child.kill(stop % 2 === 0 ? 'SIGTERM' : 'SIGINT')
      assert.equal(await exitOf(agent, 'under load'), 0, agent.stderr)
      assert.match(agent.stderr, /"msg":"stopped"/)
    }
    clearInterval(writing)
    const { code, stderr } = await rig.once()
    assert.equal(code, 0, stderr)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })

  it('sends what still waits for its batch to fill', async (context) => {
    const rig = await AgentRig.open(context, { shutdown_timeout: never })
    rig.configure({ sinks: { es: rig.elasticsearchSink({ batch: { max_wait: '1h' } }) } })
    rig.write(20)
    const agent = await rig.start()
    await until(async () => (await rig.status(agent)).sinks['es']!.lag_events === 20, 'all is read')
    assert.equal(rig.documents().length, 0)
    agent.child.kill('SIGTERM')
    assert.equal(await exitOf(agent, 'a waiting batch'), 0, agent.stderr)
    assert.equal(rig.documents().length, 20)
  })

  it('with a sink that hangs exits 0 at shutdown_timeout, and the next start ships what was under way', async (context) => {
    const rig = await AgentRig.open(context, { shutdown_timeout: '500ms' })
    rig.configure({ sinks: { es: rig.elasticsearchSink({ timeout: never }) } })
    rig.elasticsearch.faults.set({ hang: 1 })
    rig.write(500)
    const agent = await rig.start()
    await until(() => rig.elasticsearch.bulkRequests > 0, 'a request hangs')
    agent.child.kill('SIGTERM')
    assert.equal(await exitOf(agent, 'a sink that hangs'), 0, agent.stderr)
    rig.elasticsearch.faults.set({})
    assert.equal((await rig.once()).code, 0)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })

  it('with a dead sink and a full buffer exits 0 at once, long before shutdown_timeout', async (context) => {
    const rig = await AgentRig.open(context, { shutdown_timeout: never, buffer: { max_bytes: '4MiB' } })
    await rig.sinkDown()
    rig.write(6000, { pad: 1000 })
    const agent = await rig.start()
    await until(async () => (await rig.status(agent)).buffer.state === 'full', 'the buffer is full')
    agent.child.kill('SIGTERM')
    assert.equal(await exitOf(agent, 'a full buffer'), 0, agent.stderr)
    await rig.sinkUp()
    const { code, stderr } = await rig.once()
    assert.equal(code, 0, stderr)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })

  it('a second one exits at once, and nothing is lost', async (context) => {
    const rig = await AgentRig.open(context, { shutdown_timeout: never })
    rig.configure({ sinks: { es: rig.elasticsearchSink({ timeout: never }) } })
    rig.elasticsearch.faults.set({ hangStored: 1 })
    rig.write(500)
    const agent = await rig.start()
    await until(() => rig.elasticsearch.bulkRequests > 0, 'a request hangs')
    agent.child.kill('SIGTERM')
    await until(() => agent.stderr.includes('stopping:'), 'the stop has begun')
    agent.child.kill('SIGINT')
    assert.equal(await exitOf(agent, 'told twice'), 1, agent.stderr)
    rig.elasticsearch.faults.set({})
    assert.equal((await rig.once()).code, 0)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })
})

describe('the other signals', () => {
  it('SIGUSR2 sends what is buffered now, SIGUSR1 does nothing at all', async (context) => {
    const rig = await AgentRig.open(context)
    rig.configure({ sinks: { es: rig.elasticsearchSink({ batch: { max_wait: '1h' } }) } })
    rig.write(30)
    const agent = await rig.start()
    await until(async () => (await rig.status(agent)).sinks['es']!.lag_events === 30, 'all is read')
    agent.child.kill('SIGUSR1')
    assert.equal((await rig.get(agent, '/health/live')).status, 200)
    assert.equal(rig.documents().length, 0)
    agent.child.kill('SIGUSR2')
    await rig.arrived(30)
    assert.doesNotMatch(agent.stderr, /[Dd]ebugger/)
  })

  for (const [signal, number] of [
    ['SIGHUP', 1],
    ['SIGUSR2', 12],
  ] as const) {
    it(`${signal} in the first moments of a start does not end it`, async (context) => {
      const rig = await AgentRig.open(context)
      rig.write(10)
      const agent = rig.spawn()
      // Nothing can be done before main.ts runs; from its first lines on the signal is caught.
      await until(() => isCaught(agent, number), `${signal} is caught`)
      const wasEarly = agent.stderr === ''
      agent.child.kill(signal)
      await rig.arrived(10)
      assert.ok(wasEarly)
      assert.equal(agent.child.exitCode, null)
    })
  }
})
