import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { configFolder, headlines, minimal } from './config-file.ts'

const source = { type: 'file', include: ['/var/log/app/*.log'] }
const elsewhere = { type: 'file', path: '/var/lib/out.ndjson' }
const loki = { type: 'loki', url: 'http://127.0.0.1:3100', labels: { job: 'app' } }

function withSteps(steps: unknown, parts: Record<string, unknown> = {}): Record<string, unknown> {
  return minimal({ sources: { app: { ...source, steps } }, ...parts })
}

describe('steps in the config', () => {
  const wrong = async (context: Parameters<typeof configFolder>[0], config: object): Promise<string[]> => {
    const { complain } = await configFolder(context)
    return headlines(await complain(config)).map((line) =>
      line.replace(/^agent\.config\.json:\d+:\d+: (?:sources\.app\.)?/, ''),
    )
  }

  test('have one key each, of those that there are; all errors at once, with their places', async (context) => {
    const { complain } = await configFolder(context)
    const text = `{
  "sources": { "app": { "type": "stdin", "steps": [
    { "drpo": { "if": "true" } },
    { "drop": { "if": "a = 1" } },
    { "drop": { "if": "a" }, "keep": { "if": "b" } },
    { "redact": { "presets": ["emial"], "patterns": ["("] } },
    { "rename": { "a": "a.b", "x": "y", "z": "y" } },
    { "add": { "a": "{b" } },
    { "remove": [] },
    { "parse": { "type": "cri" } },
    { "route": { "if": "a", "sinks": ["scren"] } },
    { "remove": ["host.name"] }
  ] } },
  "sinks": { "screen": { "type": "console" } }
}`
    const lines = headlines(await complain(text)).map((line) => line.replace('agent.config.json:', ''))
    const expected = [
      /^3:5: .*steps\[0\]: a step has one key/,
      /^3:7: .*steps\[0\]\.drpo: unknown key, did you mean "drop"\?/,
      /^4:23: .*steps\[1\]\.drop\.if: is no condition: .*write == .*\(at character 3\)/,
      /^5:5: .*steps\[2\]: a step has one key, this one has 2/,
      /^6:31: .*presets\[0\]: .*did you mean "email"\?/,
      /^6:54: .*patterns\[0\]: is no regular expression: unterminated group/,
      /^7:24: .*rename\.a: .*lie within one another/,
      /^7:46: .*rename\.z: "x" is renamed to "y" too/,
      /^8:21: .*add\.a: .*"\{" without "\}"/,
      /^9:17: .*remove: must not be empty/,
      /^10:26: .*parse\.type: "type" must be one of json, regex, /,
      /^11:39: .*sinks\[0\]: no sink has the name "scren", did you mean "screen"\?/,
      /^12:18: .*remove\[0\]: the agent writes "host\.name" itself/,
    ]
    assert.equal(lines.length, expected.length, lines.join('\n'))
    expected.forEach((pattern, index) => assert.match(lines[index]!, pattern))
  })

  test('cannot take or make what the agent writes, and say what to do instead', async (context) => {
    const steps = [
      {
        remove: [
          'host.name',
          'log.offset',
          'log.level',
          '@timestamp',
          'kubernetes.labels.app',
          'level',
          'env',
        ],
      },
      { rename: { 'trace.id': 'x', y: 'log.file.path', lvl: 'log.level' } },
      { add: { 'host.ip': 'x', env: 'y', 'log.level': 'warn', service: 'x' } },
      { redact: { fields: ['host.name', 'user'] } },
    ]
    const lines = await wrong(context, withSteps(steps, { enrich: { fields: { env: 'prod' } } }))
    assert.deepEqual(
      lines.map((line) => line.replace(/: .*/, '')),
      [
        'steps[0].remove[0]',
        'steps[0].remove[1]',
        'steps[0].remove[2]',
        'steps[0].remove[3]',
        'steps[0].remove[4]',
        'steps[0].remove[6]',
        'steps[1].rename["trace.id"]',
        'steps[1].rename.y',
        'steps[2].add["host.ip"]',
        'steps[2].add.env',
        'steps[3].redact.fields[0]',
      ],
    )
    assert.match(lines[0]!, /set "enrich\.host" to false/)
    assert.match(lines[2]!, /remove or rename that member/)
    assert.match(lines[5]!, /constant field.*"enrich\.fields"/)
  })

  test('route to sinks that the source sends to', async (context) => {
    const sinks = { screen: { type: 'console' }, out: elsewhere }
    const steps = [{ route: { if: 'a', sinks: ['out'] } }]
    const lines = await wrong(context, { sources: { app: { ...source, steps, sinks: ['screen'] } }, sinks })
    assert.match(
      lines[0]!,
      /route\.sinks\[0\]: source "app" does not send to "out": name it in its "sinks" too/,
    )
    const { load } = await configFolder(context)
    // Of the steps of all sources any may send there.
    await load({ sources: { app: { ...source, sinks: ['screen'] }, b: { type: 'stdin' } }, steps, sinks })
  })

  test('that do nothing or filter everything are pointed out', async (context) => {
    const { load } = await configFolder(context)
    const { warnings } = await load(withSteps([{ drop: { if: 'true' } }, { keep: { if: 'true' } }]))
    assert.match(warnings[0]!, /filters out every event/)
    assert.match(warnings[1]!, /does nothing/)
  })
})

