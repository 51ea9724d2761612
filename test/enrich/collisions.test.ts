import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Suppressed } from '../../src/core/event.ts'
import { constantFieldProblem } from '../../src/enrich/agent-paths.ts'
import { documentOf, eventOf, membersOf, readingTime } from '../lanes/lane-under-test.ts'

const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
const stamp = { '@timestamp': readingTime, 'host.name': 'web-1' }

/** [line, members of the document beyond the time of reading and the host] */
const renamed: readonly (readonly [string, Record<string, unknown>])[] = [
  ['{"host":"a"}', { host_original: 'a' }],
  ['{"host":null}', { host_original: null }],
  ['{"host":["a"]}', { host_original: ['a'] }],
  ['{"host":{}}', { host: {} }],
  ['{"host":{"ip":1}}', { host: { ip_original: 1 } }],
  ['{"host":{"name":"other","x":1}}', { host: { name_original: 'other', x: 1 } }],
  ['{"host":{"name":{"x":1}}}', { host: { name_original: { x: 1 } } }],
  ['{"host":{"os":"linux"}}', { host: { os_original: 'linux' } }],
  [
    '{"host":{"os":{"type":"bsd","codename":"x"}}}',
    { host: { os: { type_original: 'bsd', codename: 'x' } } },
  ],
  ['{"host.name":"other"}', { 'host.name_original': 'other' }],
  ['{"host.name.x":1}', { 'host.name_original.x': 1 }],
  ['{"host.os":"linux"}', { 'host.os_original': 'linux' }],
  ['{"host.port":1}', { 'host.port': 1 }],
  ['{"host.os":{"name":"x"}}', { 'host.os': { name_original: 'x' } }],
  ['{"log":5}', { log_original: 5 }],
  ['{"log":{"offset":-5}}', { log: { offset_original: -5 } }],
  ['{"log":{"file":"x"}}', { log: { file_original: 'x' } }],
  ['{"log":{"file":{"path":"x","line":1}}}', { log: { file: { path_original: 'x', line: 1 } } }],
  ['{"log.logger":"com.Foo"}', { 'log.logger_original': 'com.Foo' }],
  ['{"log":{"flags":["x"]}}', { log: { flags_original: ['x'] } }],
  ['{"log.level":"INFO"}', { 'log.level': 'info', 'log.level_original': 'INFO' }],
  ['{"log.level":"weird"}', { 'log.level_original': 'weird' }],
  ['{"level":"INFO"}', { 'log.level': 'info', level: 'INFO' }],
  ['{"trace":"x"}', { trace_original: 'x' }],
  ['{"span":7}', { span_original: 7 }],
  ['{"trace":{"id":"zzz"}}', { trace: { id_original: 'zzz' } }],
  [`{"trace.id":"${trace.toUpperCase()}"}`, { 'trace.id': trace, 'trace.id_original': trace.toUpperCase() }],
  ['{"kubernetes":"x"}', { kubernetes_original: 'x' }],
  [
    '{"kubernetes":{"labels":{"app":"x"},"foo":1}}',
    { kubernetes: { labels: { app_original: 'x' }, foo: 1 } },
  ],
  ['{"kubernetes":{"pod":"x"}}', { kubernetes: { pod_original: 'x' } }],
  ['{"parse_error":"x"}', { parse_error_original: 'x' }],
  ['{"message":"x","host":"a"}', { message: 'x', host_original: 'a' }],
  ['{"stream":"x"}', { stream: 'x' }],
  [
    '{"":1,"host":"a",".":2,"host.":3,".host":4}',
    { '': 1, host_original: 'a', '.': 2, 'host.': 3, '.host': 4 },
  ],
  ['{"host":"a","host_original":"b"}', { host_original_original: 'a', host_original: 'b' }],
  ['{"host":"a","host_original.x":1}', { host_original_original: 'a', 'host_original.x': 1 }],
  [
    '{"log.level":"x","log":{"level_original":"y"}}',
    { 'log.level_original_original': 'x', log: { level_original: 'y' } },
  ],
  ['{"h\\u006fst":"a"}', { host_original: 'a' }],
  ['{"\\u0068ost":"a"}', { host_original: 'a' }],
  ['{ "host" : "a" , "b" : 1 } ', { host_original: 'a', b: 1 }],
  ['{"host":"a","host":"b"}', { host_original: 'a', host_original_original: 'b' }],
  ['{"@timestamp":"rubbish"}', { '@timestamp_invalid': 'rubbish' }],
  ['{"@timestamp":{"a":1}}', { '@timestamp_invalid': '{"a":1}' }],
  ['{"@timestamp":null}', { '@timestamp_invalid': 'null' }],
  ['{"@timestamp":"1999-01-01T00:00:00Z"}', { '@timestamp_original': '1999-01-01T00:00:00Z' }],
  ['{"@timestamp":5}', { '@timestamp_original': '1970-01-01T00:00:05Z' }],
  ['{"@timestamp":"2030-01-01 00:00:00"}', { '@timestamp_original': '2030-01-01T00:00:00Z' }],
  ['{"@timestamp.x":1}', { '@timestamp_original.x': 1 }],
]

