import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { Rig } from './rig.ts'
import { bulkServers, deleteIndices, servers, tell } from './servers.ts'

/** The commands of a guide, one block after the other. */
const commandsOf = (guide: string): string[] =>
  [...readFileSync(guide, 'utf8').matchAll(/```sh\n([^]*?)```/g)].map((match) => match[1]!)

function run(command: string, env: Readonly<Record<string, string>>): string {
  const script = ['-euo', 'pipefail', '-c', command]
  const { status, stdout, stderr } = spawnSync('bash', script, { env: { ...process.env, ...env } })
  assert.equal(status, 0, `${command}\n${stdout.toString()}${stderr.toString()}`)
  return stdout.toString()
}

const now = (ago = 0): string => new Date(Date.now() - ago).toISOString()
const lines = [
  { time: now(2000), level: 'ERROR', message: 'one', trace_id: '0af7651916cd43dd8448eb211c80319c' },
  { time: now(1000), level: 'info', message: 'two', host: 'own', log: { file: 'x' } },
]
const traced = '0af7651916cd43dd8448eb211c80319c'

for (const { product, version, url, why } of bulkServers()) {
  describe(`docs/elasticsearch.md on ${product} ${version}`, { skip: why }, () => {
    test('its commands work, and its templates take what the agent sends', async (context) => {
      context.after(async () => {
        await fetch(`${url}/_data_stream/logs-checkout-default`, { method: 'DELETE' })
        await deleteIndices(url, 'app-logs')
        for (const name of ['app-logs', 'logs-checkout']) {
          await fetch(`${url}/_index_template/${name}`, { method: 'DELETE' })
        }
      })
      const commands = commandsOf('docs/elasticsearch.md')
      for (const command of commands) run(command, { ES: url })
      const rig = new Rig(context)
      const file = rig.write(
        'app.log',
        lines.map((line) => JSON.stringify(line)),
      )
      const sink = { type: 'elasticsearch', nodes: [url] }
      const config = rig.config({
        sources: { app: { type: 'file', include: [file] } },
        sinks: {
          index: { ...sink, index: 'app-logs-%Y.%m.%d' },
          stream: { ...sink, data_stream: { dataset: 'checkout' } },
        },
      })
      const { code, stderr } = await rig.once(config)
      assert.equal(code, 0, stderr)
      await tell(url, 'POST', '/app-logs-*,logs-checkout-default/_refresh')
      const { hits } = JSON.parse(run(commands.at(-1)!, { ES: url }))
      assert.deepEqual(
        hits.hits.map(({ _source }: { _source: Record<string, unknown> }) => _source['message']),
        ['one'],
      )
      const query = { term: { 'trace.id': traced } }
      const found = await tell(url, 'POST', '/logs-checkout-default/_search', { query })
      assert.equal(found.hits.total.value, 1)
    })
  })
}

const { loki, why } = servers()

test('the commands of docs/loki.md find what its first config sends', { skip: why }, async (context) => {
  const rig = new Rig(context)
  const file = rig.write(
    'app.log',
    lines.map((line) => JSON.stringify(line)),
  )
  const labels = { job: 'app', level: '{level:-unknown}' }
  const config = rig.config({
    sources: { app: { type: 'file', include: [file] } },
    sinks: { loki: { type: 'loki', url: loki, labels } },
  })
  const { code, stderr } = await rig.once(config)
  assert.equal(code, 0, stderr)
  const [commands = ''] = commandsOf('docs/loki.md')
  const [entries, rate, trace] = commands
    .trim()
    .split('\n')
    .map((command) => JSON.parse(run(command, { LOKI: loki })))
  assert.equal(entries.data.result.length, 2)
  assert.equal(rate.data.result.length, 1)
  assert.equal(trace.data.result.length, 1)
})
