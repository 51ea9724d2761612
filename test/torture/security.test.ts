import assert from 'node:assert/strict'
import { appendFileSync, mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { AgentRig } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { FakeElasticsearch } from '../support/fake-elasticsearch.ts'
import { FakeLoki } from '../support/fake-loki.ts'
import { SpawnedAgent } from '../support/spawn-agent.ts'

const fileNames = [
  'new\nline.log',
  'quo"te\'.log',
  '\u001b[31mred\u001b]0;title\u0007.log',
  '<script>alert(1)<script>.log',
  'a"},"x":"y.log',
  '..\\..\\x.log',
  `${'x'.repeat(251)}.log`,
  '%Y{level}$(reboot).log',
  '__proto__.log',
  '{a="b"} or {c=~".+"}.log',
  'var/log/pods/n"s}_p,a="b_uid\n2/c{d}/0.log',
  'var/log/pods/\u001b[2J_\u0007_\r/..x/0.log',
  `var/log/pods/NS_${'p'.repeat(200)}_u/${'c'.repeat(255)}/0.log`,
]

describe('hostile names of files and pods', () => {
  it('SEC-PATH: each stands in its document and label as it is, and in no log, page or index as more than text', async (context) => {
    const rig = await AgentRig.open(context)
    const loki = new FakeLoki()
    const url = await loki.start()
    context.after(() => loki.stop())
    const labels = { job: 'x', pod: '{pod:-none}', file: '{filename}' }
    rig.configure({
      log: { level: 'trace' },
      sources: { app: rig.fileSource('**/*.log') },
      sinks: {
        es: rig.elasticsearchSink({ index: 'app-{kubernetes.pod.name:-none}' }),
        loki: { type: 'loki', url, labels, batch: { max_wait: '20ms' } },
      },
    })
    for (const name of fileNames) rig.append('{"message":"m"}\n', name)
    const notUtf8 = Buffer.concat([
      Buffer.from(join(rig.logs, 'un')),
      Buffer.from([0xff]),
      Buffer.from('.log'),
    ])
    mkdirSync(dirname(notUtf8.toString()), { recursive: true })
    appendFileSync(notUtf8, 'x\n')
    const agent = await rig.start()
    await rig.arrived(fileNames.length)
    await until(() => loki.entries().length === fileNames.length, 'Loki has all')
    const paths = fileNames.map((name) => join(rig.logs, name)).sort()
    const got = rig.documents().map((text): string => JSON.parse(text)['log.file.path'])
    assert.deepEqual(got.sort(), paths)
    const streams = loki.pushes.flatMap((push) => push.streams)
    assert.equal(new Set(streams.map((stream) => stream.labels)).size, fileNames.length)
    for (const { index } of rig.elasticsearch.documents()) assert.match(index, /^app-[^\s"*,/<>?\\|#:]+$/)
    await until(() => agent.stderr.includes('its name is not UTF-8'), 'a name that cannot be read is told')
    // The page asks for names, and test/real/page.test.ts shows that they stay text there.
    const page = (await rig.get(agent, '/')).body
    const state = JSON.parse((await rig.get(agent, '/page-state')).body)
    assert.ok(paths.every((path) => !page.includes(path)))
    assert.ok(state.status.files.length > 0)
    for (const file of state.status.files) assert.ok(paths.includes(file.path), file.path)
    assert.doesNotMatch(agent.stderr, /[\0-\x09\x0b-\x1f]/)
    agent.child.kill('SIGTERM')
    assert.equal((await agent.exited).code, 0)
  })
})

const values = [
  'a"},"x":"',
  '../_all/_delete',
  'a\nb',
  '.kibana',
  'UPPER',
  'x'.repeat(300),
  'x"} or {a="',
  '\n{"delete":{"_index":"app","_id":"1"}}\n',
  '__proto__',
  '\u2028\u0000\ud800',
]

describe('hostile values of fields', () => {
  it('SEC-BULK: a line makes one document of the template, whatever its index field, id and text say', async (context) => {
    const rig = await AgentRig.open(context)
    const sink = { index: 'app-{service}-%Y', id: { field: 'id' }, pipeline: 'p&refresh=true/../x' }
    rig.elasticsearch.indices.pipelines.add(sink.pipeline)
    rig.configure({ sinks: { es: rig.elasticsearchSink(sink) } })
    for (const [index, value] of values.entries())
      rig.append(`${JSON.stringify({ service: value, id: `${index}${value}`, message: value })}\n`)
    rig.append('{"delete":{"_index":"app","_id":"1"}}\n{"index":{"_index":".kibana"}}\n')
    rig.append('{"service":"x","id":"last","_index":"y","_id":"z","routing":"r","__proto__":{"a":1}}\n')
    assert.equal((await rig.once()).code, 0)
    const documents = rig.elasticsearch.documents()
    assert.equal(documents.length, values.length + 3)
    for (const { index } of documents) {
      assert.match(index, /^app-[^\s"*,/<>?\\|#:]+-\d{4}$/)
      assert.ok(Buffer.byteLength(index) <= 255 && index === index.toLowerCase())
    }
    assert.ok(documents.some(({ source }) => source.includes('"__proto__":{"a":1}')))
    for (const { url, body } of rig.elasticsearch.requests.filter(({ method }) => method === 'POST')) {
      assert.deepEqual([...new URL(url, 'http://x').searchParams.keys()].sort(), ['filter_path', 'pipeline'])
      const actions = body.split('\n').filter((_, line) => line % 2 === 0 && _ !== '')
      for (const action of actions) assert.deepEqual(Object.keys(JSON.parse(action)), ['create'])
    }
  })

  it('SEC-LABEL: a value is the value of its label, in one stream, and brings no other label', async (context) => {
    const rig = await AgentRig.open(context)
    const loki = new FakeLoki()
    const url = await loki.start()
    context.after(() => loki.stop())
    const labels = { job: 'x', value: '{v}', proto: '{__proto__:-none}' }
    rig.configure({ sinks: { loki: { type: 'loki', url, labels, batch: { max_wait: '20ms' } } } })
    for (const v of [...values, 'y'.repeat(200_000)]) rig.append(`${JSON.stringify({ v })}\n`)
    assert.equal((await rig.once()).code, 0)
    assert.equal(loki.entries().length, values.length + 1)
    for (const { labels: text } of loki.entries()) {
      const names = [...text.replaceAll(/"(?:[^"\\]|\\.)*"/g, '""').matchAll(/(\w+)=""/g)].map(
        ([, name]) => name,
      )
      assert.deepEqual(names, ['job', 'proto', 'service_name', 'value'])
    }
  })
})

describe('hostile configs and servers', () => {
  it('SEC-HDR, SEC-SSRF, SEC-PROTO: line breaks in headers, other schemes, prototypes and fields in paths are refused', async (context) => {
    const rig = await AgentRig.open(context)
    const loki = { type: 'loki', url: 'http://127.0.0.1:1', labels: { job: 'x' } }
    const es = rig.elasticsearchSink()
    const wrong: readonly object[] = [
      { ...loki, tenant: 'a\r\nx: y' },
      { ...loki, headers: { 'X-A': 'a\r\nb: c' } },
      { ...loki, headers: { 'X\r\nA': 'a' } },
      { ...loki, auth: { bearer_token: 'a\r\nb: c' } },
      { ...loki, auth: { bearer_token: 'dash\u2013' } },
      { ...es, auth: { api_key: 'a\u0001' } },
      ...['file:///etc/passwd', 'gopher://127.0.0.1', 'unix:/run/x'].map((node) => ({
        ...es,
        nodes: [node],
      })),
      { ...loki, proxy: 'socks5://127.0.0.1:1' },
      JSON.parse('{"__proto__":{"a":1},"type":"console"}'),
      { type: 'constructor' },
      { ...es, index: '../{x}' },
      { type: 'file', path: '/tmp/{x}.log' },
    ]
    rig.configure({ sinks: Object.fromEntries(wrong.map((sink, index) => [`s${index}`, sink])) })
    const agent = new SpawnedAgent(['validate', '-c', rig.configPath])
    assert.equal((await agent.exited).code, 78)
    for (const index of wrong.keys())
      assert.ok(agent.stderr.includes(`sinks.s${index}.`), `${index}: ${agent.stderr}`)
  })

  it('SEC-SSRF: a redirect is not followed, and the events stay', async (context) => {
    const rig = await AgentRig.open(context)
    const elsewhere = new FakeElasticsearch()
    await elsewhere.listen()
    context.after(() => elsewhere.close())
    const location = `${elsewhere.url}/_bulk`
    for (const status of [301, 302, 307, 308])
      rig.elasticsearch.faults.script({ kind: 'answer', status, body: '', headers: { location } })
    rig.write(5)
    await rig.start()
    await until(() => rig.elasticsearch.bulkRequests > 4, 'it has been redirected four times')
    await rig.arrived(5)
    assert.equal(elsewhere.requests.length, 0)
  })

  it('SEC-TLS: verify: false is said at each start', async (context) => {
    const rig = await AgentRig.open(context)
    rig.configure({ sinks: { es: rig.elasticsearchSink({ tls: { verify: false } }) } })
    for (let start = 0; start < 2; start += 1) assert.match((await rig.once()).stderr, /"warn".*verif/)
  })
})
