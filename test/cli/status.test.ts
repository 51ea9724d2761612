import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { startControl } from '../../src/admin/control.ts'
import { silentLog } from '../../src/core/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { configFolder } from '../config/config-file.ts'
import { FakeAgentView, newSink, newSource } from '../support/fake-agent-view.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { say } from './fake-io.ts'

/** A config, and an agent that answers on its data_dir. */
async function running(context: TestContext): Promise<{ view: FakeAgentView; config: string }> {
  const { folder, write } = await configFolder(context)
  const config = await write(
    'agent.config.json',
    JSON.stringify({
      data_dir: './data',
      sources: { app: { type: 'file', include: ['/var/log/app/*.log'] } },
      sinks: { es: { type: 'elasticsearch', nodes: ['http://127.0.0.1:1'], index: 'app' } },
    }),
  )
  const dataDir = join(folder, 'data')
  await mkdir(dataDir)
  const view = new FakeAgentView()
  const metrics = createMetrics()
  metrics.observe(view)
  const rest = {
    clock: new FakeClock(),
    redact: (text: string) => text,
    log: silentLog,
    openTap: () => 'no',
    jobs: { paths: [], open: () => ({ status: 400, text: 'no' }), cancel: () => false },
  }
  const control = await startControl({ dataDir, view, metrics, ...rest })
  context.after(() => control.close())
  return { view, config }
}

describe('logferry status', () => {
  it('shows sources, sinks, the buffer and files as tables', async (context) => {
    const { config } = await running(context)
    const { status, stdout, stderr } = await say(['status', '-c', config])
    assert.deepEqual([status, stderr], [0, ''])
    assert.match(stdout, /^logferry 1\.2\.3: healthy\n/)
    assert.match(stdout, /^app {5}general {6}1 {2}900 bytes/m)
    assert.match(stdout, /^es {4}ok /m)
    assert.match(stdout, /^ {2}es: 1 dead letter; `logferry dlq ls` says why$/m)
    assert.match(stdout, /^BUFFER {2}1 KiB of 10 KiB \(10 %\), oldest 3 s, ok$/m)
    assert.match(stdout, /^\/var\/log\/app\/a\.log {2}app {5}1000 bytes {2}100 bytes$/m)
  })

  it('says what is not well, and the whole error of a sink', async (context) => {
    const { view, config } = await running(context)
    view.bufferStats.bytes = view.bufferStats.maxBytes
    view.sinkList.push({ ...newSink('loki'), state: 'holding', lastError: 'no such tenant\u001b[2J' })
    const { status, stdout } = await say(['status', '-c', config])
    assert.equal(status, 0)
    assert.match(stdout, /^ {2}degraded buffer: /m)
    assert.match(stdout, /^ {2}loki: no such tenant\\x1b\[2J$/m)
  })

  it('names what a source may not read, and a source that has no file', async (context) => {
    const { view, config } = await running(context)
    const reason = 'may not be read (EACCES)'
    for (const n of [1, 2, 3, 4, 5])
      view.unreadableList.push({ source: 'app', path: `/var/log/app/${n}.log`, reason })
    view.sourceList.push(newSource('web'))
    const { stdout } = await say(['status', '-c', config])
    assert.match(stdout, /^ {2}app: \/var\/log\/app\/1\.log may not be read \(EACCES\)$/m)
    assert.doesNotMatch(stdout, /4\.log/)
    assert.match(stdout, /^ {2}app: 2 more paths like that$/m)
    assert.match(stdout, /^ {2}web: no file is read; `logferry doctor` says why$/m)
  })

  it('exits 1 for an unhealthy agent, and for none', async (context) => {
    const { view, config } = await running(context)
    view.readerFailure = 'it broke'
    assert.equal((await say(['status', '-c', config])).status, 1)
    const { folder } = await configFolder(context)
    assert.equal((await say(['status', '-c', join(folder, 'none.json')])).status, 78)
  })

  it('prints all that the agent says as JSON, and no more files than asked for', async (context) => {
    const { config } = await running(context)
    const { stdout } = await say(['status', '-c', config, '--json'])
    assert.match(stdout, /^ {2}"ledger": \{\n {4}"app": \{$/m)
    assert.match(stdout, /^ {2}"health": \{\n {4}"status": "healthy",$/m)
    assert.ok(JSON.parse(stdout))
    assert.doesNotMatch((await say(['status', '-c', config, '--files', '0'])).stdout, /^FILE/m)
    assert.equal((await say(['status', '-c', config, '--files', 'all'])).status, 2)
  })

  it('breaks a long error at the width of the terminal, and keeps all of it', async (context) => {
    const { view, config } = await running(context)
    const lastError = `refused: ${'a reason that goes on '.repeat(12)}to its end`
    view.sinkList.push({ ...newSink('loki'), state: 'holding', lastError })
    const { stdout } = await say(['status', '-c', config], { isTerminal: true, env: { TERM: 'dumb' } })
    const lines = stdout.split('\n')
    const at = lines.findIndex((line) => line.startsWith('  loki: refused: a reason'))
    const note = lines.slice(
      at,
      lines.findIndex((line, index) => index > at && !line.startsWith('    ')),
    )
    assert.equal(note.map((line) => line.trim()).join(' '), `loki: ${lastError}`)
    assert.ok(note.length > 3 && note.every(({ length }) => length <= 80), note.join('\n'))
  })
})

describe('logferry top', () => {
  it('prints one table with rates where there is no terminal', async (context) => {
    const { config } = await running(context)
    const { status, stdout } = await say(['top', '-c', config])
    assert.equal(status, 0)
    assert.match(stdout, /EVENTS\/S/)
  })

  it('draws itself anew in a terminal until q is pressed, and gives the terminal back', async (context) => {
    const { config } = await running(context)
    const { status, stdout } = await say(['top', '-c', config], { isTerminal: true, keys: 'q' })
    assert.equal(status, 0)
    assert.ok(stdout.startsWith('\u001b[?1049h\u001b[?25l'))
    assert.ok(stdout.endsWith('\u001b[?25h\u001b[?1049l'))
  })
})
