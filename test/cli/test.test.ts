import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { configFolder } from '../config/config-file.ts'
import { say } from './fake-io.ts'
import type { Said, Surroundings } from './fake-io.ts'

const config = {
  enrich: { host: { name: 'web-1' } },
  sources: {
    app: { type: 'file', include: ['/var/log/app/*.log'], max_line_bytes: 100 },
    web: {
      type: 'stdin',
      sinks: ['screen'],
      parse: { type: 'regex', pattern: '^(?<status>\\d+) (?<message>.*)$', types: { status: 'int' } },
    },
    java: { type: 'file', include: ['/var/log/java.log'], multiline: 'java', encoding: 'utf-16le' },
  },
  sinks: {
    es: { type: 'elasticsearch', nodes: ['http://127.0.0.1:1'], index: 'app-%Y.%m.%d', id: 'none' },
    loki: { type: 'loki', url: 'http://127.0.0.1:1', labels: { job: 'app', level: '{level:-none}' } },
    screen: { type: 'console', format: 'json' },
  },
}

const line = '{"time":"2026-11-20T10:00:00Z","level":"WARN","host":"a","msg":"hi"}'

async function testLines(
  test: TestContext,
  words: readonly string[],
  surroundings?: Surroundings,
): Promise<Said> {
  const { folder, write } = await configFolder(test)
  const path = await write('agent.config.json', JSON.stringify({ data_dir: './data', ...config }))
  const said = await say(['test', '-c', path, ...words], surroundings)
  assert.deepEqual(await readdir(folder), ['agent.config.json'], 'nothing is stored')
  return said
}

const document =
  '{"@timestamp":"2026-11-20T10:00:00Z","host.name":"web-1","log.file.path":"/var/log/app/example.log","log.offset":0,"log.level":"warn","time":"2026-11-20T10:00:00Z","level":"WARN","host_original":"a","msg":"hi"}'