for (const [line, expected] of renamed) {
  test(`what meets a path of the agent's is kept beside it: ${line}`, () => {
    assert.deepEqual(membersOf(line), { ...stamp, ...expected })
  })
}

test('an own time that says the same is not written twice', () => {
  const line = '{"@timestamp":"2026-01-20T10:00:00+02:00","a":1}'
  assert.equal(eventOf(line).suppressed, Suppressed.timestamp)
  assert.deepEqual(eventOf(line).edits, [])
  assert.deepEqual(membersOf(line), { 'host.name': 'web-1', '@timestamp': '2026-01-20T10:00:00+02:00', a: 1 })
})

test('an own time that stands there twice, or escaped, is none of ours', () => {
  const line = '{"@timestamp":"2026-01-20T10:00:00Z","@timestamp":"2026-01-20T10:00:00Z"}'
  assert.equal(documentOf(line).match(/"@timestamp":/g)!.length, 1)
  const escaped = String.raw`{"@timestamp":"2026-01-20T10:00:00Z","\u0040timestamp":"2026-01-20T10:00:00Z"}`
  assert.equal(documentOf(escaped).match(/"(@|\\u0040)timestamp":/g)!.length, 1)
})

test('an own time that says the same in another form is written in ours', () => {
  const expected = { 'host.name': 'web-1', '@timestamp': '2026-01-20T08:00:00.123Z' }
  assert.deepEqual(membersOf('{"@timestamp":1768896000123}'), expected)
  assert.deepEqual(membersOf('{"@timestamp":"2026-01-20 08:00:00,123"}'), expected)
})

test('an own time that says something else than the configured field is kept in RFC 3339', () => {
  const options = { timestamp: { field: 'time' } }
  assert.deepEqual(membersOf('{"@timestamp":1768896000,"time":"2026-01-20T10:00:00Z"}', options), {
    '@timestamp': '2026-01-20T10:00:00Z',
    'host.name': 'web-1',
    '@timestamp_original': '2026-01-20T08:00:00Z',
    time: '2026-01-20T10:00:00Z',
  })
})

test('what says the same is left to the line', () => {
  const line = `{"host":{"name":"web-1"},"log":{"level":"warn","file":{"path":"/var/log/app.log"}},"trace.id":"${trace}","log.offset":0}`
  assert.equal(documentOf(line), `{"@timestamp":"${readingTime}",${line.slice(1)}`)
})

test('host.ip says the same as a list, and is renamed as another', () => {
  const options = { enrich: { host: 'full' as const } }
  assert.equal(eventOf('{"host":{"ip":["10.0.0.1","10.0.0.2"]}}', options).edits.length, 0)
  assert.equal(eventOf('{"host":{"ip":["10.0.0.1"]}}', options).edits.length, 1)
})

