import assert from 'node:assert/strict'
import { readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { AgentRig } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { FakeProxy } from '../support/fake-proxy.ts'
import { SpawnedAgent } from '../support/spawn-agent.ts'

/** With what JSON, URLs, HTML and patterns escape; the word in front is looked for, in clear and in base64. */
const secretOf = (name: string): string => `SECRET${name}-"q'\\<b>&é%2F+/=$&.*(`

const secrets = Object.fromEntries(
  ['File', 'Env', 'Header', 'Token', 'User', 'Info', 'Proxy', 'Hash'].map((name) => [name, secretOf(name)]),
)
const encoded = Object.fromEntries(
  Object.entries(secrets).map(([name, secret]) => [name, encodeURIComponent(secret)]),
)

/** `SECRET…` in clear, URL-encoded or escaped: the word stays. In base64 it may begin at each of three places. */
const traces = [
  /SECRET[A-Z]\w+/,
  ...['', ' ', '  '].map((before) => {
    const known = Buffer.from(`${before}SECRET`)
    const text = known.toString('base64')
    // Only the characters that what stands before and behind has no part in.
    return new RegExp(text.slice(before.length && before.length + 1, Math.floor((known.length * 8) / 6)))
  }),
]

/**
 * A server that says back whatever it got, decoded too, in every place that an answer has: status text, headers, body,
 * reasons of items, with more and more before it, so that every cut falls into a secret at some time.
 */
async function startEcho(context: TestContext): Promise<string> {
  let requests = 0
  const server = createServer((request, response) => {
    void echo(request, response, requests++)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  context.after(() => {
    server.close()
    server.closeAllConnections()
  })
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' ? address!.port : 0}`
}

async function echo(request: IncomingMessage, response: ServerResponse, count: number): Promise<void> {
  const parts: Uint8Array[] = []
  request.on('data', (part: Uint8Array) => parts.push(part))
  await new Promise((resolve) => request.once('end', resolve))
  const { authorization = '', ...others } = request.headers
  const decoded = Buffer.from(authorization.replace(/^\w+ /, ''), 'base64').toString()
  const got = JSON.stringify([authorization, decoded, others['x-secret'], others['proxy-authorization']])
  const said = `${'.'.repeat((count * 13) % 520)}${got}`
  const kind = count % 5
  if (request.method !== 'POST' || kind < 4) {
    const status = [401, 500, 302, 400][kind] ?? 403
    const headers = { location: `http://127.0.0.1:1/?${encodeURIComponent(got)}`, 'www-authenticate': 'x' }
    const body =
      kind === 3
        ? JSON.stringify({ error: { type: said, reason: said, root_cause: [] }, status })
        : `<h1>${said}</h1>`
    response.writeHead(status, headers).end(body)
    return
  }
  const wire = Buffer.concat(parts)
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(wire).toString() : ''
  const item = {
    create: { status: 400, error: { type: `x_${said}`, reason: said, caused_by: { reason: said } } },
  }
  const items = body
    .split('\n')
    .filter((line) => line.startsWith('{"create"'))
    .map(() => item)
  response.writeHead(200).end(JSON.stringify({ errors: true, items }))
}

function assertSilent(texts: readonly (readonly [string, string])[]): void {
  for (const [where, text] of texts)
    for (const trace of traces) {
      const at = text.search(trace)
      assert.equal(at, -1, `${where}: …${text.slice(Math.max(0, at - 100), at + 60)}…`)
    }
}

function filesBelow(folder: string): (readonly [string, string])[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => [path, readFileSync(path, 'latin1')] as const)
}

async function secretRig(context: TestContext): Promise<{ rig: AgentRig; env: NodeJS.ProcessEnv }> {
  const rig = await AgentRig.open(context)
  const echoing = await startEcho(context)
  const proxy = new FakeProxy()
  await proxy.listen()
  context.after(() => proxy.close())
  writeFileSync(join(rig.folder, 'key'), `${secrets['File']}\n`)
  const { nodes: _, ...es } = rig.elasticsearchSink()
  const info = `${encoded['User']}:${encoded['Info']}@`
  const retry = { min: '1ms', max: '5ms' }
  const loki = { type: 'loki', labels: { job: 'x' }, retry }
  rig.configure({
    log: { level: 'trace' },
    admin: { listen: '127.0.0.1:0', token: '${ADMIN_TOKEN}' },
    sinks: {
      file: { ...es, retry, nodes: [`http://${echoing}`], auth: { api_key: '${file:key}' } },
      env: {
        ...es,
        retry,
        nodes: [`http://${echoing}`],
        auth: { username: 'somebody', password: '${PASSWORD}' },
      },
      info: { ...es, retry, nodes: [`http://${info}${echoing}`], headers: { 'X-Secret': secrets['Header'] } },
      dead: { ...es, retry, nodes: [`https://${info}${echoing}`] },
      proxied: { ...es, retry, nodes: [`http://${echoing}`], proxy: proxy.url(`u:${encoded['Proxy']}`) },
      noproxy: { ...loki, url: `https://${echoing}`, proxy: `http://u:${encoded['Proxy']}@127.0.0.1:1` },
      loki: { ...loki, url: `http://${echoing}`, auth: { bearer_token: '${file:key}' }, tenant: 't' },
    },
    sources: {
      app: rig.fileSource('*.log', {
        steps: [{ redact: { fields: ['user'], with: 'hash', secret: '${HASH_KEY}' } }],
      }),
    },
  })
  const env = { ADMIN_TOKEN: secrets['Token'], PASSWORD: secrets['Env'], HASH_KEY: secrets['Hash'] }
  return { rig, env }
}

describe('secrets that servers say back', () => {
  it('SEC-SECRET: are in no log, answer, metric, dead letter or file of data_dir, wherever an answer is cut', async (context) => {
    const { rig, env } = await secretRig(context)
    const agent = await rig.start({ env })
    const stored = async (): Promise<number> =>
      [...(await rig.get(agent, '/metrics')).body.matchAll(/dead_letters_stored\S* (\d+)/g)].filter(
        ([, count]) => Number(count) > 40,
      ).length
    const writing = setInterval(() => rig.write(2), 20)
    context.after(() => clearInterval(writing))
    await until(async () => (await stored()) >= 3, 'three sinks have more than forty dead letters')
    clearInterval(writing)
    const paths = ['/', '/page-state', '/status', '/health', '/metrics', '/nowhere', `/${encoded['Token']}`]
    const shown = { authorization: `Bearer ${encodeURIComponent('not the token')}` }
    const answers = await Promise.all([
      ...paths.map((path) => rig.get(agent, path)),
      ...paths.map((path) => rig.get(agent, path, shown)),
    ])
    agent.child.kill('SIGTERM')
    await agent.exited
    assert.match(agent.stderr, /\[redacted\]/)
    const letters = filesBelow(join(rig.dataDir, 'dead_letters'))
    assert.ok(letters.some(([, text]) => text.includes('[redacted]')))
    assertSilent([
      ['stderr', agent.stderr],
      ['stdout', agent.stdout],
      ...answers.map(({ body }) => ['answer', body] as const),
      ...filesBelow(rig.dataDir),
    ])
  })

  it('SEC-SECRET: nor in what validate, its probe and test say, of a good config and of wrong ones', async (context) => {
    const { rig, env } = await secretRig(context)
    const good = readFileSync(rig.configPath, 'utf8')
    const slips: readonly (readonly [string, string])[] = [
      ['"api_key"', '"api_keyy"'],
      ['"password"', '"pasword"'],
      ['"X-Secret":', '"X Secret":'],
      ['http://SECRET', 'htp://SECRET'],
      ['"token":', '"tokenn":'],
      ['"proxy": "http', '"proxy": "ftp'],
      ['"auth": {', '"auth": ['],
    ]
    const texts: (readonly [string, string])[] = []
    const say = async (words: readonly string[], what: string): Promise<SpawnedAgent> => {
      const [command = '', ...rest] = words
      const options = { env, input: '{"user":"x"}\n' }
      const agent = new SpawnedAgent([command, '-c', rig.configPath, ...rest], options)
      await agent.exited
      texts.push([`${command} ${what}: stdout`, agent.stdout], [`${command} ${what}: stderr`, agent.stderr])
      return agent
    }
    for (const [from, to] of slips) {
      assert.ok(good.includes(from), from)
      rig.saveConfig(good.replace(from, () => to))
      const { child, stderr } = await say(['validate'], `after ${from}`)
      assert.equal(child.exitCode, 78, `${from}: ${stderr}`)
    }
    rig.saveConfig(good)
    await say(['validate'], 'of the good one')
    await say(['test'], 'of the good one')
    await say(['run', '--once', '--timeout', '300ms'], 'of the good one')
    const probe = await say(['validate', '--probe'], 'of the good one')
    assert.match(probe.stdout, /probe dead: FAILED/)
    assertSilent(texts)
  })
})