describe('logferry test', () => {
  it('shows what each sink of the source would get', async (test) => {
    const { status, stdout, stderr } = await testLines(test, [line])
    assert.deepEqual([status, stderr], [0, ''])
    const lines = stdout.split('\n')
    assert.equal(lines[0], `bytes 0 to ${line.length + 1} of source app`)
    assert.ok(lines.includes('  es: create app-2026.11.20'), stdout)
    assert.ok(lines.includes(`    ${document}`), stdout)
    assert.ok(lines.includes('  loki: {job="app", level="warn"}'), stdout)
    assert.ok(lines.includes(`    ${line}`), stdout)
    assert.ok(lines.includes('  screen: standard output'), stdout)
  })

  it('takes lines from stdin, with - and without', async (test) => {
    const fromArguments = await testLines(test, ['--sink', 'es', line, line])
    for (const words of [['-'], []]) {
      assert.deepEqual(
        await testLines(test, ['--sink', 'es', ...words], { stdin: `${line}\n${line}` }),
        fromArguments,
      )
    }
    assert.equal(fromArguments.stdout.match(/ {2}es: /g)?.length, 2)
    assert.ok(!fromArguments.stdout.includes('loki'))
  })

  it('says what each source does with a line', async (test) => {
    const { stdout, stderr } = await testLines(test, ['--source', 'web', '--json', '200 fine', 'no number'])
    const previews = stdout
      .trim()
      .split('\n')
      .map((text) => JSON.parse(text))
    assert.deepEqual(
      previews.map(({ source, sink }) => [source, sink]),
      [
        ['web', 'screen'],
        ['web', 'screen'],
      ],
    )
    const [parsed, unparsed] = previews.map(({ body }) => JSON.parse(body))
    assert.deepEqual([parsed.status, parsed.message], [200, 'fine'])
    assert.equal(unparsed.message, 'no number')
    assert.equal(typeof unparsed.parse_error, 'string')
    assert.equal(stderr, 'Lines that did not parse, kept as message: 1.\n')
  })

  it('joins the lines of an event, and reads stdin in the encoding of the source', async (test) => {
    const words = ['--source', 'java', '--sink', 'loki']
    const lines = ['ERROR ü', 'java.io.IOException: x', '\tat A.b(A.java:1)', 'INFO y']
    const fromArguments = await testLines(test, [...words, ...lines])
    assert.match(fromArguments.stdout, /^bytes 0 to 50 of source java\n/)
    const [first, second] = [
      '    ERROR ü\n    java.io.IOException: x\n    \tat A.b(A.java:1)\n',
      '    INFO y\n',
    ]
    for (const part of [first, second]) assert.ok(fromArguments.stdout.includes(part), fromArguments.stdout)
    const stdin = Buffer.from(lines.join('\n'), 'utf16le')
    const { stdout } = await testLines(test, words, { stdin })
    assert.match(stdout, /^bytes 0 to 98 of source java\n/)
    for (const part of [first, second]) assert.ok(stdout.includes(part), stdout)
  })

  it('cuts long lines where the source does', async (test) => {
    const { stdout } = await testLines(test, ['--sink', 'es', 'é'.repeat(80), 'short'])
    assert.ok(stdout.includes(`"log.flags":["truncated"],"message":"${'é'.repeat(50)}"`), stdout)
    assert.ok(stdout.includes('"message":"short"'), stdout)
  })

  it('reads Kubernetes fields from --path', async (test) => {
    const path = '/var/log/pods/shop_checkout-1_8f0c5c2e-1111-2222-3333-444455556666/app/0.log'
    const { stdout } = await testLines(test, [
      '--sink',
      'es',
      '--path',
      path,
      '2026-11-20T10:00:00.5Z stdout F hello',
    ])
    for (const part of [
      '"kubernetes.namespace":"shop"',
      '"kubernetes.pod.name":"checkout-1"',
      '"stream":"stdout"',
      '"message":"hello"',
    ]) {
      assert.ok(stdout.includes(part), `${part} in ${stdout}`)
    }
  })

  it('a line that is blank makes no event', async (test) => {
    assert.deepEqual(await testLines(test, ['', '  ']), {
      status: 0,
      stdout: '',
      stderr: 'No event comes of these lines: blank lines make none.\n',
    })
  })

  it('what comes after -- is a line, even if it looks like an option', async (test) => {
    const { status, stdout } = await testLines(test, ['--sink', 'es', '--', '--help'])
    assert.equal(status, 0)
    assert.ok(stdout.includes('"message":"--help"'), stdout)
  })

  it('control characters are escaped on a terminal, and colours come there only', async (test) => {
    const hostile = 'a\u001b]0;title\u0007b'
    const plain = await testLines(test, ['--sink', 'loki', hostile])
    assert.ok(plain.stdout.includes(hostile))
    const shown = await testLines(test, ['--sink', 'loki', hostile], { isTerminal: true })
    assert.ok(shown.stdout.includes('a\\x1b]0;title\\x07b'), shown.stdout)
    assert.ok(shown.stdout.includes('\u001b[1mloki\u001b[0m'))
    const bare = await testLines(test, ['--sink', 'loki', 'x'], { isTerminal: true, env: { NO_COLOR: '1' } })
    assert.ok(!bare.stdout.includes('\u001b'))
  })

  it('names that do not exist are wrong usage', async (test) => {
    const source = await testLines(test, ['--source', 'wbe', 'x'])
    assert.equal(source.status, 2)
    assert.match(
      source.stderr,
      /^logferry: no source "wbe" in .*agent\.config\.json, did you mean "web"\?\nThe config names: app, web, java\.\n$/,
    )
    const sink = await testLines(test, ['--sink', 'kafka', 'x'])
    assert.equal(sink.status, 2)
    assert.match(sink.stderr, /^logferry: no sink "kafka" in /)
  })

  it('says which step filtered a line out, what went wrong in steps, and shows the sinks that a route chose', async (test) => {
    const { write } = await configFolder(test)
    const steps = [
      { drop: { if: 'level == "debug"' } },
      { route: { if: 'size > 5', sinks: ['screen'] } },
      { redact: {} },
    ]
    const sources = { app: { ...config.sources.app, steps } }
    const path = await write('agent.config.json', JSON.stringify({ data_dir: './data', ...config, sources }))
    const { stdout, stderr } = await say([
      'test',
      '-c',
      path,
      '{"level":"debug"}',
      '{"size":"big","password":"hunter2"}',
      '{"size":6}',
    ])
    assert.match(stderr, /^bytes 0 to 18: filtered by steps\[0\] \(drop\)$/m)
    assert.match(
      stderr,
      /^Errors in steps: 1\. The last one: steps\[1\] \(route\): a text that is no number/m,
    )
    assert.equal(stdout.match(/^  es: /gm)?.length, 1)
    assert.equal(stdout.match(/^  screen: /gm)?.length, 2)
    assert.ok(!stdout.includes('hunter2'))
  })

  it('does not say "no sink gets it" where only the sink that was asked for does not', async (test) => {
    const { write } = await configFolder(test)
    const steps = [{ route: { if: 'true', sinks: ['screen'] } }]
    const sources = { app: { ...config.sources.app, steps } }
    const path = await write('agent.config.json', JSON.stringify({ data_dir: './data', ...config, sources }))
    const { stdout } = await say(['test', '-c', path, '--sink', 'es', '{"a":1}'])
    assert.match(stdout, /\n  es does not get it\n$/)
  })
})
