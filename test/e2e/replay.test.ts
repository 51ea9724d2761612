import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { AgentRig, assertAddsUp } from '../support/agent-rig.ts'
import type { SinkRow } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { SpawnedAgent } from '../support/spawn-agent.ts'

/** A command beside the agent, as people type it. Ends with the test. */
function command(context: TestContext, rig: AgentRig, words: readonly string[]): SpawnedAgent {
  const spawned = new SpawnedAgent([...words, '-c', rig.configPath])
  context.after(() => spawned.kill())
  return spawned
}

interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

async function said(context: TestContext, rig: AgentRig, ...words: string[]): Promise<Said> {
  const spawned = command(context, rig, words)
  const { code } = await spawned.exited
  return { code, stdout: spawned.stdout, stderr: spawned.stderr }
}

interface SinkState {
  readonly row: SinkRow
  readonly stored: number
  readonly replayed: number
}

async function stateOf(rig: AgentRig, agent: SpawnedAgent): Promise<SinkState> {
  const { body } = await rig.get(agent, '/status')
  const status = JSON.parse(body)
  assertAddsUp(status)
  const sink = status.sinks.es
  return {
    row: status.ledger.app.sinks.es,
    stored: sink.dead_letters_stored,
    replayed: sink.replayed,
  }
}

const lettersIn = (rig: AgentRig): string[] => {
  const folder = join(rig.dataDir, 'dead_letters/es')
  return existsSync(folder) ? readdirSync(folder) : []
}

