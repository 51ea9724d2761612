import assert from 'node:assert/strict'
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { AgentRig, assertAddsUp } from '../support/agent-rig.ts'
import { until } from '../support/fake-clock.ts'
import { SpawnedAgent } from '../support/spawn-agent.ts'

/** Short forms of the incidents of docs/runbook.md: its commands, and the words that it tells people to look for. */

interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** `logferry WORDS`, as typed; the config is found as on a host. */
async function type(
  context: TestContext,
  rig: AgentRig,
  words: readonly string[],
  input = '',
): Promise<Said> {
  const env = { LOGFERRY_CONFIG: rig.configPath }
  const spawned = new SpawnedAgent(words, { env, input })
  context.after(() => spawned.kill())
  const { code } = await spawned.exited
  return { code, stdout: spawned.stdout, stderr: spawned.stderr }
}

/** Types `logferry status` until it says so, and answers with what it said. */
async function statusSays(context: TestContext, rig: AgentRig, ...wanted: RegExp[]): Promise<string> {
  let shown = ''
  await until(
    async () => {
      shown = (await type(context, rig, ['status'])).stdout
      return wanted.every((part) => part.test(shown))
    },
    `status says ${wanted.join(' and ')}`,
    30_000,
  ).catch((error: unknown) => {
    throw new Error(`${String(error)}, it says:\n${shown}`)
  })
  return shown
}

/** The row of the ledger that `status --json` shows; it adds up. */
async function ledgerRow(context: TestContext, rig: AgentRig): Promise<Record<string, unknown>> {
  const { stdout } = await type(context, rig, ['status', '--json'])
  const status = JSON.parse(stdout)
  assertAddsUp(status)
  return { ...status.ledger.app.sinks.es, replayed: status.sinks.es.replayed }
}

const allWell = { dead_lettered: 0, dropped: {}, filtered: 0, in_buffer: 0, replayed: 0 }

