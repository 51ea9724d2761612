import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { describe, it } from 'node:test'
import { until } from '../support/fake-clock.ts'
import { nothingWrong, tally } from '../support/tally.ts'
import { AgentRig } from '../support/agent-rig.ts'

describe('run --once', () => {
  it('ships everything, the last line without a newline too, and exits 0', async (context) => {
    const rig = await AgentRig.open(context)
    rig.write(3000)
    rig.append('the last one, unfinished')
    const { code, stderr } = await rig.once()
    assert.equal(code, 0, stderr)
    const unfinished = rig.documents().filter((text) => !text.includes('"uid"'))
    assert.equal(unfinished.length, 1)
    assert.match(unfinished[0]!, /"log\.flags":\["partial"\].*"message":"the last one, unfinished"/)
    assert.deepEqual(
      tally(
        rig.uids(),
        rig.documents().filter((text) => text.includes('"uid"')),
      ),
      nothingWrong,
    )
  })

  it('with nothing to do exits 0, and a second run ships nothing again', async (context) => {
    const rig = await AgentRig.open(context)
    assert.equal((await rig.once()).code, 0)
    rig.write(10)
    assert.equal((await rig.once()).code, 0)
    const requests = rig.elasticsearch.bulkRequests
    assert.equal((await rig.once()).code, 0)
    assert.equal(rig.elasticsearch.bulkRequests, requests)
    assert.equal(rig.documents().length, 10)
  })

  it('a dead letter makes it exit 1 with the ledger; the next run, without a new one, exits 0', async (context) => {
    const rig = await AgentRig.open(context)
    rig.append('{"uid":"a","n":1}\n{"uid":"b","n":{"x":1}}\n{"uid":"c","n":2}\n')
    const { code, stderr } = await rig.once()
    assert.equal(code, 1, stderr)
    assert.match(stderr, /not every event was accepted/)
    assert.match(stderr, /^source +sink +read +acknowledged +dead-lettered/m)
    assert.match(stderr, /^app +es +3 +2 +1 +0 +0 +0$/m)
    assert.equal(rig.documents().length, 2)
    assert.equal((await rig.once()).code, 0)
  })

  it('time that runs out at a dead sink exits 1; the next run ships what was kept, the file gone or not', async (context) => {
    const rig = await AgentRig.open(context)
    rig.write(2000)
    await rig.sinkDown()
    const { code, stderr } = await rig.once(['--timeout', '1s'])
    assert.equal(code, 1, stderr)
    assert.match(stderr, /time ran out before every sink had settled/)
    assert.match(stderr, /^app +es +2000 +0 +0 +0 +0 +2000$/m)
    rmSync(rig.logs, { recursive: true })
    await rig.sinkUp()
    const next = await rig.once()
    assert.equal(next.code, 0, next.stderr)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })

  it('takes a pipe to its end, the last line without a newline too', async (context) => {
    const rig = await AgentRig.open(context)
    rig.configure({ sources: { pipe: { type: 'stdin' } } })
    const agent = rig.spawn(['--once', '--timeout', '15s'], { input: '{"uid":"1"}\nplain\n\n{"uid":"3"}' })
    const { code } = await agent.exited
    assert.equal(code, 0, agent.stderr)
    assert.deepEqual(
      rig
        .documents()
        .map((text) => /"uid":"\d"|"message":"[^"]*"/.exec(text)?.[0])
        .toSorted(),
      ['"message":"plain"', '"uid":"1"', '"uid":"3"'],
    )
  })

  it('SIGTERM in the middle exits 1 and says that the rest stays', async (context) => {
    const rig = await AgentRig.open(context)
    rig.write(100)
    rig.elasticsearch.faults.set({ hang: 1 })
    const agent = rig.spawn(['--once'])
    await until(() => rig.elasticsearch.bulkRequests > 0, 'a request is under way')
    agent.child.kill('SIGTERM')
    assert.equal((await agent.exited).code, 1, agent.stderr)
    assert.match(agent.stderr, /interrupted before every sink had settled/)
    rig.elasticsearch.faults.set({})
    assert.equal((await rig.once()).code, 0)
    assert.deepEqual(tally(rig.uids(), rig.documents()), nothingWrong)
  })
})
