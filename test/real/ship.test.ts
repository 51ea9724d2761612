import assert from 'node:assert/strict'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SpawnedAgent } from '../support/spawn-agent.ts'
import { until } from '../support/fake-clock.ts'
import { allDocuments, allEntries, isThere, servers } from './servers.ts'

const { es, loki, why } = servers()
const total = 200_000
const run = `ship-${Date.now()}`
const trace = '0af7651916cd43dd8448eb211c80319c'

/** Five kinds of lines, as one host has them; the file's name tells the kind. Times lie within the last ten minutes. */
const kinds: Readonly<Record<string, (uid: string, time: Date) => string>> = {
  'json.log': (uid, time) =>
    JSON.stringify({ time: time.toISOString(), level: 'WARN', uid, trace_id: trace, n: 12345678901234 }),
  'ecs.log': (uid, time) =>
    JSON.stringify({
      '@timestamp': time.toISOString(),
      'log.level': 'info',
      uid,
      host: { name: 'own-name', ip: '10.1.1.1' },
    }),
  'plain.log': (uid, time) =>
    `${time.toISOString()} plain words with "quotes" and ü, uid=${uid} traceparent=00-${trace}-b7ad6b7169203331-01`,
  '0.log': (uid, time) =>
    `${time.toISOString().replace('Z', '123456Z')} stdout F ${JSON.stringify({ level: 'error', uid, msg: 'from a container' })}`,
  'docker.log': (uid, time) =>
    JSON.stringify({
      log: `${JSON.stringify({ level: 'debug', uid })}\n`,
      stream: 'stderr',
      time: time.toISOString(),
    }),
}

function write(folder: string, from: number, count: number, startMs: number): void {
  for (const [name, line] of Object.entries(kinds)) {
    const lines: string[] = []
    const kindAt = Object.keys(kinds).indexOf(name)
    for (let i = from; i < from + count; i++) {
      if (i % Object.keys(kinds).length === kindAt)
        lines.push(`${line(`${run}-${i}`, new Date(startMs + i))}\n`)
    }
    appendFileSync(fileOf(folder, name), lines.join(''))
  }
}

const podFolder = 'pods/shop_cart-7d4_11111111-2222-3333-4444-555555555555/cart'
const fileOf = (folder: string, name: string): string =>
  name === '0.log' ? join(folder, podFolder, name) : join(folder, name)

function rotate(folder: string): void {
  for (const name of Object.keys(kinds)) {
    const path = fileOf(folder, name)
    for (const i of [3, 2, 1]) if (existsSync(`${path}.${i}`)) renameSync(`${path}.${i}`, `${path}.${i + 1}`)
    renameSync(path, `${path}.1`)
  }
}

function writeConfig(folder: string, esUrl: string, lokiUrl: string): string {
  const config = {
    data_dir: join(folder, 'data'),
    admin: false,
    sources: {
      app: { type: 'file', include: [join(folder, '*.log')], fields: { service: 'ship-test' } },
      pods: { type: 'file', include: [join(folder, 'pods/*/*/*.log')], parse: ['cri', 'json'] },
    },
    sinks: {
      es: { type: 'elasticsearch', nodes: [esUrl], index: `${run}-{service:-pods}` },
      loki: {
        type: 'loki',
        url: lokiUrl,
        labels: { run, level: '{level:-none}', service: '{service:-pods}' },
      },
    },
  }
  const path = join(folder, 'agent.config.json')
  writeFileSync(path, JSON.stringify(config))
  return path
}

const uidOf = (text: string): string => /ship-\d+-\d+/.exec(text)?.[0] ?? text