describe('the runbook', () => {
  it('names only commands, checks and sections that are there', () => {
    const runbook = readFileSync('docs/runbook.md', 'utf8')
    const alerts = readFileSync('docs/alerts.md', 'utf8')
    const troubleshooting = readFileSync('docs/troubleshooting.md', 'utf8')
    const slug = (title: string): string =>
      title
        .toLowerCase()
        .replaceAll(/[^\w -]/g, '')
        .replaceAll(' ', '-')
    const anchors = (text: string): string[] => [...text.matchAll(/^#+ (.+)$/gm)].map(([, one]) => slug(one!))
    const pages: Record<string, string[]> = {
      'runbook.md': anchors(runbook),
      'alerts.md': anchors(alerts),
      'troubleshooting.md': anchors(troubleshooting),
      'delivery.md': anchors(readFileSync('docs/delivery.md', 'utf8')),
    }
    for (const text of [runbook, alerts, troubleshooting]) {
      const links = [...text.matchAll(/\]\((\w+\.md)#([^)]+)\)/g)]
      const broken = links.filter(([, page, anchor]) => pages[page!]?.includes(anchor!) === false)
      assert.deepEqual(
        broken.map(([link]) => link),
        [],
      )
    }
    const named = [...runbook.matchAll(/\b(Logferry[A-Z]\w+)/g)].map(([, name]) => name!)
    assert.deepEqual(
      named.filter((name) => !pages['alerts.md']!.includes(name.toLowerCase())),
      [],
    )
  })

  it('1: a sink is down: status, validate --probe, and it comes back by itself', async (context) => {
    const rig = await AgentRig.open(context)
    await rig.start()
    rig.write(20)
    await rig.arrived(20)
    await rig.sinkDown()
    rig.write(20)
    await statusSays(context, rig, /^es +retrying +20 +20 /m, /^ {2}es: network: connect ECONNREFUSED/m)
    const probe = await type(context, rig, ['validate', '--probe'])
    assert.equal(probe.code, 1)
    assert.match(probe.stdout, /^ {2}probe es: FAILED: connect ECONNREFUSED/m)
    await rig.sinkUp()
    await statusSays(context, rig, /^logferry \S+: healthy$/m, /^es +ok +40 +0 /m)
    assert.deepEqual(await ledgerRow(context, rig), { ...allWell, acknowledged: 40 })
  })

  it('2: a mapping conflict: dlq ls says what to do, dlq replay brings them in', async (context) => {
    const rig = await AgentRig.open(context)
    await rig.start()
    rig.append('{"status":200}\n{"status":"timeout"}\n{"status":"timeout"}\n')
    await statusSays(
      context,
      rig,
      /^es +ok +1 +0 .* 2 +0$/m,
      /^ {2}es: 2 dead letters; `logferry dlq ls` says why$/m,
    )
    const letters = await type(context, rig, ['dlq', 'ls'])
    assert.match(letters.stdout, /^es +app +mapping +document_parsing_exception +status +2 /m)
    assert.match(
      letters.stdout.replaceAll(/\s+/g, ' '),
      /set "ignore_malformed": true for status \(PUT INDEX/,
    )
    const words = ['dlq', 'replay', '--sink', 'es', '--reason', 'mapping']
    const early = await type(context, rig, words)
    assert.equal(early.code, 1)
    assert.match(early.stdout, /^es: took 0 dead letters; refused again, and kept, 2 dead letters$/m)
    rig.elasticsearch.indices.forgetMappings()
    const late = await type(context, rig, words)
    assert.deepEqual([late.code, late.stdout], [0, 'es: took 2 dead letters\n'], late.stderr)
    assert.match((await type(context, rig, ['dlq', 'ls'])).stdout, /^No dead letters in /)
    const row = await ledgerRow(context, rig)
    assert.deepEqual(row, { ...allWell, acknowledged: 1, dead_lettered: 2, replayed: 2 })
    assert.equal(rig.documents().length, 3)
  })

  it('3: a log that is not read: status names it, doctor says why, an edit mends it', async (context) => {
    const rig = await AgentRig.open(context)
    const elsewhere = join(rig.folder, 'current.log')
    writeFileSync(elsewhere, '{"message":"order 1"}\n')
    symlinkSync(elsewhere, join(rig.logs, 'app.log'))
    rig.append('{"message":"query"}\n', 'search.txt')
    const app = rig.fileSource('*.log')
    rig.configure({ sources: { app, search: rig.fileSource('*.text') } })
    await rig.start()
    await statusSays(
      context,
      rig,
      /^ {2}app: .*app\.log leads to .*current\.log, outside of its include/m,
      /^ {2}search: no file is read; `logferry doctor` says why$/m,
    )
    const doctor = await type(context, rig, ['doctor', '--json'])
    const seen = JSON.parse(doctor.stdout).findings.map((one: { seen: string }) => one.seen)
    assert.ok(
      seen.some((text: string) => text.includes('outside of its include')),
      doctor.stdout,
    )
    assert.ok(
      seen.some((text: string) => /sources\.search: .* matches no file/.test(text)),
      doctor.stdout,
    )
    const search = rig.fileSource('*.txt')
    rig.configure({ sources: { app: { ...app, follow_symlinks: [rig.folder] }, search } })
    await rig.arrived(2)
    const end = await statusSays(context, rig, /^app +fast +1 /m, /^search +fast +1 /m)
    assert.doesNotMatch(end, /outside|no file is read/)
  })

  it('4: the disk is full: reading waits, and goes on once there is room', async (context) => {
    const rig = await AgentRig.open(context)
    if (!rig.mountDataDir(4 * 1024 * 1024)) return context.skip('may not mount')
    await rig.start()
    rig.write(10)
    await rig.arrived(10)
    const dump = join(rig.dataDir, 'core.8812')
    assert.throws(() => writeFileSync(dump, Buffer.alloc(8 * 1024 * 1024)), /ENOSPC/)
    rig.write(10)
    await statusSays(context, rig, /the disk of data_dir is full/, /disk_full$/m)
    writeFileSync(dump, '')
    await rig.arrived(20)
    await statusSays(context, rig, /^logferry \S+: healthy$/m, /^es +ok +20 +0 /m)
    assert.deepEqual(await ledgerRow(context, rig), { ...allWell, acknowledged: 20 })
  })

  it('4: the buffer is full: drop_oldest is taken over in the midst of it, and counts', async (context) => {
    const rig = await AgentRig.open(context, { buffer: { max_bytes: '4MiB' } })
    await rig.sinkDown()
    rig.write(8000, { pad: 1000 })
    await rig.start()
    await statusSays(context, rig, /full: reading stops .* held by sink es/, /, full$/m)
    rig.configure({ sinks: { es: rig.elasticsearchSink({ when_full: 'drop_oldest' }) } })
    await statusSays(context, rig, /^app +fast +1 +\S+ \S+ +8,000 +0 bytes/m)
    await rig.sinkUp()
    await statusSays(context, rig, /^logferry \S+: healthy$/m, /^es +ok +[\d,]+ +0 /m)
    const { acknowledged, dropped } = await ledgerRow(context, rig)
    assert.equal(acknowledged, rig.documents().length)
    assert.deepEqual(dropped, { buffer_full: 8000 - acknowledged })
  })

  it('5: a wrong regex: explain shows where, test tries the new one, and the lines are shipped again', async (context) => {
    const rig = await AgentRig.open(context, { buffer: { retain: '1h' } })
    const parse = (number: string): object => ({
      type: 'regex',
      pattern: `^(?<level>[A-Z]+) (?<ms>${number})ms (?<message>.*)$`,
      types: { ms: 'float' },
    })
    const wrong = { app: rig.fileSource('*.log', { parse: parse('\\d+') }) }
    const right = { app: rig.fileSource('*.log', { parse: parse('\\d+(?:\\.\\d+)?') }) }
    rig.configure({ sources: wrong })
    await rig.start()
    const line = 'ERROR 8.0ms job 440'
    rig.append(`INFO 7ms job 439\n${line}\n`)
    await rig.arrived(2)
    const explained = await type(context, rig, ['explain', '--source', 'app', line])
    assert.match(explained.stdout, /it fits up to: ERROR 8\n +the line goes on with: \.0ms job 440\n/)
    const copy = join(rig.folder, 'new.json')
    writeFileSync(copy, JSON.stringify({ ...rig.config, sources: right }))
    const tried = await type(context, rig, ['test', '-c', copy, '--source', 'app', line])
    assert.match(tried.stdout, /"ms":8\.0,"message":"job 440"/)
    rig.configure({ sources: right })
    await until(
      () => {
        rig.append('WARN 1.5ms more\n')
        return rig.documents().some((text) => text.includes('"ms":1.5'))
      },
      'the new pattern is taken over',
      30_000,
    )
    const replay = ['replay', '--from', '1h', '--to', 'now', '--label', 'parse_error=regex']
    assert.match((await type(context, rig, replay)).stdout, /^es: sent \d+ events? again, of which it had/)
    const kept = await type(context, rig, ['buffer', 'cat', '--source', 'app'])
    const events = kept.stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text))
    const again = events.filter((event) => event.parse_error).map((event) => `${event.message}\n`)
    assert.ok(again.includes(`${line}\n`))
    const once = join(rig.folder, 'again.json')
    const source = { type: 'stdin', parse: parse('\\d+(?:\\.\\d+)?') }
    const { sinks } = rig.config
    const own = { data_dir: join(rig.folder, 'again'), admin: false, sources: { app: source }, sinks }
    writeFileSync(once, JSON.stringify(own))
    const shipped = await type(context, rig, ['run', '--once', '-c', once], again.join(''))
    assert.equal(shipped.code, 0, shipped.stderr)
    assert.ok(rig.documents().some((text) => text.includes('"ms":8.0,"message":"job 440"')))
  })
})
