// npm run test:real: starts a real Elasticsearch 9, a second one with almost no indexing memory (for its 429), an
// Elasticsearch 8 and an OpenSearch 3 that take small bodies only (for their 413), a real Loki and a second one with small
// limits, on free ports with their state in a temporary folder, runs test/real against them, and ends them by their ids.
// The first run downloads the jars (a minute) and builds Loki (about nine minutes on two cores); they are cached.
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const work = mkdtempSync(join(tmpdir(), 'logferry-real-'))
const children = []

/** Below the ports that the system gives away by itself, and never the same twice. */
let lastPort = 20_000 + (process.pid % 1_000) * 10

function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}

/** A free port whose next one is free as well: Loki takes both. */
async function freePorts() {
  for (;;) {
    lastPort += 2
    const port = lastPort
    if ((await isFree(port)) && (await isFree(port + 1))) return port
  }
}

const endOf = (log) => readFileSync(log, 'utf8').split('\n').slice(-40).join('\n')

async function start(name, script, { config, path, env }) {
  const home = join(work, name)
  mkdirSync(join(home, 'config'), { recursive: true })
  if (config) writeFileSync(join(home, 'config/elasticsearch.yml'), config)
  const port = await freePorts()
  const log = join(work, `${name}.log`)
  const child = spawn('bash', [join('servers', script, 'start.sh'), home, String(port)], {
    // What the tests provoke fills their logs; of interest only where a start fails.
    stdio: ['ignore', 'ignore', openSync(log, 'a')],
    env: { ...process.env, HEAP: '512m', ...env },
  })
  children.push(child)
  const url = `http://127.0.0.1:${port}`
  const deadline = Date.now() + 20 * 60_000
  for (;;) {
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}:\n${endOf(log)}`)
    if (Date.now() > deadline) throw new Error(`${name} did not answer within 20 minutes:\n${endOf(log)}`)
    const isUp = await fetch(url + path).then(
      (answer) => answer.ok,
      () => false,
    )
    if (isUp) return url
    await sleep(500)
  }
}

let status = 1
try {
  const [es, tightEs, es8, openSearch, loki, tightLoki] = await Promise.all([
    start('elasticsearch', 'elasticsearch', { path: '/' }),
    start('elasticsearch-tight', 'elasticsearch', {
      path: '/',
      config: 'indexing_pressure.memory.limit: 40kb\n',
    }),
    start('elasticsearch8', 'elasticsearch8', { path: '/', config: 'http.max_content_length: 2mb\n' }),
    start('opensearch', 'opensearch', { path: '/', env: { MAX_CONTENT: '2mb' } }),
    start('loki', 'loki', { path: '/ready' }),
    start('loki-tight', 'loki', { path: '/ready', env: { LOKI_CONFIG: 'servers/loki/tight.yaml' } }),
  ])
  const env = {
    ...process.env,
    LOGFERRY_ES_URL: es,
    LOGFERRY_ES_TIGHT_URL: tightEs,
    LOGFERRY_ES8_URL: es8,
    LOGFERRY_OPENSEARCH_URL: openSearch,
    LOGFERRY_LOKI_URL: loki,
    LOGFERRY_LOKI_TIGHT_URL: tightLoki,
  }
  status = spawnSync(process.execPath, ['scripts/test.mjs', 'real'], { stdio: 'inherit', env }).status ?? 1
} catch (error) {
  process.stderr.write(`test:real: ${error.message}\n`)
} finally {
  for (const child of children) child.kill('SIGTERM')
  await Promise.all(
    children.map((child) => child.exitCode ?? new Promise((resolve) => child.once('exit', resolve))),
  )
  rmSync(work, { recursive: true, force: true })
}
process.exit(status)
