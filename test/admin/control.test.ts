import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { controlSocket, startControl } from '../../src/admin/control.ts'
import type { OpenJobs } from '../../src/admin/job-route.ts'
import type { OpenTap } from '../../src/admin/tap-route.ts'
import { askAgent, followAgent, postToAgent } from '../../src/cli/ask-agent.ts'
import { linesOf } from '../../src/cli/lines-of.ts'
import { AgentError } from '../../src/core/errors.ts'
import { limits } from '../../src/core/limits.ts'
import type { Log } from '../../src/core/log.ts'
import { silentLog } from '../../src/core/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { FakeAgentView } from '../support/fake-agent-view.ts'
import { FakeClock } from '../support/fake-clock.ts'

const noJobs: OpenJobs = { paths: [], open: () => ({ status: 400, text: 'no' }), cancel: () => false }
const noTap: OpenTap = () => 'no taps here'

async function folder(context: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'logferry-control-'))
  context.after(() => rm(path, { recursive: true, force: true }))
  return path
}

async function start(
  context: TestContext,
  dataDir: string,
  log: Log = silentLog,
  openTap: OpenTap = noTap,
): Promise<{ view: FakeAgentView; close: () => Promise<void> }> {
  const view = new FakeAgentView()
  const metrics = createMetrics()
  metrics.observe(view)
  const redact = (text: string): string => text.replaceAll('hunter2', '[redacted]')
  const control = await startControl({
    dataDir,
    view,
    metrics,
    clock: new FakeClock(),
    redact,
    log,
    openTap,
    jobs: noJobs,
  })
  context.after(() => control.close())
  return { view, close: () => control.close() }
}

test('commands get all of the status over the control socket, paths too, and no secret', async (context) => {
  const dataDir = await folder(context)
  const { view } = await start(context, dataDir)
  view.sinkList[0]!.lastError = 'refused for hunter2'
  const answer = JSON.stringify(await askAgent(dataDir, '/status'))
  assert.match(answer, /\/var\/log\/app\/a\.log/)
  assert.match(answer, /refused for \[redacted\]/)
})

test('nobody but the user of the agent may open the control socket', async (context) => {
  const dataDir = await folder(context)
  await start(context, dataDir)
  assert.equal((await stat(controlSocket(dataDir))).mode & 0o777, 0o600)
})

test('an unhealthy agent answers as well', async (context) => {
  const dataDir = await folder(context)
  const { view } = await start(context, dataDir)
  view.readerFailure = 'it broke'
  assert.match(JSON.stringify(await askAgent(dataDir, '/health')), /^\{"status":"unhealthy"/)
})

test('a socket that a killed agent has left behind is replaced, and goes with the agent', async (context) => {
  const dataDir = await folder(context)
  await writeFile(controlSocket(dataDir), '')
  const { close } = await start(context, dataDir)
  assert.ok(await askAgent(dataDir, '/status'))
  await close()
  await assert.rejects(askAgent(dataDir, '/status'), isError('agent_not_running'))
})

test('an agent whose control socket cannot be opened says so and runs', async (context) => {
  const dataDir = join(await folder(context), 'x'.repeat(120))
  const said: string[] = []
  await start(context, dataDir, { ...silentLog, warn: (_fields, text) => said.push(text) })
  assert.match(said.join(), /the control socket cannot be opened/)
})

test('what is asked of nobody, or of something else, is an error that says so', async (context) => {
  const dataDir = await folder(context)
  await assert.rejects(askAgent(dataDir, '/status'), isError('agent_not_running'))
  await start(context, dataDir)
  // As of an agent of before: what it does not know is no trouble with the socket.
  const { signal } = new AbortController()
  await assert.rejects(askAgent(dataDir, '/nothing'), isError('agent_older'))
  await assert.rejects(postToAgent(dataDir, '/replay', { asked: {}, signal }), isError('agent_older'))
})

test('an agent that falls silent, before it answers or in the middle, is not waited for', async (context) => {
  const dataDir = await folder(context)
  const server = createServer((request, response) => {
    request.resume()
    if (request.url === '/dlq/purge') response.write('{"job":"1"}\n')
  })
  context.after(() => void server.close())
  context.after(() => server.closeAllConnections())
  await new Promise<void>((resolve) => void server.listen(controlSocket(dataDir), resolve))
  const asked = { asked: {}, signal: new AbortController().signal, mostSilentMs: 50 }
  await assert.rejects(postToAgent(dataDir, '/replay', asked), isError('agent_not_reached'))
  const parts = linesOf(await postToAgent(dataDir, '/dlq/purge', asked))
  assert.equal((await parts.next()).value, '{"job":"1"}')
  await assert.rejects(parts.next(), isError('agent_not_reached'))
})

const isError =
  (code: string) =>
  (error: unknown): boolean =>
    error instanceof AgentError && error.code === code

/** A tap that the test itself feeds. */
function openedTap(): { open: OpenTap; say: (text: string) => void; isClosed: () => boolean } {
  let [say, isClosed]: [(text: string) => void, boolean] = [() => {}, false]
  return {
    open:
      ({ where }) =>
      (out) => {
        out.write(`{"where":${JSON.stringify(where)}}\n`)
        say = (text) => out.write(text)
        return { close: () => void (isClosed = true) }
      },
    say: (text) => say(text),
    isClosed: () => isClosed,
  }
}

test('a tap is told what was asked for, goes on until its reader leaves, and shows no secret', async (context) => {
  const dataDir = await folder(context)
  const tap = openedTap()
  await start(context, dataDir, silentLog, tap.open)
  const leave = new AbortController()
  const parts = await followAgent(dataDir, `/tap?where=${encodeURIComponent('a == "ä&b"')}`, leave.signal)
  let text = ''
  for await (const part of parts) {
    text += part.toString()
    if (text.includes('[redacted]')) break
    tap.say('"hunter2"')
  }
  assert.equal(text, '{"where":"a == \\"ä&b\\""}\n"[redacted]"')
  leave.abort()
  while (!tap.isClosed()) await new Promise(setImmediate)
})

test('a bad question, and one tap too many, are answered in words', async (context) => {
  const dataDir = await folder(context)
  const tap = openedTap()
  await start(context, dataDir, silentLog, (asked) => (asked.where === 'x' ? 'no x here' : tap.open(asked)))
  const leave = new AbortController()
  const asked = (where: string): Promise<unknown> => followAgent(dataDir, `/tap?where=${where}`, leave.signal)
  await assert.rejects(asked('x'), /no x here/)
  await Promise.all(Array.from({ length: limits.taps }, () => asked('y')))
  await assert.rejects(asked('y'), /8 live tails are open already/)
  leave.abort()
})
