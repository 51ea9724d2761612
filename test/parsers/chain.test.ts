import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSchema, timestampSchema } from '../../src/parsers/schema.ts'
import type { ParseConfig } from '../../src/parsers/schema.ts'
import { documentOf, membersOf, openLane, process, readingTime } from '../lanes/lane-under-test.ts'

const ours = { '@timestamp': readingTime, 'host.name': 'web-1' }

/** Members beyond ours, as one parser or a chain makes them. */
function parsed(line: string, parse: ParseConfig): Record<string, unknown> {
  const members = membersOf(line, { parse: parseSchema.parse(parse) })
  if (members['@timestamp'] === readingTime) delete members['@timestamp']
  delete members['host.name']
  return members
}

const access = {
  type: 'regex',
  pattern:
    '^(?<ip>\\S+) (?<user>\\S+) \\[(?<time>[^\\]]+)\\] "(?<request>[^"]*)" (?<status>\\S+) (?<took>\\S+) (?<cached>\\S+)(?: (?<rest>.*))?$',
  types: { status: 'int', took: 'float', cached: 'bool', user: 'string' },
}

test('groups of a regex are members, with their types, time and level', () => {
  assert.deepEqual(
    membersOf('10.0.0.1 - [20/Jan/2026:10:00:00 +0000] "GET /" 200 0.250 yes', { parse: access }),
    {
      '@timestamp': '2026-01-20T10:00:00Z',
      'host.name': 'web-1',
      ip: '10.0.0.1',
      user: '-',
      time: '20/Jan/2026:10:00:00 +0000',
      request: 'GET /',
      status: 200,
      took: 0.25,
      cached: true,
    },
  )
  assert.match(
    documentOf('1 - [x] "" 007 1.500 0', { parse: access }),
    /"status":7,"took":1\.500,"cached":false/,
  )
  assert.equal(
    parsed('WARN x', { type: 'regex', pattern: '^(?<level>\\w+) (?<message>.*)' })['log.level'],
    'warn',
  )
})

test('what does not fit its type stays text, nothing and a dash are left out', () => {
  const members = parsed('1 u [x] "" abc - maybe more', access)
  assert.deepEqual(
    [members['status'], members['cached'], members['rest'], 'took' in members],
    ['abc', 'maybe', 'more', false],
  )
  const types = { n: 'int', f: 'float' }
  const numbers = { type: 'regex', pattern: '^(?<n>\\S*) (?<f>\\S*)$', types }
  const json = (line: string): string => documentOf(line, { parse: numbers }).split('"log.offset":0')[1]!
  assert.equal(json('12345678901234567890 1e400'), ',"n":12345678901234567890,"f":1e400}')
  assert.equal(json('+05 .5'), ',"n":5,"f":0.5}')
  assert.equal(json('-0 -1.0'), ',"n":-0,"f":-1.0}')
  assert.equal(json('1.5 Infinity'), ',"n":"1.5","f":"Infinity"}')
  assert.equal(json('+-5 0x10'), ',"n":"+-5","f":"0x10"}')
})

test('a line that a regex does not match is kept with an error', () => {
  assert.deepEqual(parsed('no', access), { parse_error: 'regex', message: 'no' })
})

test('a pattern without a guard that takes too long counts as not parsed', () => {
  const parse = { type: 'regex', pattern: '(?i)^(?<x>(a+)+)$' }
  const result = process(openLane({ parse }), `${'a'.repeat(5000)}!\naaa\n`)
  assert.equal(result.parseErrors, 1)
  assert.deepEqual(
    result.events.map((event) => event.members),
    ['"parse_error":"regex_timeout"', '"x":"aaa"'],
  )
})

test('groups meet the paths of the agent as own members do', () => {
  const parse = { type: 'regex', pattern: '^(?<host>\\S+) (?<log>\\S+) (?<trace_id>\\S+) (?<message>.*)$' }
  assert.deepEqual(parsed('a b 4bf92f3577b34da6a3ce929d0e0e4736 text', parse), {
    'trace.id': '4bf92f3577b34da6a3ce929d0e0e4736',
    host_original: 'a',
    log_original: 'b',
    trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
    message: 'text',
  })
})

const onMessage: ParseConfig = ['json', { type: 'json', field: 'message' }]

test("a parser on a field replaces the line's members of the same names", () => {
  const line = String.raw`{"a":0,"message":"{\"a\":1.0,\"b\":[2],\"level\":\"error\"}","level":"info"}`
  assert.equal(
    documentOf(line, { parse: onMessage }),
    `{"@timestamp":"${readingTime}","host.name":"web-1","log.file.path":"/var/log/app.log","log.offset":0,"log.level":"error",` +
      String.raw`"a":1.0,"b":[2],"level":"error","message":"{\"a\":1.0,\"b\":[2],\"level\":\"error\"}"}`,
  )
  assert.deepEqual(parsed(String.raw`{"message":"{\"message\":\"x\"}"}`, onMessage), { message: 'x' })
  assert.deepEqual(parsed(String.raw`{"message":"{}"}`, onMessage), { message: '{}' })
})