describe('logferry replay', () => {
  it('sends a stretch of the buffer again by the time of its events, outside the ledger', async (context) => {
    const rig = await AgentRig.open(context, { buffer: { retain: '1h' } })
    const line = (n: number, level: string): string =>
      `${JSON.stringify({ '@timestamp': `2026-11-26T10:00:0${n}Z`, level, n })}\n`
    rig.append(line(1, 'info') + line(2, 'error') + line(3, 'info') + line(4, 'error'))
    const agent = await rig.start()
    await rig.arrived(4)
    await until(async () => (await stateOf(rig, agent)).row.acknowledged === 4, 'all are settled')
    rig.elasticsearch.indices.clear()

    const stretch = ['--from', '2026-11-26T10:00:02Z', '--to', '2026-11-26T10:00:04Z']
    const first = await said(context, rig, 'replay', ...stretch)
    assert.deepEqual([first.code, first.stdout], [0, 'es: sent 2 events again\n'], first.stderr)
    const numbers = rig.documents().map((text) => JSON.parse(text).n)
    assert.deepEqual(numbers, [2, 3])

    const errors = ['--from', '2026-11-26', '--to', '2026-11-27', '--label', 'level=error']
    const second = await said(context, rig, 'replay', ...errors, '--sink', 'es', '--json')
    const { sinks, cancelled } = JSON.parse(second.stdout)
    assert.deepEqual([sinks.es.sent, sinks.es.already_there, sinks.es.refused, cancelled], [2, 1, 0, false])
    assert.equal(rig.elasticsearch.indices.size, 3)

    const { row, replayed } = await stateOf(rig, agent)
    assert.deepEqual([row.acknowledged, row.in_buffer, replayed], [4, 0, 4])
    const { body } = await rig.get(agent, '/metrics')
    assert.match(body, /^logferry_sink_replayed_events_total\{sink="es"\} 4$/m)
    const nothing = await said(context, rig, 'replay', ...stretch, '--source', 'web')
    assert.equal(nothing.stdout, 'es: no events of that stretch are in the buffer for it\n')
    // A label that no object can have is no label less.
    const odd = await said(context, rig, 'replay', ...stretch, '--label', '__proto__=x')
    assert.equal(odd.stdout, nothing.stdout)
  })

  it('gives a new sink what is older than it, where it is named', async (context) => {
    const rig = await AgentRig.open(context, { buffer: { retain: '1h' } })
    rig.write(30)
    const agent = await rig.start()
    await rig.arrived(30)
    const archive = { type: 'file', path: join(rig.folder, 'archive.ndjson') }
    rig.configure({ sinks: { es: rig.elasticsearchSink(), archive } })
    await until(
      () => agent.stderr.includes('"msg":"the config was reloaded"') || hasSink(rig, agent),
      'it is there',
    )
    const stretch = ['--from', '1h', '--to', 'now']
    const all = await said(context, rig, 'replay', ...stretch)
    assert.equal(
      all.stdout,
      'es: sent 30 events again, of which it had 30 events already\narchive: no events of that stretch are in the buffer for it\n',
    )
    const named = await said(context, rig, 'replay', ...stretch, '--sink', 'archive')
    assert.deepEqual([named.code, named.stdout], [0, 'archive: sent 30 events again\n'], named.stderr)
    assert.equal(readFileSync(archive.path, 'utf8').trim().split('\n').length, 30)
  })

  it('waits for a sink that is down, is one at a time, and ends with Ctrl-C', async (context) => {
    const rig = await AgentRig.open(context, { buffer: { retain: '1h' } })
    rig.write(2000)
    const agent = await rig.start()
    await rig.arrived(2000)
    await rig.sinkDown()
    rig.write(1)
    await until(async () => (await rig.status(agent)).sinks['es']!.state === 'retrying', 'it is down')
    const words = ['replay', '--from', '1h', '--to', 'now']
    const waiting = command(context, rig, words)
    await until(() => agent.stderr.includes('a command has begun a job'), 'it has begun')
    const other = await said(context, rig, ...words)
    assert.equal(other.code, 1)
    assert.match(other.stderr, /a replay of the buffer is going on since .*: wait for its end, or stop it/)
    waiting.child.kill('SIGINT')
    assert.equal((await waiting.exited).code, 1)
    assert.match(waiting.stdout, /^Ended before its end; so far:\nes: sent 0 events again\n/)
    await rig.sinkUp()
    await rig.arrived(2001)
    const later = await said(context, rig, ...words)
    assert.match(later.stdout, /^es: sent 2,001 events again, of which it had 2,001 events already\n/)
  })

  it('ends with the agent, and where a reload changes the sink', async (context) => {
    const rig = await AgentRig.open(context, { buffer: { retain: '1h' } })
    rig.write(100)
    const agent = await rig.start()
    await rig.arrived(100)
    await rig.sinkDown()
    rig.write(1)
    await until(async () => (await rig.status(agent)).sinks['es']!.state === 'retrying', 'it is down')
    const begun = (): number => agent.stderr.split('a command has begun a job').length - 1
    const first = command(context, rig, ['replay', '--from', '1h', '--to', 'now'])
    await until(() => begun() === 1, 'it has begun')
    rig.configure({ sinks: { es: rig.elasticsearchSink({ timeout: '2s' }) } })
    assert.equal((await first.exited).code, 1)
    assert.match(first.stdout, /it ended early, as a reload has changed or removed the sink/)
    await until(async () => (await rig.status(agent)).sinks['es']!.state === 'retrying', 'it is down still')
    const second = command(context, rig, ['replay', '--from', '1h', '--to', 'now', '--json'])
    await until(() => begun() === 2, 'it has begun')
    assert.equal((await agent.kill('SIGTERM')).code, 0)
    assert.equal((await second.exited).code, 1)
    assert.equal(JSON.parse(second.stdout).cancelled, true)
  })

  it('says what is wrong with what was asked, and that no agent runs', async (context) => {
    const rig = await AgentRig.open(context)
    const asked = async (...words: string[]): Promise<string> => {
      const { code, stderr } = await said(context, rig, 'replay', ...words)
      return `${code} ${stderr.split('\n')[0]}`
    }
    assert.match(await asked('--to', 'now'), /^2 .*--from: is missing/)
    assert.match(await asked('--from', '1h', '--to', '2h'), /^2 .*--to: is not behind --from/)
    assert.match(
      await asked('--from', '1h', '--to', 'now', '--label', 'x'),
      /^2 .*expected NAME=VALUE, found "x"/,
    )
    assert.match(await asked('--from', '1h', '--to', 'now', '--sink', 'ess'), /did you mean "es"/)
    assert.match(await asked('--from', '1h', '--to', 'now'), /^1 .*no agent runs on data_dir/)
  })
})

function hasSink(rig: AgentRig, agent: SpawnedAgent): Promise<boolean> {
  return rig.status(agent).then(({ sinks }) => 'archive' in sinks)
}