test('fields that are switched off keep their paths', () => {
  const off = { enrich: { host: false as const, trace: false } }
  assert.deepEqual(membersOf('{"host.name":"web-1","trace":"x"}', off), {
    '@timestamp': readingTime,
    'host.name_original': 'web-1',
    trace_original: 'x',
  })
})

test('constant fields are met like any other, nested or dotted', () => {
  const options = { fields: { 'labels.env': 'prod', team: 'a', size: 1 } }
  const constants = { ...stamp, 'labels.env': 'prod', team: 'a', size: 1 }
  assert.deepEqual(membersOf('{"labels":{"env":"x","other":1}}', options), {
    ...constants,
    labels: { env_original: 'x', other: 1 },
  })
  assert.deepEqual(membersOf('{"labels":"x"}', options), { ...constants, labels_original: 'x' })
  assert.deepEqual(membersOf('{"labels.env":"x","team":{"b":1}}', options), {
    ...constants,
    'labels.env_original': 'x',
    team_original: { b: 1 },
  })
  const { team, size, 'labels.env': env, ...rest } = constants
  assert.deepEqual([team, size, env], ['a', 1, 'prod'])
  const same = '{"labels":{"env":"prod"},"team":"a","size":1.0}'
  assert.deepEqual(membersOf(same, options), { ...rest, labels: { env: 'prod' }, team: 'a', size: 1 })
  assert.match(documentOf(same, options), /"size":1\.0/)
})

test("beyond the bits that there are the line's own member makes room", () => {
  const fields = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}`, index]))
  const line = '{"f1":1,"f38":38,"f39":39,"a":1}'
  const event = eventOf(line, { fields })
  assert.equal(event.edits.length, 1)
  assert.deepEqual(membersOf(line, { fields }), { ...stamp, ...fields, a: 1 })
  assert.equal(documentOf('{"f38":38,"f39":39}', { fields }).match(/f39/g)!.length, 1)
  assert.deepEqual(membersOf('{"f38":38,"f39":39}', { fields }), { ...stamp, ...fields })
  assert.deepEqual(membersOf('{"a":1,"f39":39}', { fields }), { ...stamp, ...fields, a: 1 })
})

test("the source's constant fields win over those of enrich, and both over ours", () => {
  const options = { enrich: { fields: { env: 'prod', 'host.name': 'set' } }, fields: { env: 'test' } }
  assert.deepEqual(membersOf('text', options), {
    '@timestamp': readingTime,
    'host.name': 'set',
    env: 'test',
    message: 'text',
  })
})

test('constant fields that no document could hold have a problem', () => {
  for (const name of [
    'message',
    '@timestamp',
    'log.level',
    'host',
    'log',
    'log.level.x',
    'trace.id',
    'parse_error',
    'stream',
    'a..b',
    '',
  ]) {
    assert.notEqual(constantFieldProblem(name), undefined, name)
  }
  for (const name of ['env', 'host.name', 'labels.env', 'service', 'log.custom', 'kubernetes.cluster']) {
    assert.equal(constantFieldProblem(name), undefined, name)
  }
})

test('a line of 20,000 members of one name ends soon, and each gets its own name', () => {
  const line = `{${Array.from({ length: 20_000 }, () => '"host":1').join(',')}}`
  const names = documentOf(line).match(/"host_original\w*"/g)!
  assert.equal(names.length, 20_000)
  assert.equal(new Set(names).size, 20_000)
})

test('a line of 8,000 names below an open path of ours ends soon', () => {
  const line = `{${Array.from({ length: 8000 }, (_, index) => `"kubernetes.labels.n${index}":1`).join(',')}}`
  assert.equal(documentOf(line).match(/_original"/g)!.length, 8000)
})
