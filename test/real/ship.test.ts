import assert from 'node:assert/strict'
import { appendFileSync, existsSync, renameSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { until } from '../support/fake-clock.ts'
import { Rig, type Daemon } from './rig.ts'
import { allDocuments, allEntries, deleteIndices, servers, type Document, type Entry } from './servers.ts'

const { es, loki, why } = servers()
const total = 200_000
const slices = 10
/** Rotated files that are kept, as logrotate does: the oldest is replaced, so it is gone while it may still be read. */
const kept = 3
const run = `ship-${Date.now()}`
const trace = '0af7651916cd43dd8448eb211c80319c'
const span = 'b7ad6b7169203331'
const pod = 'var/log/pods/shop_cart-7d4_11111111-2222-3333-4444-555555555555/cart/0.log'

/** Five kinds of lines, as one host has them. */
const kinds: readonly (readonly [name: string, line: (uid: string, time: Date) => string])[] = [
  [
    'json.log',
    (uid, time) =>
      JSON.stringify({ time: time.toISOString(), level: 'WARN', uid, trace_id: trace, n: 12345678901234 }),
  ],
  [
    'ecs.log',
    (uid, time) =>
      JSON.stringify({
        '@timestamp': time.toISOString(),
        'log.level': 'info',
        uid,
        host: { name: 'own-name', ip: '10.1.1.1' },
      }),
  ],
  [
    'plain.log',
    (uid, time) =>
      `${time.toISOString()} plain words with "quotes" and ü, uid=${uid} traceparent=00-${trace}-${span}-01`,
  ],
  [
    pod,
    (uid, time) =>
      `${time.toISOString().replace('Z', '123456Z')} stdout F ${JSON.stringify({ level: 'error', uid, msg: 'from a container' })}`,
  ],
  [
    'docker.log',
    (uid, time) =>
      JSON.stringify({
        log: `${JSON.stringify({ level: 'debug', uid })}\n`,
        stream: 'stderr',
        time: time.toISOString(),
      }),
  ],
]
const startMs = Date.now() - 10 * 60_000
const uidOf = (text: string): string => /ship-\d+-\d+/.exec(text)?.[0] ?? text

/** One line of each kind in turn; the number of a line is its uid and its time. */
function write(folder: string, from: number, to: number, suffix = ''): void {
  for (const [kind, [name, line]] of kinds.entries()) {
    let text = ''
    for (let i = from + kind; i < to; i += kinds.length)
      text += `${line(`${run}-${i}`, new Date(startMs + i))}\n`
    appendFileSync(join(folder, name) + suffix, text)
  }
}

function rotate(folder: string): void {
  for (const [name] of kinds) {
    const path = join(folder, name)
    for (let i = kept - 1; i >= 1; i--)
      if (existsSync(`${path}.${i}`)) renameSync(`${path}.${i}`, `${path}.${i + 1}`)
    renameSync(path, `${path}.1`)
  }
}

/** All slices, each into new files but for its end, which still goes to the renamed ones, as writers do that learn of it later. */
async function writeThroughRotation(folder: string, agent: Daemon): Promise<void> {
  const slice = total / slices
  const late = slice / 20
  const seen = new Set<string>()
  for (let part = 0; part < slices; part++) {
    const to = (part + 1) * slice
    const isLast = part === slices - 1
    write(folder, part * slice, isLast ? to : to - late)
    // What comes and leaves the globs before the agent saw it is nobody's.
    await until(async () => {
      for (const { id } of (await agent.status()).files) seen.add(id)
      return seen.size >= (part + 1) * kinds.length
    }, `the files of part ${part} are seen`)
    if (isLast) return
    rotate(folder)
    write(folder, to - late, to, '.1')
  }
}

function config(folder: string): object {
  return {
    sources: {
      app: { type: 'file', include: [join(folder, '*.log')], fields: { service: 'ship-test' } },
      pods: { type: 'file', include: [join(folder, 'var/log/pods/*/*/*.log')], parse: ['cri', 'json'] },
    },
    sinks: {
      es: { type: 'elasticsearch', nodes: [es], index: `${run}-{service:-pods}` },
      loki: {
        type: 'loki',
        url: loki,
        labels: { run, level: '{level:-none}', service: '{service:-pods}', namespace: '{namespace}' },
        structured_metadata: ['host_name', 'filename', 'trace_id', 'span_id', 'pod', 'container'],
      },
    },
  }
}

after(() => deleteIndices(es, run))

test(
  `${total} mixed lines through rotation are in Elasticsearch and in Loki exactly once each`,
  { skip: why, timeout: 480_000 },
  async (context) => {
    const rig = new Rig(context)
    for (const [name] of kinds) rig.write(name, [])
    const agent = await rig.start(rig.config(config(rig.folder)))
    const started = performance.now()
    await writeThroughRotation(rig.folder, agent)
    const written = performance.now()
    const ledger = await agent.settled(total, 300_000)
    const settled = performance.now()
    for (const sink of ['es', 'loki']) {
      const retries = await agent.metric('logferry_sink_retries_total', `sink="${sink}"`)
      const tooMany = await agent.metric('logferry_sink_requests_total', `sink="${sink}",code="429"`)
      context.diagnostic(`${sink}: ${retries} retries, ${tooMany} answers 429`)
    }
    const documents = await allDocuments(es, `${run}-*`)
    assertOnce(
      documents.map((document) => uidOf(JSON.stringify(document._source))),
      'Elasticsearch',
    )
    const entries = await allEntries(loki, {
      selector: `{run="${run}"}`,
      startMs: startMs - 60_000,
      endMs: Date.now() + 60_000,
    })
    assertOnce(
      entries.map((entry) => uidOf(entry.line)),
      'Loki',
    )
    context.diagnostic(
      `${total} lines, ${slices - 1} rotations of ${kinds.length} files, ${Math.round(written - started)} ms to write, ${Math.round(settled - started)} ms until all was settled`,
    )

    const pods = total / kinds.length
    const row = (read: number): object => ({
      read_events: read,
      acknowledged: read,
      dead_lettered: 0,
      dropped: {},
      filtered: 0,
      in_buffer: 0,
    })
    assert.deepEqual(Object.fromEntries(ledger), {
      'app/es': row(total - pods),
      'app/loki': row(total - pods),
      'pods/es': row(pods),
      'pods/loki': row(pods),
    })
    assert.equal(documents.filter(({ _index }) => _index === `${run}-pods`).length, pods)
    assert.equal(entries.filter(({ labels }) => labels['service'] === 'pods').length, pods)
    for (const { lost_bytes } of Object.values((await agent.status()).ledger))
      assert.deepEqual(lost_bytes, {})

    assertSampleDocuments(documents, rig.folder)
    assertSampleEntries(entries, rig.folder)
    await agent.stop()
  },
)

function assertOnce(found: readonly string[], where: string): void {
  const distinct = new Set(found)
  const missing = Array.from({ length: total }, (_, i) => `${run}-${i}`).filter((uid) => !distinct.has(uid))
  assert.deepEqual(missing.slice(0, 5), [], `${where} lacks ${missing.length}`)
  assert.equal(found.length, total, `${where} has something twice, or of somebody else`)
}

const isoOf = (i: number): string => new Date(startMs + i).toISOString()

/** Whole documents, but for what is different at each run: so nothing is there that should not be. */
function assertSampleDocuments(documents: readonly Document[], folder: string): void {
  const sample = (i: number, name: string): Record<string, unknown> => {
    const found = documents.find(({ _source }) => uidOf(JSON.stringify(_source)) === `${run}-${i}`)!._source
    const { 'log.offset': offset, 'log.file.path': path, 'host.name': host, ...rest } = found
    assert.equal(typeof offset, 'number')
    assert.equal(path, join(folder, name))
    assert.equal(host, hostname())
    return rest
  }
  const last = total - kinds.length
  for (const i of [0, 5, last]) {
    assert.deepEqual(sample(i, 'json.log'), {
      '@timestamp': isoOf(i),
      service: 'ship-test',
      'log.level': 'warn',
      'trace.id': trace,
      time: isoOf(i),
      level: 'WARN',
      uid: `${run}-${i}`,
      trace_id: trace,
      n: 12345678901234,
    })
    assert.deepEqual(sample(i + 1, 'ecs.log'), {
      '@timestamp': isoOf(i + 1),
      service: 'ship-test',
      'log.level': 'info',
      uid: `${run}-${i + 1}`,
      host: { name_original: 'own-name', ip_original: '10.1.1.1' },
    })
    const { '@timestamp': readAt, ...plain } = sample(i + 2, 'plain.log')
    assert.deepEqual(plain, {
      service: 'ship-test',
      message: kinds[2]![1](`${run}-${i + 2}`, new Date(startMs + i + 2)),
      'trace.id': trace,
      'span.id': span,
    })
    const read = Date.parse(String(readAt))
    assert.ok(read > startMs + 9 * 60_000 && read <= Date.now(), 'plain text has the time of reading')
    assert.deepEqual(sample(i + 3, pod), {
      '@timestamp': isoOf(i + 3).replace('Z', '123456Z'),
      stream: 'stdout',
      'kubernetes.namespace': 'shop',
      'kubernetes.pod.name': 'cart-7d4',
      'kubernetes.pod.uid': '11111111-2222-3333-4444-555555555555',
      'kubernetes.container.name': 'cart',
      'log.level': 'error',
      level: 'error',
      uid: `${run}-${i + 3}`,
      msg: 'from a container',
    })
    assert.deepEqual(sample(i + 4, 'docker.log'), {
      '@timestamp': isoOf(i + 4),
      service: 'ship-test',
      stream: 'stderr',
      'log.level': 'debug',
      level: 'debug',
      uid: `${run}-${i + 4}`,
    })
  }
}

function assertSampleEntries(entries: readonly Entry[], folder: string): void {
  const sample = (i: number): Entry => entries.find(({ line }) => uidOf(line) === `${run}-${i}`)!
  const expect = (
    i: number,
    expected: { level: string; line: string; more?: object; namespace?: string },
  ): void => {
    const { labels, metadata, line, time } = sample(i)
    // Loki's own: it spreads a busy stream over several.
    const { service_name: _service, __stream_shard__: _shard, ...ownLabels } = labels
    const { detected_level: _level, ...ownMetadata } = metadata
    const [name] = kinds[i % kinds.length]!
    assert.equal(line, expected.line)
    assert.deepEqual(ownLabels, {
      run,
      level: expected.level,
      service: name === pod ? 'pods' : 'ship-test',
      ...(name === pod && { namespace: 'shop' }),
    })
    assert.deepEqual(ownMetadata, { host_name: hostname(), filename: join(folder, name), ...expected.more })
    if (name === 'plain.log') assert.ok(BigInt(time) > BigInt(startMs + 9 * 60_000) * 1_000_000n)
    else assert.equal(time, `${startMs + i}${name === pod ? '123456' : '000000'}`)
  }
  for (const i of [0, 5, total - kinds.length]) {
    const uid = (j: number): string => `${run}-${j}`
    const raw = (j: number): string => kinds[j % kinds.length]![1](uid(j), new Date(startMs + j))
    expect(i, { level: 'warn', line: raw(i), more: { trace_id: trace } })
    expect(i + 1, { level: 'info', line: raw(i + 1) })
    expect(i + 2, { level: 'none', line: raw(i + 2), more: { trace_id: trace, span_id: span } })
    expect(i + 3, {
      level: 'error',
      line: JSON.stringify({ level: 'error', uid: uid(i + 3), msg: 'from a container' }),
      more: { pod: 'cart-7d4', container: 'cart' },
    })
    expect(i + 4, { level: 'debug', line: JSON.stringify({ level: 'debug', uid: uid(i + 4) }) })
  }
}