test('what a parser on a field makes may meet the paths of the agent, and may say the same', () => {
  const inner = { host: { name: 'web-1', ip: 1 }, '@timestamp': '2026-01-20T10:00:00Z', 'log.level': 'WARN' }
  assert.deepEqual(membersOf(JSON.stringify({ message: JSON.stringify(inner) }), { parse: onMessage }), {
    host: { name: 'web-1', ip_original: 1 },
    '@timestamp': '2026-01-20T10:00:00Z',
    'log.level': 'warn',
    'log.level_original': 'WARN',
    message: JSON.stringify(inner),
  })
})

test('a field that is not there, or holds an object, is no error; text that does not parse is one', () => {
  assert.deepEqual(parsed('{"a":1}', onMessage), { a: 1 })
  assert.deepEqual(parsed('{"message":{"a":1}}', onMessage), { message: { a: 1 } })
  assert.deepEqual(parsed('{"message":"x"}', onMessage), { parse_error: 'json', message: 'x' })
})

test('a parser on a nested field, and on what another parser made', () => {
  const parse: ParseConfig = [
    { type: 'regex', pattern: '^(?<level>\\w+) (?<payload>.*)$' },
    { type: 'json', field: 'payload' },
  ]
  assert.deepEqual(parsed('INFO {"level":"error","n":1}', parse), {
    'log.level': 'error',
    payload: '{"level":"error","n":1}',
    level: 'error',
    n: 1,
  })
  assert.deepEqual(parsed(String.raw`{"a":{"b":"{\"c\":1}"}}`, ['json', { type: 'json', field: 'a.b' }]), {
    a: { b: '{"c":1}' },
    c: 1,
  })
  assert.deepEqual(parsed('{"c":1}', ['none', { type: 'json', field: 'message' }]), {
    message: '{"c":1}',
    c: 1,
  })
})

test("a chain without fields feeds on each one's message, which a parser's own is used up by", () => {
  const regex = { type: 'regex', pattern: '^(?<level>\\w+) (?<message>.*)$' }
  assert.deepEqual(parsed('ERROR {"a":1}', [regex, 'json']), { 'log.level': 'error', level: 'ERROR', a: 1 })
  assert.deepEqual(parsed('ERROR text', [regex, 'json']), {
    'log.level': 'error',
    level: 'ERROR',
    message: 'text',
    parse_error: 'json',
  })
  assert.deepEqual(parsed('{"msg":"WARN x","a":1}', ['json', regex]), {
    'log.level': 'warn',
    level: 'WARN',
    message: 'x',
    msg: 'WARN x',
    a: 1,
  })
  assert.deepEqual(parsed('no', ['json', regex]), { parse_error: 'json', message: 'no' })
})

const wrong: readonly (readonly [unknown, RegExp])[] = [
  [{ type: 'nginx', pattern: 'x' }, /pattern/],
  [{ type: 'logfmt', types: { a: 'number' } }, /int/],
  [['klog', 'cri'], /"cri" can only stand first/],
  ['nonsense', /auto/],
  ['regex', /needs settings/],
  [{ type: 'nonsense' }, /must be one of auto, none, json, cri, docker, regex/],
  [{ type: 'json', fild: 'x' }, /fild/],
  [{ type: 'cri', field: 'x' }, /field/],
  [{ type: 'regex', pattern: 'a(b' }, /unterminated group at position 2/],
  [{ type: 'regex', pattern: 'ab' }, /needs a named group/],
  [{ type: 'regex', pattern: '(?<a>b)', types: { c: 'int' } }, /no group "c"/],
  [['json', 'docker'], /"docker" can only stand first/],
  [[], /Too small|empty/],
  [5, /Invalid input/],
]

for (const [config, message] of wrong) {
  test(`wrong: parse ${JSON.stringify(config)}`, () => {
    const result = parseSchema.safeParse(config)
    assert.equal(result.success, false)
    assert.match(JSON.stringify(result.error?.issues).replaceAll('\\"', '"'), message)
  })
}

for (const config of [
  { format: '%Q' },
  { format: 'iso' },
  { timezone: 'Mars/Olympus' },
  { feld: 'x' },
  { format: 'x%' },
]) {
  test(`wrong: timestamp ${JSON.stringify(config)}`, () => {
    assert.equal(timestampSchema.safeParse(config).success, false)
  })
}

test('what is left out has defaults', () => {
  assert.equal(parseSchema.parse(undefined), 'auto')
  assert.equal(timestampSchema.parse(undefined), undefined)
  assert.deepEqual(timestampSchema.parse({}), { format: 'auto' })
  assert.deepEqual(ours['host.name'], 'web-1')
})