test(
  `${total} mixed lines through rotation are in Elasticsearch and in Loki exactly once each`,
  { skip: why },
  async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'logferry-ship-'))
    mkdirSync(join(folder, podFolder), { recursive: true })
    const agent = new SpawnedAgent(['run', '-c', writeConfig(folder, es, loki)])
    context.after(async () => {
      await agent.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
    })
    const startMs = Date.now() - 10 * 60_000
    const slice = total / 10
    for (let part = 0; part < 10; part++) {
      if (part > 0 && part % 3 === 0) rotate(folder)
      write(folder, part * slice, slice, startMs)
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    const expected = new Set(Array.from({ length: total }, (_, i) => `${run}-${i}`))
    await until(
      async () => (await isThere(es, run)) >= total,
      `Elasticsearch has ${total} documents: ${agent.stderr}`,
      180_000,
    )
    const documents = await allDocuments(es, `${run}-*`)
    assertOnce(
      documents.map((document) => uidOf(JSON.stringify(document._source))),
      expected,
      'Elasticsearch',
    )

    const selector = `{run="${run}"}`
    const window = { startMs: startMs - 60_000, endMs: Date.now() + 60_000 }
    await until(
      async () => (await allEntries(loki, selector, window)).length >= total,
      'Loki has them',
      180_000,
    )
    const entries = await allEntries(loki, selector, window)
    assertOnce(
      entries.map((entry) => uidOf(entry.line)),
      expected,
      'Loki',
    )

    assertSampleDocuments(documents)
    assertSampleEntries(entries)
    const { code } = await agent.kill('SIGTERM')
    assert.equal(code, 0, agent.stderr)
  },
)

function assertOnce(found: readonly string[], expected: ReadonlySet<string>, where: string): void {
  const distinct = new Set(found)
  assert.equal(found.length, distinct.size, `${where} has something twice`)
  const missing = [...expected].filter((uid) => !distinct.has(uid))
  assert.deepEqual(missing.slice(0, 5), [], `${where} lacks ${missing.length}`)
  assert.equal(distinct.size, expected.size)
}

type Documents = Awaited<ReturnType<typeof allDocuments>>

function assertSampleDocuments(documents: Documents): void {
  const sample = (i: number): Record<string, unknown> =>
    documents.find((document) => uidOf(JSON.stringify(document._source)) === `${run}-${i}`)!._source
  const json = sample(5)
  assert.equal(json['log.level'], 'warn')
  assert.equal(json['level'], 'WARN')
  assert.equal(json['trace.id'], trace)
  assert.equal(json['n'], 12345678901234)
  assert.equal(json['service'], 'ship-test')
  assert.equal(json['@timestamp'], json['time'])
  const ecs = sample(6)
  assert.deepEqual(ecs['host'], { name_original: 'own-name', ip_original: '10.1.1.1' })
  assert.equal(ecs['log.level'], 'info')
  const plain = sample(7)
  assert.match(String(plain['message']), /plain words with "quotes" and ü/)
  assert.equal(plain['trace.id'], trace)
  assert.equal(plain['span.id'], 'b7ad6b7169203331')
  const pod = sample(8)
  assert.equal(pod['stream'], 'stdout')
  assert.equal(pod['kubernetes.namespace'], 'shop')
  assert.equal(pod['kubernetes.pod.name'], 'cart-7d4')
  assert.equal(pod['kubernetes.container.name'], 'cart')
  assert.match(String(pod['@timestamp']), /\.\d{9}Z$/)
  const docker = sample(9)
  assert.equal(docker['stream'], 'stderr')
  assert.equal(docker['log.level'], 'debug')
}

function assertSampleEntries(entries: Awaited<ReturnType<typeof allEntries>>): void {
  const sample = (i: number) => entries.find((entry) => uidOf(entry.line) === `${run}-${i}`)!
  const json = sample(5)
  assert.equal(json.labels['level'], 'warn')
  assert.equal(json.labels['service'], 'ship-test')
  assert.equal(json.labels['trace_id'], trace)
  assert.match(String(json.labels['filename']), /json\.log/)
  assert.ok(json.labels['host_name'])
  assert.ok(json.line.startsWith('{"time":'))
  const pod = sample(8)
  assert.ok(pod.line.startsWith('{"level":"error"'), 'the CRI wrapper is gone from the line')
  assert.equal(pod.labels['service'], 'pods')
}