describe('what would still stand in the line', () => {
  const warningsOf = async (
    context: Parameters<typeof configFolder>[0],
    parts: { parse?: unknown; steps: unknown; sink?: object },
  ): Promise<readonly string[]> => {
    const { load } = await configFolder(context)
    const { parse = 'logfmt', steps, sink = {} } = parts
    return (
      await load({ sources: { app: { ...source, parse, steps } }, sinks: { loki: { ...loki, ...sink } } })
    ).warnings
  }
  const removed = [{ remove: ['user'] }]

  test('is warned of where a parser takes text apart and Loki gets the line', async (context) => {
    const [text] = await warningsOf(context, { steps: removed })
    assert.match(
      text!,
      /steps\[0\]\.remove: removed members stay in the line of source "app", which sink "loki" sends/,
    )
    assert.match(text!, /"line": "json" there, or redact "message" too/)
    assert.equal((await warningsOf(context, { steps: [{ remove: ['message'] }] })).length, 1)
    assert.equal((await warningsOf(context, { steps: [{ redact: { fields: ['user'] } }] })).length, 1)
    const again = [{ parse: { type: 'logfmt', field: 'message' } }, ...removed]
    assert.equal((await warningsOf(context, { parse: 'json', steps: again })).length, 1)
    assert.equal(
      (await warningsOf(context, { parse: 'auto', steps: [{ redact: { fields: ['user'] } }] })).length,
      1,
    )
  })

  test('is not warned of where nothing stays', async (context) => {
    assert.deepEqual(await warningsOf(context, { steps: removed, sink: { line: 'json' } }), [])
    assert.deepEqual(await warningsOf(context, { steps: removed, parse: 'json' }), [])
    assert.deepEqual(await warningsOf(context, { steps: [{ redact: {} }] }), [])
    assert.deepEqual(await warningsOf(context, { steps: [{ redact: { fields: ['user', 'message'] } }] }), [])
  })
})

test('patterns that run under a time limit are pointed out', async (context) => {
  const { load } = await configFolder(context)
  const steps = [
    { redact: { patterns: ['a+', '(?=a)b'] } },
    { parse: { type: 'regex', pattern: '(?i)(?<m>x)' } },
  ]
  const { warnings } = await load(withSteps(steps))
  assert.match(warnings[0]!, /steps\[0\]\.redact\.patterns\[1\]: runs under a time limit/)
  assert.match(warnings[1]!, /steps\[1\]\.parse\.pattern: runs under a time limit/)
})

test('names of members that sound like secrets are not taken for secrets', async (context) => {
  const { load } = await configFolder(context)
  const { secrets } = await load(
    withSteps([{ rename: { token: 'session_token_name' } }, { add: { password: 'none at all' } }]),
  )
  assert.equal(secrets.redact('session_token_name, none at all'), 'session_token_name, none at all')
  const hashed = await load(withSteps([{ redact: { with: 'hash', secret: 'a key of twenty chars' } }]))
  assert.equal(hashed.secrets.redact('a key of twenty chars'), '[redacted]')
})
