import assert from 'node:assert/strict'
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { AgentRig, assertAddsUp } from '../support/agent-rig.ts'
import { FakeLoki } from '../support/fake-loki.ts'
import { until } from '../support/fake-clock.ts'

/** Everything below a folder, as one text. */
function contents(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n')
}

const secret = 'Tr0ub4dor-and-3'
const steps = [
  { drop: { if: 'level == "debug"' } },
  { redact: {} },
  { redact: { fields: ['user'], with: 'hash' } },
  { route: { if: 'audit', sinks: ['loki'] } },
]

describe('steps in the agent', () => {
  it('a redacted secret is nowhere: not in the buffer, documents, Loki lines, dead letters; the ledger adds up', async (context) => {
    const loki = new FakeLoki()
    const url = await loki.start()
    context.after(() => loki.stop())
    const rig = await AgentRig.open(context)
    rig.configure({
      sources: { app: rig.fileSource('*.log', { steps }) },
      sinks: {
        es: rig.elasticsearchSink(),
        loki: { type: 'loki', url, labels: { job: 'e2e' }, batch: { max_wait: '20ms' } },
      },
    })
    // The second value of `n` is one that the index refuses: a dead letter.
    rig.append(
      `{"n":1,"user":"bob","m":"password=${secret}"}\n{"n":{"x":1},"user":"bob","password":"${secret}"}\n`,
    )
    rig.append(
      `{"level":"debug","m":"${secret}"}\ntext with pwd: ${secret} in it\n{"audit":true,"m":"Bearer ${secret}"}\n`,
    )
    const agent = await rig.start()
    await until(async () => {
      const row = (await rig.status(agent)).ledger['app']
      return row?.read_events === 5 && Object.values(row.sinks).every(({ in_buffer }) => in_buffer === 0)
    }, 'all is settled')
    const status = await rig.status(agent)
    assertAddsUp(status)
    const { es, loki: atLoki } = status.ledger['app']!.sinks
    assert.deepEqual([es!.acknowledged, es!.dead_lettered, es!.filtered], [2, 1, 2])
    assert.deepEqual([atLoki!.acknowledged, atLoki!.filtered], [4, 1])
    assert.match(
      (await rig.get(agent, '/metrics')).body,
      /logferry_source_step_errors_total\{source="app"\} 0/,
    )
    await agent.kill('SIGTERM')
    const lines = loki.entries().map(({ line }) => line)
    const stored = contents(rig.dataDir)
    assert.match(stored, /"password":"\[redacted\]"/, 'the buffer holds what was redacted')
    for (const text of [stored, rig.documents().join('\n'), lines.join('\n'), agent.stderr])
      assert.ok(!text.includes(secret), text.slice(0, 500))
    const hashes = new Set(lines.flatMap((line) => /"user":"(hash:\w{16})"/.exec(line)?.[1] ?? []))
    assert.equal(hashes.size, 1)
    assert.equal(readFileSync(join(rig.dataDir, 'redact.key'), 'utf8').length, 64)
    assert.equal(statSync(join(rig.dataDir, 'redact.key')).mode & 0o777, 0o600)
  })

  it('a file whose lines are all filtered is read on and ends as filtered, over a restart too', async (context) => {
    const rig = await AgentRig.open(context)
    rig.configure({ sources: { app: rig.fileSource('*.log', { steps: [{ keep: { if: 'false' } }] }) } })
    rig.write(1000)
    assert.equal((await rig.once()).code, 0)
    const agent = await rig.start()
    rig.write(10)
    await until(async () => (await rig.status(agent)).ledger['app']?.read_events === 1010, 'all is read')
    const status = await rig.status(agent)
    assertAddsUp(status)
    assert.equal(status.ledger['app']!.sinks['es']!.filtered, 1010)
    assert.equal(status.files[0]!.lag_bytes, 0)
    assert.deepEqual(rig.documents(), [])
  })
})
