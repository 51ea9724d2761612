import assert from 'node:assert/strict'
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { encodeLetter } from '../../src/delivery/letters/dead-letter.ts'
import { AgentRig, assertAddsUp } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { fakeLetter, writeLetters } from '../support/letters.ts'
import type { SpawnedAgent } from '../support/spawn-agent.ts'
import { say } from './fake-io.ts'

describe('logferry dlq purge', () => {
  it('moves what it deletes to dropped{purged}, over the next start, and the ledger adds up', async (context) => {
    const rig = await AgentRig.open(context)
    const row = async (agent: SpawnedAgent) => {
      const status = await rig.status(agent)
      assertAddsUp(status)
      return status.ledger['app']!.sinks['es']!
    }
    const purge = (...words: string[]) => say(['dlq', 'purge', '-c', rig.configPath, ...words])
    rig.append('{"n":1}\n')
    const first = await rig.start()
    await rig.arrived(1)
    rig.append('{"n":"text"}\n{"n":"more text"}\n{"n":2}\n')
    await until(async () => (await row(first)).dead_lettered === 2, 'two are refused')

    await rig.arrived(2)
    await first.kill('SIGTERM')

    const asked = await purge()
    assert.equal(asked.status, 2)
    assert.match(asked.stderr, /nothing was done: 2 dead letters would be deleted\n/)
    assert.equal((await purge('--sink', 'loki', '--yes')).stdout, 'Deleted 0 dead letters.\n')
    assert.equal((await purge('--before', '1d', '--yes')).stdout, 'Deleted 0 dead letters.\n')
    const done = await purge('--reason', 'mapping', '--yes', '--json')
    assert.deepEqual([done.status, done.stdout], [0, '{"purged":2}\n'])

    rig.append('{"n":"again"}\n')
    const second = await rig.start()
    await until(async () => (await row(second)).dead_lettered === 1, 'a new one is refused')
    const { acknowledged, dropped } = await row(second)
    assert.deepEqual([acknowledged, dropped], [2, { purged: 2 }])
    await second.kill('SIGTERM')
    // What is counted is what is there: the next start has nothing to put right.
    const third = await rig.start()
    const { dead_lettered: left, dropped: stillDropped } = await row(third)
    assert.deepEqual([left, stillDropped], [1, { purged: 2 }])
  })

  it('keeps the other lines byte for byte, closed to others, and leaves nothing else behind', async (context) => {
    const rig = await AgentRig.open(context)
    mkdirSync(rig.dataDir, { mode: 0o700 })
    const letters = [
      fakeLetter({ id: 'a-0-1' }),
      fakeLetter({ id: 'a-1-1', reason: 'malformed', event: { target: 't', body: 'é'.repeat(300_000) } }),
      fakeLetter({ id: 'a-2-1' }),
    ]
    await writeLetters(rig.dataDir, 'es/001.ndjson', [...letters, 'rubbish\n', '{"id":"torn'])
    await writeLetters(rig.dataDir, 'es/002.ndjson', [letters[0]!])
    const folder = join(rig.dataDir, 'dead_letters/es')
    // Of a purge that was killed.
    writeFileSync(join(folder, '001.ndjson.new'), 'half')
    const { status, stdout } = await say([
      'dlq',
      'purge',
      '-c',
      rig.configPath,
      '--reason',
      'mapping',
      '--yes',
    ])
    assert.deepEqual([status, stdout], [0, 'Deleted 3 dead letters.\n'])
    const kept = Buffer.concat([encodeLetter(letters[1]!), Buffer.from('rubbish\n')])
    assert.deepEqual(readdirSync(folder), ['001.ndjson'])
    assert.deepEqual(readFileSync(join(folder, '001.ndjson')), kept)
    assert.equal(statSync(join(folder, '001.ndjson')).mode & 0o777, 0o600)
    assert.equal(existsSync(join(rig.dataDir, 'cursors')), false)
  })
})
