import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { TestContext } from 'node:test'
import { controlSocket, startControl } from '../../src/admin/control.ts'
import type { OpenJobs } from '../../src/admin/job-route.ts'
import { limits } from '../../src/core/limits.ts'
import { silentLog } from '../../src/core/log.ts'
import { createMetrics } from '../../src/telemetry/metrics.ts'
import { FakeAgentView } from '../support/fake-agent-view.ts'
import { FakeClock } from '../support/fake-clock.ts'

interface Answered {
  readonly status: number
  readonly body: string
}

/** Asks the control socket, with a body where there is one. */
async function opened(
  context: TestContext,
  jobs: Partial<OpenJobs>,
): Promise<(method: string, path: string, body?: string) => Promise<Answered>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'logferry-jobs-'))
  context.after(() => rm(dataDir, { recursive: true, force: true }))
  const view = new FakeAgentView()
  const control = await startControl({
    dataDir,
    view,
    metrics: createMetrics(),
    clock: new FakeClock(),
    redact: (text) => text.replaceAll('hunter2', '[redacted]'),
    log: silentLog,
    openTap: () => 'no taps here',
    jobs: { paths: ['/replay'], open: () => ({ status: 400, text: 'no' }), cancel: () => false, ...jobs },
  })
  context.after(() => control.close())
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const options = { socketPath: controlSocket(dataDir), method, path, agent: false }
      const sent = request(options, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => (text += part))
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, body: text }))
      })
      sent.once('error', reject)
      sent.end(body)
    })
}

test('a job is told what was asked, and its lines come until it ends, without secrets', async (context) => {
  const ask = await opened(context, {
    open: (path, asked) => (out) => {
      out.write(`${path} ${JSON.stringify(asked)} "hunter2"\n`)
      out.end()
      return { close: () => {} }
    },
  })
  assert.deepEqual(await ask('POST', '/replay', '{"a":1}'), {
    status: 200,
    body: '/replay {"a":1} "[redacted]"\n',
  })
})

test('a job is told that its reader is gone', async (context) => {
  const closed = new Promise<void>((resolve) => {
    void opened(context, {
      open: () => (out) => {
        out.write('first\n')
        setImmediate(() => out.end())
        return { close: () => resolve() }
      },
    }).then((ask) => ask('POST', '/replay', '{}'))
  })
  await closed
})

test('only a POST does something, with a small JSON object', async (context) => {
  const ask = await opened(context, {})
  assert.equal((await ask('GET', '/replay')).status, 405)
  assert.deepEqual((await ask('POST', '/replay', 'x')).body, '{"error":"what is asked is no JSON object"}\n')
  assert.equal((await ask('POST', '/replay', '[1]')).status, 400)
  assert.equal((await ask('POST', '/replay', `"${'x'.repeat(limits.askedBytes)}"`)).status, 413)
  assert.deepEqual(await ask('POST', '/replay', '{}'), { status: 400, body: '{"error":"no"}\n' })
})

test('a job is cancelled by its name', async (context) => {
  const ask = await opened(context, { cancel: (id) => id === '7' })
  assert.equal((await ask('POST', '/jobs/cancel', '{"job":"7"}')).body, '{"cancelled":true}\n')
  assert.equal((await ask('POST', '/jobs/cancel', '{"job":"8"}')).body, '{"cancelled":false}\n')
  assert.equal((await ask('POST', '/jobs/cancel', '{}')).body, '{"cancelled":false}\n')
})
