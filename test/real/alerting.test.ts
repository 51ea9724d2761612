import assert from 'node:assert/strict'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import type { Server, Socket } from 'node:net'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import type { TestContext } from 'node:test'
import { monitoringFolder } from '../support/dashboards.ts'
import { until } from '../support/fake-clock.ts'
import { findTools, ruleStates, scrapeWithRules, startServer } from './prometheus.ts'
import { Rig } from './rig.ts'

/** From trouble to the alert, and from the alert to the receivers of the example, which are played by this test. */

const tools = findTools()
const { why } = tools
const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 300))

async function listen(context: TestContext, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

describe('a real agent in trouble', { skip: why }, () => {
  test('a refused key holds its sink, a dead server is down, a wrong edit is a refused reload', async (context) => {
    const denied = createServer((request, response) => {
      request.resume()
      response.writeHead(401, { 'content-type': 'application/json', 'x-elastic-product': 'Elasticsearch' })
      response.end('{"error":{"type":"security_exception","reason":"unable to authenticate"},"status":401}')
    })
    context.after(() => denied.closeAllConnections())
    const port = await listen(context, denied)
    const rig = new Rig(context)
    const file = rig.write('app.log', ['{"message":"one"}'])
    const sink = { type: 'elasticsearch', index: 'x', retry: { min: '100ms', max: '500ms' } }
    const config = {
      sources: { app: { type: 'file', include: [file] } },
      sinks: {
        denied: { ...sink, nodes: [`http://127.0.0.1:${port}`] },
        // A port that nothing listens on.
        dead: { ...sink, nodes: ['http://127.0.0.1:1'] },
      },
    }
    const agent = await rig.start(rig.config(config))
    const prometheus = await scrapeWithRules(context, tools, {
      folder: rig.folder,
      target: new URL(agent.adminUrl).host,
    })
    const waitsFor = async (what: string, expected: readonly string[]): Promise<void> => {
      let states: string[] = []
      const isSo = async (): Promise<boolean> => {
        await pause()
        states = await ruleStates(prometheus)
        return expected.every((state) => states.includes(state))
      }
      await until(isSo, what, 60_000).catch((error: unknown) => {
        throw new Error(`${String(error)}: ${states.join(', ')}`)
      })
    }
    await waitsFor('both are down, one for its credentials', [
      'LogferrySinkDown denied pending',
      'LogferrySinkDown dead pending',
      'LogferrySinkHolding denied pending',
    ])
    assert.ok(!(await ruleStates(prometheus)).includes('LogferrySinkHolding dead pending'))
    rig.config({ ...config, sinks: { denied: { type: 'nonsense' } } })
    await waitsFor('the reload is refused', ['LogferryReloadFailed - firing'])
  })
})

/** What reached a receiver, by path, and mails. */
interface Received {
  readonly posts: { readonly path: string; readonly body: any }[]
  readonly mails: string[]
}

/** As much of SMTP as a client without TLS needs. */
function takeMail(socket: Socket, mails: string[]): void {
  let isData = false
  let mail = ''
  socket.on('error', () => {})
  socket.write('220 here\r\n')
  socket.on('data', (data: Buffer) => {
    const text = data.toString()
    if (isData) {
      mail += text
      if (!mail.endsWith('\r\n.\r\n')) return
      isData = false
      mails.push(mail)
      socket.write('250 taken\r\n')
    } else if (/^DATA/i.test(text)) {
      isData = true
      socket.write('354 go on\r\n')
    } else socket.write(/^QUIT/i.test(text) ? '221 bye\r\n' : '250 fine\r\n')
  })
}

/** The example with this test's own receivers, secrets and less patience; all else is as shipped. */
async function startAlertmanager(context: TestContext): Promise<{ url: string; received: Received }> {
  const received: Received = { posts: [], mails: [] }
  const http = createServer((request, response) => {
    let body = ''
    request.on('data', (data: Buffer) => (body += data.toString()))
    request.on('end', () => {
      received.posts.push({ path: request.url ?? '', body: JSON.parse(body) })
      response.end('ok')
    })
  })
  context.after(() => http.closeAllConnections())
  const port = await listen(context, http)
  const sockets = new Set<Socket>()
  const smtp = createTcpServer((socket) => {
    sockets.add(socket)
    takeMail(socket, received.mails)
  })
  context.after(() => sockets.forEach((socket) => socket.destroy()))
  const smtpPort = await listen(context, smtp)
  const { folder } = new Rig(context)
  writeFileSync(join(folder, 'slack_webhook_url'), `http://127.0.0.1:${port}/slack`)
  writeFileSync(join(folder, 'pagerduty_routing_key'), 'the-routing-key')
  const config = readFileSync(join(monitoringFolder, 'alertmanager.yml'), 'utf8')
    .replaceAll('/etc/alertmanager/secrets', folder)
    .replace('smtp.example:587', `127.0.0.1:${smtpPort}`)
    .replace(/^ {2}smtp_auth_username: .*\n {2}smtp_auth_password_file: .*\n/m, '  smtp_require_tls: false\n')
    .replace('global:\n', `global:\n  pagerduty_url: http://127.0.0.1:${port}/pagerduty\n`)
    .replace('127.0.0.1:8060', `127.0.0.1:${port}`)
    .replaceAll(/group_wait: \w+/g, 'group_wait: 1s')
  const path = join(folder, 'alertmanager.yml')
  writeFileSync(path, config)
  const storage = `--storage.path=${join(folder, 'alertmanager')}`
  const args = [`--config.file=${path}`, storage, '--cluster.listen-address=']
  const url = await startServer(context, tools.alertmanager, args, tools.root)
  return { url, received }
}

const alert = (name: string, severity: string, labels: Record<string, string>): object => ({
  labels: { alertname: name, severity, job: 'logferry', instance: 'a:9465', ...labels },
  annotations: { summary: `${name} in words`, description: 'More of it.', runbook: 'docs/alerts.md' },
})

describe('the example for Alertmanager', { skip: why }, () => {
  test('pages, chats and mails in words, and says nothing of what follows from something worse', async (context) => {
    const { url, received } = await startAlertmanager(context)
    const alerts = [
      alert('LogferrySinkHolding', 'critical', { sink: 'es' }),
      alert('LogferrySinkDown', 'critical', { sink: 'es' }),
      alert('LogferrySinkLagging', 'warning', { sink: 'es' }),
      alert('LogferrySinkLagging', 'warning', { sink: 'loki' }),
      alert('LogferryPossibleDuplicates', 'info', { sink: 'file' }),
    ]
    const answer = await fetch(`${url}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(alerts),
    })
    assert.equal(answer.status, 200, await answer.text())
    const isThere = async (): Promise<boolean> => {
      await pause()
      return received.posts.length >= 5 && received.mails.length > 0
    }
    await until(isThere, 'all receivers were told', 60_000)
    const told = received.posts.map(({ path, body }) => {
      if (path === '/slack') return `slack ${body.channel} ${body.attachments[0].title}`
      if (path === '/pagerduty') return `pagerduty ${body.payload.severity} ${body.payload.summary}`
      return `${path} ${body.status} ${body.groupLabels.alertname} ${body.groupLabels.sink}`
    })
    assert.deepEqual(told.toSorted(), [
      '/dingtalk/ops/send firing LogferrySinkHolding es',
      '/dingtalk/ops/send firing LogferrySinkLagging loki',
      'pagerduty critical LogferrySinkHolding (1): LogferrySinkHolding in words',
      'slack #logging FIRING LogferrySinkHolding',
      'slack #logging FIRING LogferrySinkLagging',
    ])
    const page = received.posts.find(({ path }) => path === '/pagerduty')!.body
    assert.equal(page.routing_key, 'the-routing-key')
    const slack = received.posts.find(({ path }) => path === '/slack')!.body.attachments[0]
    assert.match(slack.text, /^\*Logferry\w+ in words\*\nMore of it\. \(docs\/alerts\.md\)/)
    assert.match(received.mails[0]!, /^Subject: FIRING LogferryPossibleDuplicates file\r$/m)
    assert.equal(received.mails.length, 1)
  })
})
