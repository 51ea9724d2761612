import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { FakeElasticsearch } from '../support/fake-elasticsearch.ts'
import { until } from '../support/fake-clock.ts'
import type { SpawnedAgent } from '../support/spawn-agent.ts'
import { nothingWrong, tally } from '../support/tally.ts'
import { AgentRig, assertAddsUp, logLines } from '../support/agent-rig.ts'

const reloads = (agent: SpawnedAgent): number =>
  logLines(agent).filter(({ msg }) => /config reloaded|config was not reloaded/.test(String(msg))).length

/** Saves what `change` makes of the config, asks for a reload (or lets the edit be noticed) and waits for its end. */
async function reload(
  agent: SpawnedAgent,
  change: () => void,
  by: 'SIGHUP' | 'edit' = 'SIGHUP',
): Promise<void> {
  const before = reloads(agent)
  change()
  if (by === 'SIGHUP') agent.child.kill('SIGHUP')
  await until(() => reloads(agent) > before, 'the config was looked at again')
}

const sourcesOf = (rig: AgentRig): string[] =>
  rig.documents().map((text) => /"uid":"([^"]+)"/.exec(text)?.[1] ?? '')

describe('a reload of sources', () => {
  it('under load, one added, removed and parsed otherwise, loses and doubles nothing', async (context) => {
    const rig = await AgentRig.open(context, { sources: {} })
    const sinks = { es: rig.elasticsearchSink({ id: 'none' }) }
    rig.configure({ sinks, sources: { app: rig.fileSource('app.log') } })
    const agent = await rig.start()
    const writing = setInterval(() => rig.write(20), 10)
    context.after(() => clearInterval(writing))
    await rig.arrived(100)
    rig.append('{"uid":"other-1"}\n', 'other.log')
    await reload(agent, () =>
      rig.configure({ sources: { app: rig.fileSource('app.log'), other: rig.fileSource('other.log') } }),
    )
    await until(() => sourcesOf(rig).includes('other-1'), 'the new source is read')
    await reload(
      agent,
      () => rig.configure({ sources: { app: rig.fileSource('app.log', { parse: 'json' }) } }),
      'edit',
    )
    rig.append('{"uid":"other-2"}\n', 'other.log')
    for (let i = 0; i < 3; i += 1) await reload(agent, () => {})
    await reload(agent, () =>
      rig.configure({ sources: { app: rig.fileSource('app.log'), other: rig.fileSource('other.log') } }),
    )
    await until(() => sourcesOf(rig).includes('other-2'), 'what came while the source was away is read')
    clearInterval(writing)
    await rig.arrived(rig.uids().length + 2)
    assertAddsUp(await rig.status(agent))
    assert.deepEqual(tally([...rig.uids(), 'other-1', 'other-2'], rig.documents()), nothingWrong)
  })

  it('the parser of the new config holds for the lines after it', async (context) => {
    const rig = await AgentRig.open(context)
    rig.configure({ sources: { app: rig.fileSource('*.log', { parse: 'none' }) } })
    const agent = await rig.start()
    rig.append('{"level":"error","uid":"1"}\n')
    await rig.arrived(1)
    await reload(agent, () => rig.configure({ sources: { app: rig.fileSource('*.log', { parse: 'json' }) } }))
    rig.append('{"level":"error","uid":"2"}\n')
    await rig.arrived(2)
    assert.match(rig.documents()[0]!, /"message":"\{\\"level/)
    assert.match(rig.documents()[1]!, /"level":"error","uid":"2"\}$/)
  })
})

describe('a reload of sinks', () => {
  const second = async (context: Parameters<typeof AgentRig.open>[0]): Promise<FakeElasticsearch> => {
    const fake = new FakeElasticsearch()
    context.after(() => fake.close())
    await fake.listen()
    return fake
  }

  it('a new one starts at the end of the buffer; removed and brought back it goes on where it was', async (context) => {
    const rig = await AgentRig.open(context)
    const other = await second(context)
    const es = rig.elasticsearchSink()
    const late = rig.elasticsearchSink({ nodes: [other.url] })
    const agent = await rig.start()
    rig.write(50)
    await rig.arrived(50)
    await reload(agent, () => rig.configure({ sinks: { es, late } }), 'edit')
    rig.write(50)
    await until(() => other.documents().length >= 50, 'the new sink has what came after it')
    await reload(agent, () => rig.configure({ sinks: { es } }))
    rig.write(50)
    await rig.arrived(150)
    await reload(agent, () => rig.configure({ sinks: { es, late } }))
    rig.write(50)
    await rig.arrived(200)
    const uids = (): string[] => other.documents().map(({ source }) => source)
    // What was read while it was away was not routed to it, but the rest has to be whole.
    await until(() => other.documents().length >= 100, 'the sink that came back goes on')
    const before = rig.uids().slice(50, 100)
    const after = rig.uids().slice(150)
    const away = new Set(rig.uids().slice(100, 150))
    const got = uids().filter((text) => !away.has(/"uid":"([^"]+)"/.exec(text)![1]!))
    assert.deepEqual(tally([...before, ...after], got), nothingWrong)
    const status = await rig.status(agent)
    assertAddsUp(status)
    assert.equal(status.ledger['app']!.sinks['late']!.in_buffer, 0)
  })

  it('whose URL changes keeps its cursor: what the old server did not take goes to the new one', async (context) => {
    const rig = await AgentRig.open(context, { shutdown_timeout: '500ms' })
    const other = await second(context)
    const agent = await rig.start()
    rig.write(40)
    await rig.arrived(40)
    await rig.sinkDown()
    rig.write(60)
    await until(async () => (await rig.status(agent)).sinks['es']!.lag_events === 60, 'they wait')
    await reload(agent, () => rig.configure({ sinks: { es: rig.elasticsearchSink({ nodes: [other.url] }) } }))
    await until(() => other.documents().length >= 60, 'the new server has them')
    const got = [...rig.documents(), ...other.documents().map(({ source }) => source)]
    assert.deepEqual(tally(rig.uids(), got), nothingWrong)
    assertAddsUp(await rig.status(agent))
  })
})

