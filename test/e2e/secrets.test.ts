import assert from 'node:assert/strict'
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { startFakeElasticsearch } from '../support/fake-elasticsearch.ts'
import { until } from '../support/fake-clock.ts'
import { nothingWrong, tally } from '../support/tally.ts'
import { AgentRig, assertAddsUp } from '../support/agent-rig.ts'

const secrets = {
  key: 'SECRET-api-key-1',
  user: 'SECRET-user-2',
  info: 'SECRET-url-password-3',
  header: 'SECRET-header-4',
  tenant: 'SECRET-basic-5',
  token: 'SECRET-admin-token-6',
}

describe('admin of a running agent', () => {
  it('under random faults the ledger adds up at fifty answers, and the shapes are those of the contract', async (context) => {
    const rig = await AgentRig.open(context)
    rig.elasticsearch.faults.set({
      seed: 7,
      reset: 0.1,
      lostAck: 0.1,
      cut: 0.05,
      garbage: 0.05,
      refuse: 0.1,
      statuses: [503, 429],
      items: [
        { share: 0.02, status: 429 },
        { share: 0.002, status: 400, type: 'document_parsing_exception' },
      ],
    })
    const agent = await rig.start()
    const writing = setInterval(() => rig.write(30), 10)
    context.after(() => clearInterval(writing))
    for (let poll = 0; poll < 50; poll += 1) assertAddsUp(await rig.status(agent))
    clearInterval(writing)
    rig.elasticsearch.faults.set({})
    await until(async () => {
      const row = (await rig.status(agent)).ledger['app']!
      return row.read_events === rig.uids().length && row.sinks['es']!.in_buffer === 0
    }, 'all is settled')
    const status = JSON.parse((await rig.get(agent, '/status')).body)
    for (const key of ['version', 'files', 'buffer', 'sinks', 'ledger']) assert.ok(key in status, key)
    for (const key of ['source', 'path', 'id', 'size', 'offset', 'lag_bytes', 'lane'])
      assert.ok(key in status.files[0], key)
    for (const key of ['state', 'lag_events', 'lag_seconds', 'in_flight', 'last_error'])
      assert.ok(key in status.sinks.es, key)
    const { acknowledged, dead_lettered } = status.ledger.app.sinks.es
    assert.equal(acknowledged, rig.documents().length)
    assert.equal(dead_lettered, rig.uids().length - acknowledged)
    const arrived = new Set(rig.documents().map((text) => /"uid":"([^"]+)"/.exec(text)![1]!))
    assert.deepEqual(tally([...arrived], rig.documents()), nothingWrong)
    const health = JSON.parse((await rig.get(agent, '/health')).body)
    assert.deepEqual(Object.keys(health), ['status', 'timestamp', 'version', 'components'])
    const metrics = (await rig.get(agent, '/metrics')).body
    assert.ok(metrics.includes(`logferry_sink_acknowledged_events_total{sink="es"} ${acknowledged}\n`))
    assert.ok(metrics.includes(`logferry_source_read_events_total{source="app"} ${rig.uids().length}\n`))
  })

  it('refuses a Host header that is not its own, and anything but reading', async (context) => {
    const rig = await AgentRig.open(context)
    const agent = await rig.start()
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example:80'])
      assert.equal((await rig.get(agent, '/status', { host })).status, 421, host)
    for (const host of ['localhost', '127.0.0.1:9465', '[::1]'])
      assert.equal((await rig.get(agent, '/status', { host })).status, 200, host)
    assert.equal((await rig.get(agent, '/status', { authorization: 'Bearer x' })).status, 200)
    assert.equal((await rig.get(agent, '/../../etc/passwd')).status, 404)
  })
})

describe('secrets', () => {
  it('are in nothing that the agent writes, answers or stores, whatever fails', async (context) => {
    const rig = await AgentRig.open(context)
    const other = await startFakeElasticsearch()
    context.after(() => other.close())
    // Servers that say back what they got.
    rig.elasticsearch.faults.script(
      {
        kind: 'answer',
        status: 401,
        body: JSON.stringify({ error: `bad key ${secrets.key} and ${secrets.header}`, status: 401 }),
      },
      { kind: 'answer', status: 500, body: `<html>ApiKey ${secrets.key} x-secret: ${secrets.header}</html>` },
    )
    writeFileSync(join(rig.folder, 'key'), `${secrets.key}\n`)
    const withInfo = other.url.replace('//', `//${secrets.user}:${secrets.info}@`)
    rig.configure({
      log: { level: 'trace' },
      admin: { listen: '127.0.0.1:0', token: secrets.token },
      sinks: {
        es: rig.elasticsearchSink({
          auth: { api_key: `\${file:${join(rig.folder, 'key')}}` },
          headers: { 'x-secret': secrets.header },
        }),
        info: rig.elasticsearchSink({ nodes: [withInfo] }),
        dead: rig.elasticsearchSink({ nodes: [`http://${secrets.user}:${secrets.info}@127.0.0.1:1`] }),
        loki: {
          type: 'loki',
          url: 'http://127.0.0.1:1',
          labels: { job: 'x' },
          tenant: 'team',
          auth: { username: secrets.user, password: secrets.tenant },
          retry: { min: '10ms', max: '100ms' },
        },
      },
    })
    rig.write(20)
    rig.append('{"n":1}\n{"n":{"x":1}}\n')
    const agent = await rig.start()
    await rig.arrived(21)
    await until(() => other.documents().length >= 21, 'the one with user info in its URL has all')
    await until(async () => (await rig.status(agent)).sinks['loki']!.state === 'retrying', 'Loki fails')
    const answers = await Promise.all(
      ['/', '/page-state', '/status', '/health', '/metrics', '/nowhere'].map((path) => rig.get(agent, path)),
    )
    // What the servers said back was shown, and blanked.
    assert.match(agent.stderr, /bad key \[redacted\]/)
    const config = readFileSync(rig.configPath, 'utf8')
    // Errors quote the line that is wrong.
    rig.saveConfig(
      config
        .replace('"api_key"', '"api_keyy"')
        .replace('"token"', '"tokenn"')
        .replace('"password"', '"pasword"'),
    )
    agent.child.kill('SIGHUP')
    await until(() => agent.stderr.includes('was not reloaded'), 'the bad edit is refused')
    agent.child.kill('SIGTERM')
    await agent.exited
    const stored = readdirSync(rig.dataDir, { recursive: true, encoding: 'utf8' })
      .map((name) => join(rig.dataDir, name))
      .filter((path) => statSync(path).isFile())
      .map((path) => [path, readFileSync(path, 'latin1')] as const)
    const texts: (readonly [string, string])[] = [
      ['stderr', agent.stderr],
      ['stdout', agent.stdout],
      ...answers.map(({ body }) => ['answer', body] as const),
      ...stored,
    ]
    for (const [where, text] of texts) assert.equal(/SECRET-[\w-]+/.exec(text)?.[0], undefined, where)
  })
})
