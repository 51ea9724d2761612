import assert from 'node:assert/strict'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { AgentRig } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { SpawnedAgent } from '../support/spawn-agent.ts'

/** A command beside the running agent, as people on call type it. Ends with the test. */
function command(context: TestContext, rig: AgentRig, words: readonly string[]): SpawnedAgent {
  const [name, ...rest] = words
  const spawned = new SpawnedAgent([name!, '-c', rig.configPath, ...rest])
  context.after(() => spawned.kill())
  return spawned
}

describe('beside a running agent', () => {
  it('status asks it over its socket, and says that none runs once it has stopped', async (context) => {
    const rig = await AgentRig.open(context, { admin: false })
    rig.write(20)
    const agent = await rig.start()
    await rig.arrived(20)
    const status = command(context, rig, ['status'])
    assert.equal((await status.exited).code, 0, status.stderr)
    assert.match(status.stdout, /^es +ok +20 /m)
    await agent.kill('SIGTERM')
    const later = command(context, rig, ['status'])
    assert.equal((await later.exited).code, 1)
    assert.match(later.stderr, /no agent runs on data_dir/)
  })

  it('tap shows what passes and matches, ends with the agent, and nothing is sent for it or kept from the sinks', async (context) => {
    const rig = await AgentRig.open(context)
    const agent = await rig.start()
    const tap = command(context, rig, ['tap', '--where', "level == 'error'"])
    const line = (level: string, n: number): string => `${JSON.stringify({ level, n, msg: 'tapped' })}\n`
    let n = 0
    await until(() => {
      // Until the tap is there, and once more behind that.
      appendFileSync(join(rig.logs, 'app.log'), line('info', n) + line('error', n++))
      return tap.stdout.includes('tapped')
    }, 'the tap shows a line')
    const shown = tap.stdout.trim().split('\n')
    assert.ok(shown.every((text) => text.includes('"level":"error"')))
    await rig.arrived(2 * n)
    await agent.kill('SIGTERM')
    assert.equal((await tap.exited).code, 0, tap.stderr)
    assert.match(tap.stderr, /The agent has stopped/)
  })
})