describe('a bad edit keeps the old config running, and the log says where it is bad', () => {
  it('broken JSON, an unknown key, a bad regex, a missing variable, a file that is gone', async (context) => {
    const rig = await AgentRig.open(context)
    const agent = await rig.start()
    const good = JSON.stringify(rig.config, null, 2)
    const app = (parse: unknown): string =>
      JSON.stringify({ ...rig.config, sources: { app: rig.fileSource('*.log', { parse }) } }, null, 2)
    const cases: readonly (readonly [text: string, message: RegExp])[] = [
      [good.replace('"sinks": {', '"sinks": {{'), /agent\.config\.json:\d+:\d+: /],
      [
        good.replace('"data_dir"', '"data_dri"'),
        /agent\.config\.json:2:3: data_dri: unknown key, did you mean "data_dir"\?/,
      ],
      [app({ type: 'regex', pattern: '(' }), /agent\.config\.json:\d+:\d+: sources\.app\.parse\.pattern: /],
      [
        good.replace('"5s"', '"${NO_SUCH_VARIABLE}"'),
        /agent\.config\.json:\d+:\d+: shutdown_timeout: .*NO_SUCH_VARIABLE/,
      ],
      [
        good.replace('"5s"', '"${file:/nowhere/at/all}"'),
        /agent\.config\.json:\d+:\d+: shutdown_timeout: .*\/nowhere\/at\/all/,
      ],
      ['', /agent\.config\.json/],
    ]
    for (const [index, [text, message]] of cases.entries()) {
      await reload(agent, () => rig.saveConfig(text), index === 0 ? 'edit' : 'SIGHUP')
      const told = logLines(agent).findLast(({ level }) => level === 'error')
      assert.match(String(told?.['msg']), /the running one stays in place/)
      assert.match(String(told?.['msg']), message)
      rig.write(5)
      await rig.arrived((index + 1) * 5)
    }
    // Wrong in the same way once more: it is told at once, too.
    await reload(agent, () => {})
    assert.match(
      (await rig.get(agent, '/metrics')).body,
      /config_reloads_total\{result="failure"\} ([7-9]|1\d)/,
    )
    await reload(agent, () => rig.saveConfig(good))
    assert.equal(logLines(agent).at(-1)?.['msg'], 'config reloaded')
  })
})

describe('a reload of settings', () => {
  it('log.level holds at once, data_dir and buffer.max_bytes say that they need a restart', async (context) => {
    const rig = await AgentRig.open(context)
    const agent = await rig.start()
    await reload(agent, () =>
      rig.configure({ data_dir: join(rig.folder, 'elsewhere'), buffer: { max_bytes: '8MiB' } }),
    )
    assert.match(agent.stderr, /a change of data_dir needs a restart/)
    assert.match(agent.stderr, /a change of buffer\.max_bytes needs a restart/)
    rig.write(5)
    await rig.arrived(5)
    rig.configure({ log: { level: 'error' } })
    agent.child.kill('SIGHUP')
    const success = /config_reloads_total\{result="success"\} 2/
    await until(
      async () => success.test((await rig.get(agent, '/metrics')).body),
      'the second reload is done',
    )
    await rig.sinkDown()
    rig.write(5)
    await until(async () => (await rig.status(agent)).sinks['es']!.state === 'retrying', 'the sink fails')
    assert.doesNotMatch(agent.stderr, /did not take events/)
  })

  it('an api_key from ${file:} that changes is taken over without a signal', async (context) => {
    const rig = await AgentRig.open(context)
    const secret = join(rig.folder, 'key')
    writeFileSync(secret, 'first-key\n')
    rig.elasticsearch.authorization = 'ApiKey first-key'
    rig.configure({ sinks: { es: rig.elasticsearchSink({ auth: { api_key: `\${file:${secret}}` } }) } })
    const agent = await rig.start()
    rig.write(5)
    await rig.arrived(5)
    rig.elasticsearch.authorization = 'ApiKey second-key'
    rig.write(5)
    await until(
      async () => (await rig.status(agent)).sinks['es']!.state === 'holding',
      'the old key is refused',
    )
    await reload(agent, () => writeFileSync(secret, 'second-key\n'), 'edit')
    await rig.arrived(10)
    assert.doesNotMatch(agent.stderr, /first-key|second-key/)
  })
})