describe('logferry dlq replay', () => {
  /** Two events are refused, as the field n is a number to the index; one of them will always be. */
  async function refused(context: TestContext): Promise<{ rig: AgentRig; agent: SpawnedAgent }> {
    const rig = await AgentRig.open(context)
    rig.append('{"n":1}\n')
    const agent = await rig.start()
    await rig.arrived(1)
    rig.append('{"n":"text"}\n{"n":"more text"}\n{"n":2}\n')
    await until(async () => (await stateOf(rig, agent)).stored === 2, 'two are refused')
    await rig.arrived(2)
    return { rig, agent }
  }

  it('takes out what the sink takes, once the mapping is put right, and none is doubled', async (context) => {
    const { rig, agent } = await refused(context)
    const again = await said(context, rig, 'dlq', 'replay')
    assert.equal(again.code, 1)
    assert.match(
      again.stdout,
      /^es: took 0 dead letters; refused again, and kept, 2 dead letters\n {2}mapping 2 events: /,
    )
    const shown = await said(context, rig, 'dlq', 'show', '--json')
    assert.deepEqual(
      shown.stdout
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text).attempts),
      [2, 2],
    )
    rig.elasticsearch.indices.forgetMappings()
    const done = await said(context, rig, 'dlq', 'replay', '--reason', 'mapping', '--json')
    assert.equal(done.code, 0, done.stderr)
    assert.equal(JSON.parse(done.stdout).sinks.es.sent, 2)
    assert.equal(rig.elasticsearch.indices.size, 4)
    assert.ok(rig.elasticsearch.documents().every(({ version }) => version === 1))
    const { row, stored, replayed } = await stateOf(rig, agent)
    assert.deepEqual([row.dead_lettered, row.acknowledged, stored, replayed], [2, 2, 0, 2])
    assert.deepEqual(lettersIn(rig), [])
    // A start has nothing to put right, and knows what was replayed.
    await agent.kill('SIGTERM')
    const next = await rig.start()
    const after = await stateOf(rig, next)
    assert.deepEqual([after.row.dead_lettered, after.row.dropped, after.replayed], [2, {}, 2])
    assert.equal((await said(context, rig, 'dlq', 'replay')).stdout, 'No dead letters.\n')
  })

  it('purges beside the running agent', async (context) => {
    const { rig, agent } = await refused(context)
    const purged = await said(context, rig, 'dlq', 'purge', '--yes')
    assert.deepEqual([purged.code, purged.stdout], [0, 'Deleted 2 dead letters.\n'], purged.stderr)
    const { row, stored } = await stateOf(rig, agent)
    assert.deepEqual([row.dead_lettered, row.dropped, stored], [0, { purged: 2 }, 0])
    rig.append('{"n":"again"}\n')
    await until(async () => (await stateOf(rig, agent)).stored === 1, 'a new one is written')
    await agent.kill('SIGTERM')
    const next = await rig.start()
    const after = await stateOf(rig, next)
    assert.deepEqual([after.row.dead_lettered, after.row.dropped], [1, { purged: 2 }])
  })
})

describe('a kill in the middle of a dlq replay', () => {
  it('loses no letter, sends none for ever, and the ledger adds up', async (context) => {
    const rig = await AgentRig.open(context)
    rig.append('{"n":1}\n')
    const first = await rig.start()
    await rig.arrived(1)
    const lines = 3000
    rig.append(Array.from({ length: lines }, (_, n) => `{"n":"text ${n}"}\n`).join(''))
    await until(async () => (await stateOf(rig, first)).stored === lines, 'all are refused')
    await first.kill('SIGTERM')
    rig.elasticsearch.indices.forgetMappings()
    for (let kill = 0; kill < 3; kill++) {
      const agent = await rig.start()
      const before = rig.elasticsearch.indices.size
      const replay = command(context, rig, ['dlq', 'replay'])
      await until(
        () => rig.elasticsearch.indices.size > before || replay.child.exitCode !== null,
        'some arrive',
      )
      await agent.kill('SIGKILL')
      assert.match(`${(await replay.exited).code} ${replay.stderr}`, /^1 .*ended before it was done|^0 $/s)
    }
    const agent = await rig.start()
    const done = await said(context, rig, 'dlq', 'replay')
    assert.equal(done.code, 0, done.stdout + done.stderr)
    const { row, stored, replayed } = await stateOf(rig, agent)
    assert.deepEqual([row.dead_lettered, row.dropped, stored], [lines, {}, 0])
    assert.equal(replayed, lines)
    assert.deepEqual(lettersIn(rig), [])
    assert.equal(rig.elasticsearch.indices.size, lines + 1)
    assert.ok(rig.elasticsearch.documents().every(({ version }) => version === 1))
  })
})
