import assert from 'node:assert/strict'
import { chmod, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { configFolder } from '../config/config-file.ts'
import { fakeLetter, writeLetters } from '../support/letters.ts'
import { say } from './fake-io.ts'

const escape = '\u001b'

/** A config with a data_dir that nobody has used yet. */
async function dataFolder(context: TestContext): Promise<{ config: string; dataDir: string }> {
  const { folder, write } = await configFolder(context)
  const config = await write(
    'agent.config.json',
    JSON.stringify({
      data_dir: './data',
      sources: { app: { type: 'file', include: ['/var/log/app/*.log'] } },
      sinks: {
        es: {
          type: 'elasticsearch',
          nodes: ['http://127.0.0.1:1'],
          index: 'app',
          auth: { username: 'writer', password: 'open-sesame' },
        },
      },
    }),
  )
  const dataDir = join(folder, 'data')
  await mkdir(dataDir, { mode: 0o700 })
  return { config, dataDir }
}

const tooOld = fakeLetter({
  sink: 'loki',
  reason: 'too_old',
  type: 'greater_than_max_sample_age',
  time: '2026-11-20T18:00:05.000Z',
  text: "entry for stream '{}' has timestamp too old: 2026-01-01T00:00:00Z",
  event: { target: '{job="app"}', body: 'first\nsecond', details: { time: '2026-01-01T00:00:00Z' } },
})

describe('logferry dlq ls', () => {
  it('groups by sink, source, reason, type and field, and says what to do about each', async (context) => {
    const { config, dataDir } = await dataFolder(context)
    await writeLetters(dataDir, 'es/001.ndjson', [fakeLetter(), fakeLetter({ id: 'a-1-1' })])
    await writeLetters(dataDir, 'es/002.ndjson', [fakeLetter({ id: 'a-2-1', source: 'web' })])
    await writeLetters(dataDir, 'loki/001.ndjson', [tooOld])
    const { status, stdout, stderr } = await say(['dlq', 'ls', '-c', config])
    assert.deepEqual([status, stderr], [0, ''])
    const rows = stdout.split('\n').map((line) => line.replace(/  +\d+ \S+  +\d+ \S+$/, ''))
    assert.deepEqual(rows.slice(1, 4), [
      'es    app     mapping  document_parsing_exception   n            2',
      'es    web     mapping  document_parsing_exception   n            1',
      'loki  app     too_old  greater_than_max_sample_age               1',
    ])
    assert.match(stdout, /^es, mapping of n\n {2}The index has n as long, these events have something else/m)
    assert.match(stdout, /^loki, too_old\n {2}Older than Loki takes/m)
    assert.match(stdout, /^4 dead letters, .* in .*\/data\/dead_letters; /m)
  })

  it('--json has the exact times, the text of the server and the files’ directory', async (context) => {
    const { config, dataDir } = await dataFolder(context)
    const later = fakeLetter({
      id: 'a-1-1',
      time: '2026-11-20T19:00:00.000Z',
      text: 'failed to parse field [n] of type [long], later',
    })
    await writeLetters(dataDir, 'es/001.ndjson', [fakeLetter(), later])
    const listing = JSON.parse((await say(['dlq', 'ls', '-c', config, '--json'])).stdout)
    const [{ advice, ...group }] = listing.groups
    assert.deepEqual(group, {
      sink: 'es',
      source: 'app',
      reason: 'mapping',
      status: 400,
      type: 'document_parsing_exception',
      field: 'n',
      letters: 2,
      first: '2026-11-20T18:00:00.000Z',
      last: '2026-11-20T19:00:00.000Z',
      text: later.text,
    })
    assert.match(advice, /index template/)
    const bytes = (await readFile(join(dataDir, 'dead_letters/es/001.ndjson'))).length
    assert.deepEqual([listing.letters, listing.bytes, listing.unreadable_lines], [2, bytes, 0])
    assert.equal(listing.directory, join(dataDir, 'dead_letters'))
  })

  it('leaves out what is being written, and says how many lines are no letters', async (context) => {
    const { config, dataDir } = await dataFolder(context)
    await writeLetters(dataDir, 'es/001.ndjson', [fakeLetter(), 'rubbish\n', '{"id":"half of a let'])
    const { stdout } = await say(['dlq', 'ls', '-c', config])
    assert.match(stdout, /^1 dead letter, /m)
    assert.match(stdout, /^left out, as they are no letters: 1 line$/m)
    // A look repairs nothing.
    assert.match(await readFile(join(dataDir, 'dead_letters/es/001.ndjson'), 'utf8'), /half of a let$/)
  })

  it('says that there are none', async (context) => {
    const { config, dataDir } = await dataFolder(context)
    const { status, stdout } = await say(['dlq', 'ls', '-c', config])
    assert.deepEqual([status, stdout], [0, `No dead letters in ${dataDir}/dead_letters.\n`])
  })

  it('shows no control character of a field on a terminal, and nothing wider than it', async (context) => {
    const { config, dataDir } = await dataFolder(context)
    const text = `failed to parse field [x${escape}[2J] of type [long]`
    await writeLetters(dataDir, 'es/001.ndjson', [fakeLetter({ text })])
    const { stdout } = await say(['dlq', 'ls', '-c', config], { isTerminal: true, env: { NO_COLOR: '1' } })
    assert.ok(!stdout.includes(escape))
    assert.match(stdout, /x\\x1b\[2J/)
    for (const line of stdout.split('\n').slice(0, 5)) assert.ok(line.length <= 80, line)
  })
})

describe('logferry dlq show', () => {
  it('shows the newest first, with the text of the server and the event', async (context) => {
    const { config, dataDir } = await dataFolder(context)
    await writeLetters(dataDir, 'es/001.ndjson', [fakeLetter()])
    await writeLetters(dataDir, 'loki/001.ndjson', [tooOld])
    const { status, stdout } = await say(['dlq', 'show', '-c', config])
    assert.equal(status, 0)
    const [first, second] = stdout.split('\n\n')
    assert.match(first!, /^loki too_old, source app, 2026-11-20T18:00:05\.000Z\n/)
    assert.match(first!, /^ {2}sent {6}1 time as \{job="app"\}\n {2}event {5}first\n {12}second\n {2}time/m)
    assert.match(second!, /^ {2}server {4}400 document_parsing_exception: \[1:42\] failed to parse/m)
    assert.match(second!, /^ {2}from {6}\/var\/log\/app\/app\.log, bytes 0 to 12$/m)
    assert.match(second!, /^ {2}event {5}\{"n":"text"\}$/m)
  })

  it('chooses by sink, source and reason, and no more than --limit', async (context) => {
    const { config, dataDir } = await dataFolder(context)
    const numbered = Array.from({ length: 9 }, (_, index) =>
      fakeLetter({
        id: `a-${index}-1`,
        time: `2026-11-20T18:00:0${index}.000Z`,
        source: index % 3 === 0 ? 'web' : 'app',
      }),
    )
    await writeLetters(dataDir, 'es/001.ndjson', numbered.slice(0, 5))
    await writeLetters(dataDir, 'es/002.ndjson', numbered.slice(5))
    await writeLetters(dataDir, 'loki/001.ndjson', [tooOld])
    const ids = async (...words: string[]): Promise<string[]> => {
      const { stdout } = await say(['dlq', 'show', '-c', config, '--json', ...words])
      return stdout
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line).id)
    }
    assert.deepEqual(await ids('--sink', 'es', '--limit', '2'), ['a-8-1', 'a-7-1'])
    assert.deepEqual(await ids('--source', 'web'), ['a-6-1', 'a-3-1', 'a-0-1'])
    assert.deepEqual(await ids('--reason', 'too_old'), [tooOld.id])
    assert.equal((await ids()).length, 10)
    assert.deepEqual(await ids('--sink', 'gone'), [])
    const none = await say(['dlq', 'show', '-c', config, '--sink', 'gone'])
    assert.match(none.stdout, /^No such dead letters; `logferry dlq ls`/)
  })

  it('--json is the letter as it lies there', async (context) => {
    const { config, dataDir } = await dataFolder(context)
    await writeLetters(dataDir, 'es/001.ndjson', [tooOld])
    assert.deepEqual(JSON.parse((await say(['dlq', 'show', '-c', config, '--json'])).stdout), tooOld)
  })

  it('escapes control characters on a terminal, as JSON too, and shows no secret', async (context) => {
    const { config, dataDir } = await dataFolder(context)
    const body = `red ${escape}[31m \u202e open-sesame`
    await writeLetters(dataDir, 'es/001.ndjson', [fakeLetter({ event: { target: 't', body } })])
    const plain = await say(['dlq', 'show', '-c', config], { isTerminal: true, env: { NO_COLOR: '1' } })
    assert.match(plain.stdout, /event {5}red \\x1b\[31m \\u202e \[redacted\]$/m)
    const json = await say(['dlq', 'show', '-c', config, '--json'], { isTerminal: true })
    assert.doesNotMatch(json.stdout, /[\u001b\u202e]/)
    assert.equal(JSON.parse(json.stdout).event.body, body.replace('open-sesame', '[redacted]'))
  })

  it('passes over a link in the place of a file', async (context) => {
    const { config, dataDir } = await dataFolder(context)
    const { symlink } = await import('node:fs/promises')
    await writeLetters(dataDir, 'es/001.ndjson', [fakeLetter()])
    await symlink(join(dataDir, 'dead_letters/es/001.ndjson'), join(dataDir, 'dead_letters/es/002.ndjson'))
    assert.equal(JSON.parse((await say(['dlq', 'ls', '-c', config, '--json'])).stdout).letters, 1)
  })
})

describe('logferry dlq', () => {
  it('wrong usage says what there is', async (context) => {
    const { config } = await dataFolder(context)
    for (const [words, message] of [
      [[], 'a word is missing: dlq takes one of ls, show, replay, purge'],
      [['lst'], '"lst", did you mean "ls"?: dlq takes one of ls, show, replay, purge'],
      [['ls', '--limit', '3'], 'unknown option "--limit"'],
      [['ls', 'es'], '"es": dlq ls takes no further arguments'],
      [['show', '--limit', 'all'], 'option --limit: expected a whole number, found "all"'],
      [['replay', '--limit', '3'], 'unknown option "--limit"'],
    ] as const) {
      const { status, stdout, stderr } = await say(['dlq', ...words, '-c', config])
      assert.deepEqual([status, stdout], [2, ''])
      assert.ok(stderr.startsWith(`logferry: ${message}\n`), stderr)
    }
  })

  it('a member has a help of its own', async () => {
    const { stdout } = await say(['dlq', 'show', '--help'])
    assert.match(stdout, /^Usage: logferry dlq show \[-c FILE\] \[--sink NAME\]/)
    assert.match((await say(['help', 'dlq', 'ls'])).stdout, /^Usage: logferry dlq ls/)
  })

  it('a data_dir that is not there, or is somebody else’s, says what to do', async (context) => {
    const { config, dataDir } = await dataFolder(context)
    if (process.getuid?.() !== 0) {
      await mkdir(join(dataDir, 'dead_letters'), { mode: 0o000 })
      const closed = await say(['dlq', 'ls', '-c', config])
      assert.equal(closed.status, 1)
      assert.match(closed.stderr, /dead_letters cannot be read: no permission\n.*as root/)
      await chmod(join(dataDir, 'dead_letters'), 0o700)
    }
    const { write } = await configFolder(context)
    const other = await write(
      'agent.config.json',
      JSON.stringify({
        data_dir: './none',
        sources: { a: { type: 'stdin' } },
        sinks: { s: { type: 'console' } },
      }),
    )
    const { status, stderr } = await say(['dlq', 'ls', '-c', other])
    assert.equal(status, 1)
    assert.match(stderr, /none is not there\nAn agent makes it at its first start/)
  })
})
