import assert from 'node:assert/strict'
import { it } from 'node:test'
import { AgentRig, assertAddsUp } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { nothingWrong, tally } from '../support/tally.ts'

const nowhere = { nodes: ['http://127.0.0.1:9'] }

async function fillBuffer(rig: AgentRig, lines: number): Promise<ReturnType<AgentRig['start']>> {
  rig.configure({
    buffer: { max_bytes: '4MiB' },
    sources: { app: rig.fileSource('app.log') },
    sinks: { es: rig.elasticsearchSink(nowhere) },
  })
  rig.write(lines, { pad: 1000 })
  const agent = await rig.start()
  await until(async () => (await rig.status(agent)).buffer.state === 'full', 'the buffer is full')
  return agent
}

it('a reload that mends the sink whose lag fills the buffer, and changes the source with it, does not wait for ever', async (context) => {
  const rig = await AgentRig.open(context)
  const agent = await fillBuffer(rig, 8000)
  rig.configure({
    sources: { app: rig.fileSource('app.log', { fields: { env: 'test' } }) },
    sinks: { es: rig.elasticsearchSink() },
  })
  agent.child.kill('SIGHUP')
  await rig.arrived(8000)
  assertAddsUp(await rig.status(agent))
  assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
})

it('a reload that removes the sink whose lag fills the buffer lets reading go on', async (context) => {
  const rig = await AgentRig.open(context)
  const agent = await fillBuffer(rig, 8000)
  rig.configure({ sinks: { other: rig.elasticsearchSink() } })
  agent.child.kill('SIGHUP')
  // What was read before the new sink existed is filtered for it; the rest goes there.
  await until(async () => {
    const { buffer, ledger, files } = await rig.status(agent)
    const sink = ledger['app']?.sinks['other']
    return (
      buffer.state === 'ok' && files[0]?.lag_bytes === 0 && sink?.in_buffer === 0 && sink.acknowledged > 0
    )
  }, 'the new sink has the rest')
  const status = await rig.status(agent)
  assertAddsUp(status)
  assert.equal(rig.documents().length, status.ledger['app']!.sinks['other']!.acknowledged)
})

it('SIGTERM while a reload waits for nothing ends the agent', async (context) => {
  const rig = await AgentRig.open(context)
  const agent = await fillBuffer(rig, 8000)
  rig.configure({ sources: { app: rig.fileSource('app.log', { fields: { env: 'test' } }) } })
  agent.child.kill('SIGHUP')
  const { code } = await agent.kill('SIGTERM')
  assert.equal(code, 0)
})
