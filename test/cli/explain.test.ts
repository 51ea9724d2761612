import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TestContext } from 'node:test'
import { configFolder } from '../config/config-file.ts'
import { say } from './fake-io.ts'
import type { Explanation } from '../../src/cli/explanation.ts'
import type { Said, Surroundings } from './fake-io.ts'

const config = {
  data_dir: './data',
  enrich: { host: { name: 'web-1' } },
  sources: {
    app: {
      type: 'file',
      include: ['/var/log/app/*.log'],
      steps: [
        { drop: { if: "level == 'debug'" } },
        { rename: { msg: 'message' } },
        { route: { if: "level == 'error'", sinks: ['loki'] } },
      ],
    },
    web: { type: 'file', include: ['/var/log/nginx/*.log'], parse: 'nginx', sinks: ['es'] },
    timed: {
      type: 'file',
      include: ['/var/log/timed/*.log'],
      parse: { type: 'regex', pattern: '^(?<level>[A-Z]+) (?<ms>\\d+)ms (?<message>.*)$' },
    },
    java: { type: 'file', include: ['/var/log/java.log'], multiline: 'java', sinks: ['es'] },
    keyed: {
      type: 'stdin',
      sinks: ['es'],
      steps: [{ redact: { patterns: ['user-\\d+'], with: 'hash', secret: '${SALT}' } }],
    },
  },
  steps: [{ add: { team: 'shop' } }],
  sinks: {
    es: { type: 'elasticsearch', nodes: ['http://127.0.0.1:1'], index: 'app-%Y.%m.%d', id: 'none' },
    loki: { type: 'loki', url: 'http://127.0.0.1:1', labels: { job: 'app', level: '{level:-none}' } },
  },
}

async function explain(
  test: TestContext,
  words: readonly string[],
  around: Surroundings = {},
): Promise<Said> {
  const { write } = await configFolder(test)
  const path = await write('agent.config.json', JSON.stringify(config))
  return say(['explain', '-c', path, ...words], {
    ...around,
    env: { SALT: 'sea salt of the north sea', ...around.env },
  })
}

/** The objects that `--json` prints. */
async function explained(test: TestContext, words: readonly string[]): Promise<Explanation[]> {
  const { status, stdout, stderr } = await explain(test, ['--json', ...words])
  assert.deepEqual([status, stderr], [0, ''])
  return stdout
    .trim()
    .split('\n')
    .map((text) => JSON.parse(text))
}

describe('logferry explain', () => {
  it('goes with a line from its lane over each step to what each sink gets', async (test) => {
    const line = '{"time":"2026-11-20T10:00:00Z","level":"WARN","host":"a","msg":"hi"}'
    const { status, stdout } = await explain(test, [line])
    assert.equal(status, 0)
    const words = stdout.split('\n').map((text) => text.trim().replaceAll(/ {2,}/g, ' | '))
    for (const expected of [
      'lane | general, for steps[2] (route)',
      'steps[0] (drop) | leaves it as it is: {"drop":{"if":"level == \'debug\'"}}',
      'steps[1] (rename) | changes it: {"rename":{"msg":"message"}}',
      'line: {"time":"2026-11-20T10:00:00Z","level":"WARN","host":"a","message":"hi"}',
      'steps[0] of all sources (add) | changes it: {"add":{"team":"shop"}}',
      'time | 2026-11-20T10:00:00Z, from the line',
      'level | warn',
      '"host" becomes "host_original"',
      'es: create app-2026.11.20',
      'loki: {job="app", level="warn"}',
    ])
      assert.ok(words.includes(expected), `${expected}\n${stdout}`)
  })

  it('names the step that filters a line out, and shows no sink then', async (test) => {
    const { stdout } = await explain(test, ['{"level":"debug","msg":"hi"}'])
    assert.match(stdout, /steps\[0\] \(drop\) filters it out: no sink gets it\n$/)
    assert.ok(!stdout.includes('es:'))
  })

  it('keeps what happened to each of several lines apart', async (test) => {
    const lines = ['{"level":"debug"}', '{"level":"error","msg":"e"}', '{"level":"info"}']
    const [dropped, routed, plain] = await explained(test, lines)
    assert.deepEqual(
      [dropped!.filtered_by, dropped!.steps, dropped!.sinks],
      [
        'steps[0] (drop)',
        [{ step: 'steps[0] (drop)', config: { drop: { if: "level == 'debug'" } }, effect: 'filtered' }],
        [],
      ],
    )
    assert.deepEqual(routed!.steps[2]!.routed_to, ['loki'])
    const sinksOf = ({ sinks }: Explanation): string[] => sinks.map(({ sink }) => sink)
    assert.deepEqual([sinksOf(routed!), sinksOf(plain!)], [['loki'], ['es', 'loki']])
  })

  it('tells what the kernel makes from what it leaves to the general lane, and a line that its parser cannot read', async (test) => {
    const good = '203.0.113.9 - - [20/Nov/2026:10:00:00 +0000] "GET / HTTP/1.1" 200 12 "-" "curl/8"'
    const [taken] = await explained(test, ['--source', 'web', good])
    const [left] = await explained(test, ['--source', 'web', 'nonsense'])
    assert.deepEqual([taken!.lane, left!.lane], ['fast', 'fast, which leaves this to the general lane'])
    const { parse_error: error, time_from: from } = left!.event!
    assert.deepEqual([error, from], ['nginx', 'the moment of reading'])
  })

  it('says up to where a regex fits a line, and what it wants there', async (test) => {
    const { stdout } = await explain(test, ['--source', 'timed', 'INFO 8.0ms done'])
    assert.match(stdout, /error +regex does not read this line: parse_error$/m)
    assert.match(stdout, /^ +it fits up to: INFO 8$/m)
    assert.match(stdout, /^ +the line goes on with: \.0ms done$/m)
    assert.match(stdout, /^ +and the pattern with: ms \(\?<message>\.\*\)\$$/m)
  })

  it('makes one event of the lines of a stack trace', async (test) => {
    const lines = ['java.lang.Error: no', '\tat a.B.c(B.java:1)']
    const events = await explained(test, ['--source', 'java', ...lines])
    assert.equal(events.length, 1)
    assert.deepEqual(events[0]!.event!.flags, ['multiline'])
  })

  it('does not print a secret of the config', async (test) => {
    const { status, stdout } = await explain(test, ['--source', 'keyed', 'login of user-7'])
    assert.equal(status, 0)
    assert.match(stdout, /steps\[0\] \(redact\) +changes it/)
    assert.ok(!stdout.includes('sea salt of the north sea'), stdout)
  })

  it('escapes control characters for a terminal', async (test) => {
    const { stdout } = await explain(test, ['--source', 'web', 'a\u0007b'], { isTerminal: true })
    assert.ok(!stdout.includes('\u0007'))
  })

  it('says so for lines that make no event, and for names that the config does not have', async (test) => {
    assert.match((await explain(test, [' '])).stderr, /No event comes of this/)
    const { status, stderr } = await explain(test, ['--source', 'ap', 'x'])
    assert.equal(status, 2)
    assert.match(stderr, /did you mean "app"/)
  })
})
