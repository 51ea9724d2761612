import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { after, test } from 'node:test'
import { startFakeElasticsearch } from '../../support/fake-elasticsearch.ts'

interface Fixture {
  readonly path: string
  readonly body?: string
  readonly headers?: Record<string, string>
  readonly status: number
  readonly answer: string
}

const folder = 'test/fixtures/elasticsearch'

/** What the fake does not know: it has no settings of clusters, mappings and aliases. */
const beyondTheFake = new Set([
  'alias-without-write-index',
  'date-out-of-range',
  'field-limit',
  'index-not-found',
  'shard-limit',
  'stream-no-timestamp',
  'strict',
  // Its own JSON parser takes duplicate keys, and says less.
  'bad-json',
  // Answers in full are for other clients.
  'created-unfiltered',
])

const fake = await startFakeElasticsearch()
after(() => fake.close())

test('the fake answers what the real server answered to the same requests', async () => {
  const { indices } = fake
  indices.pipelines.add('out-es-empty')
  indices.dataStreams.add('logs-outes-default')
  indices.states.set('out-es-fix-closed', 'closed')
  indices.states.set('out-es-fix-blocked', 'blocked')
  indices.states.set('out-es-fix-flood', 'flood')
  // In the order in which they were captured: a conflict needs the document that came before.
  const first = ['created', 'conflict', 'updated', 'mapping']
  const others = readdirSync(folder).map((file) => file.replace('.json', ''))
  for (const name of [...first, ...others.filter((other) => !first.includes(other))]) {
    const fixture = read(name)
    if (fixture.body === undefined || beyondTheFake.has(name)) continue
    const response = await fetch(fake.url + fixture.path, {
      method: 'POST',
      body: fixture.body,
      headers: fixture.headers ?? { 'content-type': 'application/x-ndjson' },
    })
    assert.equal(response.status, fixture.status, name)
    assert.deepEqual(gist(await response.text()), gist(fixture.answer), name)
  }
})

test('the fake as a process of its own takes faults and shows what it stored', async () => {
  const script = fileURLToPath(new URL('../../support/fake-elasticsearch.js', import.meta.url))
  const faults = JSON.stringify({ lostAck: 1 })
  const child = spawn(process.execPath, [script, '--port', '0', '--faults', faults], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  try {
    const said = await new Promise<string>((resolve) =>
      child.stdout.once('data', (part: Buffer) => resolve(String(part))),
    )
    const { port }: { port: number } = JSON.parse(said)
    const url = `http://127.0.0.1:${port}`
    const send = (): Promise<Response> =>
      fetch(`${url}/_bulk`, {
        method: 'POST',
        body: '{"create":{"_index":"i","_id":"1"}}\n{"a":1}\n',
        headers: { 'content-type': 'application/x-ndjson' },
      })
    await assert.rejects(send())
    await fetch(`${url}/_fake/faults`, { method: 'POST', body: '{}' })
    assert.deepEqual(gist(await (await send()).text()), ['409 version_conflict_engine_exception'])
    const documents = await (await fetch(`${url}/_fake/documents`)).text()
    assert.equal(documents, '{"index":"i","id":"1","source":"{\\"a\\":1}","version":1}\n')
    assert.equal(await (await fetch(`${url}/_fake/stats`)).text(), '{"documents":1,"requests":2}')
  } finally {
    child.kill()
  }
})

test('the same seed brings the same faults', async () => {
  const runs = await Promise.all([draw(7), draw(7), draw(8)])
  assert.deepEqual(runs[0], runs[1])
  assert.notDeepEqual(runs[0], runs[2])
})

async function draw(seed: number): Promise<string[]> {
  const { Faults } = await import('../../support/fake-faults.ts')
  const faults = new Faults()
  faults.set({ seed, reset: 0.2, lostAck: 0.2, refuse: 0.3, statuses: [429, 503] })
  return Array.from({ length: 50 }, () => faults.next().kind)
}

function read(name: string): Fixture {
  const fixture: Fixture = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'))
  return fixture
}

interface Entry {
  readonly status: number
  readonly error?: { readonly type: string }
}

/** Status and type of each item, or of the whole. */
function gist(text: string): string[] {
  const answer: { items?: Record<string, Entry>[]; error?: string | { type: string }; status?: number } =
    JSON.parse(text)
  if (answer.items) {
    return answer.items.map((item) => {
      const [entry] = Object.values(item)
      return `${entry?.status} ${entry?.error?.type ?? ''}`.trim()
    })
  }
  const { error } = answer
  return [`${answer.status} ${typeof error === 'object' ? error.type : (error ?? '')}`]
}
