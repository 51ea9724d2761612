import assert from 'node:assert/strict'
import { readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { AgentRig } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { say } from './fake-io.ts'

/** An agent that has read what `lines` says while its sink was away. */
async function holding(context: TestContext, lines: string): Promise<AgentRig> {
  const rig = await AgentRig.open(context)
  await rig.sinkDown()
  rig.append(lines)
  const agent = await rig.start()
  const count = lines.split('\n').length - 1
  const read = async (): Promise<number> => (await rig.status(agent)).ledger['app']!.read_events
  await until(async () => (await read()) === count, 'all lines are read')
  return rig
}

const line = (second: number, message: string): string =>
  `{"time":"2026-11-20T18:00:0${second}Z","message":"${message}"}\n`
const threeLines = line(1, 'one') + line(2, 'two') + line(3, 'three')
const messages = (stdout: string): string[] =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((text) => JSON.parse(text).message)

describe('logferry buffer, beside a running agent whose sink is away', () => {
  it('ls shows segments, what is in them and who needs them', async (context) => {
    const rig = await holding(context, threeLines)
    const { status, stdout, stderr } = await say(['buffer', 'ls', '-c', rig.configPath])
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^ +1 +1 +3 +[\d.]+ (?:KiB|bytes) +2026-11-20 18:00:01 +18:00:03 +app +es$/m)
    assert.match(stdout, /^es +reading +1 +3$/m)
    assert.match(stdout, /^3 events, .* in .*\/data\/buffer$/m)
    const json = JSON.parse((await say(['buffer', 'ls', '-c', rig.configPath, '--json'])).stdout)
    const [{ path, bytes, ...segment }] = json.segments
    assert.ok(path.startsWith(join(rig.dataDir, 'buffer')) && bytes > 0)
    assert.deepEqual(segment, {
      segment: 1,
      records: 1,
      events: 3,
      first_event: '2026-11-20T18:00:01.000000000Z',
      last_event: '2026-11-20T18:00:03.000000000Z',
      sources: ['app'],
      needed_by: ['es'],
    })
    assert.deepEqual(
      json.cursors.map(({ sink, state, events_behind: behind }: Record<string, unknown>) => [
        sink,
        state,
        behind,
      ]),
      [['es', 'reading', 3]],
    )
  })

  it('cat prints the events as documents, by source, time and number', async (context) => {
    const rig = await holding(context, threeLines)
    const cat = async (...words: string[]): Promise<string[]> => {
      const { status, stdout } = await say(['buffer', 'cat', '-c', rig.configPath, ...words])
      assert.equal(status, 0)
      return messages(stdout)
    }
    assert.deepEqual(await cat(), ['one', 'two', 'three'])
    assert.deepEqual(await cat('--limit', '2'), ['one', 'two'])
    assert.deepEqual(await cat('--limit', '0'), [])
    assert.deepEqual(await cat('--source', 'web'), [])
    assert.deepEqual(await cat('--source', 'app', '--from', '2026-11-20T18:00:02Z'), ['two', 'three'])
    assert.deepEqual(await cat('--to', '2026-11-20 18:00:02'), ['one'])
    assert.deepEqual(await cat('--from', '2026-11-20T19:00:02+0100', '--to', '2026-11-20T18:00:02.5Z'), [
      'two',
    ])
    assert.deepEqual(await cat('--to', '2026-11-20'), [])
    const { stdout } = await say(['buffer', 'cat', '-c', rig.configPath, '--limit', '1'])
    const event = JSON.parse(stdout)
    assert.equal(event['@timestamp'], '2026-11-20T18:00:01Z')
    assert.equal(event['log.file.path'], join(rig.logs, 'app.log'))
  })

  it('cat shows no control character on a terminal, and the line is JSON all the same', async (context) => {
    const rig = await holding(context, line(1, 'turned \u202e around \u009b'))
    const { stdout } = await say(['buffer', 'cat', '-c', rig.configPath], { isTerminal: true })
    assert.doesNotMatch(stdout, /[\u202e\u009b]/)
    assert.deepEqual(messages(stdout), ['turned \u202e around \u009b'])
  })

  it('what is no time says what one looks like', async (context) => {
    const rig = await AgentRig.open(context)
    for (const text of ['soon', '2026-02-30', '2026-11-20T25:00Z', '10']) {
      const { status, stderr } = await say(['buffer', 'cat', '-c', rig.configPath, '--from', text])
      assert.equal(status, 2, text)
      assert.match(
        stderr,
        /^logferry: option --from: expected a time such as "2026-11-26T10:00:00Z", or how long ago/,
      )
    }
  })
})

describe('logferry buffer verify', () => {
  it('finds no damage beside an agent that writes, sends and deletes', async (context) => {
    const rig = await AgentRig.open(context)
    rig.configure({ buffer: { max_bytes: '16MiB', fsync: '100ms' } })
    await rig.start()
    for (let round = 1; round <= 12; round += 1) {
      rig.write(2_000, { pad: 500 })
      const { status, stdout } = await say(['buffer', 'verify', '-c', rig.configPath, '--json'])
      assert.equal(status, 0, stdout)
    }
    await rig.arrived(24_000)
    const ls = await say(['buffer', 'ls', '-c', rig.configPath])
    assert.equal(ls.status, 0)
    const { status, stdout } = await say(['buffer', 'verify', '-c', rig.configPath])
    assert.equal(status, 0)
    assert.match(stdout, /^No damage\.$/m)
  })

  it('says where a damaged record is and how large, exits 1, and leaves it as it is', async (context) => {
    const rig = await holding(context, line(1, 'one'))
    rig.append(line(2, 'two'))
    const cat = async (): Promise<string[]> =>
      messages((await say(['buffer', 'cat', '-c', rig.configPath])).stdout)
    await until(async () => (await cat()).length === 2, 'a second record is written')
    const [name] = readdirSync(join(rig.dataDir, 'buffer'))
    const path = join(rig.dataDir, 'buffer', name!)
    const bytes = readFileSync(path)
    const at = bytes.indexOf('"one"')
    bytes.write('O', at + 1)
    writeFileSync(path, bytes)
    const { status, stdout } = await say(['buffer', 'verify', '-c', rig.configPath])
    assert.equal(status, 1)
    const [, found, from, size] = /^damaged (\S+) at (\d+), (\d+) bytes: .* \(1 record\)$/m.exec(stdout)!
    assert.equal(found, path)
    assert.ok(Number(from) < at && at < Number(from) + Number(size))
    assert.match(stdout, /1 whole record with 1 event/)
    assert.deepEqual(await cat(), ['two'])
    assert.deepEqual(readFileSync(path), bytes)
  })
})
