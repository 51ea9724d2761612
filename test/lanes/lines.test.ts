import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Body, EventFlag } from '../../src/core/event.ts'
import { isJsonObject } from '../../src/parsers/json-object.ts'
import { FakeClock } from '../support/fake-clock.ts'
import {
  documentOf,
  eventOf,
  eventsOf,
  membersOf,
  nowMs,
  openLane,
  process,
  readingTime,
} from './lane-under-test.ts'

const text = (event: { readonly line: Uint8Array }): string => Buffer.from(event.line).toString('utf8')
const linesOf = (input: string | Uint8Array): string[] => eventsOf(input).map(text)
const ours = { '@timestamp': readingTime, 'host.name': 'web-1' }

test('each line is an event that covers its stretch, newline included', () => {
  const events = eventsOf('one\ntwo\r\n\nthree\n')
  assert.deepEqual(
    events.map((event) => [text(event), event.from, event.to]),
    [
      ['one', 0, 4],
      ['two', 4, 9],
      ['three', 10, 16],
    ],
  )
})

test('blank lines make no event', () => {
  assert.deepEqual(linesOf('\n \n\t\r\n\r\n  \t \n'), [])
})

test('a CR is only taken off before the newline, and only one', () => {
  assert.deepEqual(linesOf('a\rb\r\r\n'), ['a\rb\r'])
  assert.equal(text(process(openLane(), 'a\r', { partial: true }).events[0]!), 'a\r')
})

test('NULs before a line are the hole of a truncated file, others stay', () => {
  const [event] = eventsOf('\0\0\0one\0two\n')
  assert.equal(text(event!), 'one\0two')
  assert.deepEqual([event!.from, event!.to], [0, 11])
  assert.deepEqual(linesOf('\0\0\n'), [])
  assert.match(documentOf('one\0two'), /"message":"one\\u0000two"/)
})

test('a byte order mark is only taken off at the start of the file', () => {
  assert.deepEqual(linesOf('\ufeff{"a":1}\n\ufeffb\n'), ['{"a":1}', '\ufeffb'])
  assert.equal(text(process(openLane(), '\ufeffb\n', { from: 3 }).events[0]!), '\ufeffb')
})

test('what is no UTF-8 is replaced in its line alone, and flagged', () => {
  const events = eventsOf(
    Buffer.concat([Buffer.from('grün\n{"a":"'), Buffer.from([0xff, 0xc3]), Buffer.from('"}\n')]),
  )
  assert.deepEqual(
    events.map((event) => [text(event), event.flags & EventFlag.invalidUtf8]),
    [
      ['grün', 0],
      ['{"a":"\ufffd\ufffd"}', EventFlag.invalidUtf8],
    ],
  )
  assert.equal(events[1]!.body, Body.json)
})

test('a line that was cut covers all of its stretch and ends on a whole character', () => {
  const cut = Buffer.from('abcü').subarray(0, 4)
  const [event] = process(openLane(), cut, { from: 10, to: 1000, truncated: true }).events
  assert.equal(text(event!), 'abc')
  assert.deepEqual([event!.from, event!.to], [10, 1000])
  assert.equal(event!.flags & (EventFlag.truncated | EventFlag.invalidUtf8), EventFlag.truncated)
})

test('a line above the limit within a block is cut too', () => {
  const events = eventsOf('äääää\nb\n', { maxLineBytes: 5 })
  assert.deepEqual(events.map(text), ['ää', 'b'])
  assert.equal(events[0]!.flags & EventFlag.truncated, EventFlag.truncated)
  assert.deepEqual([events[0]!.from, events[0]!.to, events[1]!.flags & EventFlag.truncated], [0, 11, 0])
})

test('a last line without newline is partial', () => {
  const [event] = process(openLane(), 'half', { partial: true }).events
  assert.equal(event!.flags & EventFlag.partial, EventFlag.partial)
})

test('events without a time of their own carry that of reading, and one nanosecond more each', () => {
  const lane = openLane()
  const first = process(lane, 'a\nb\n').events
  const second = process(lane, '{"x":1}\n', { from: 4 }).events
  assert.deepEqual(
    [...first, ...second].map((event) => event.bump),
    [0, 1, 2],
  )
  assert.ok([...first, ...second].every((event) => (event.flags & EventFlag.timeOfReading) !== 0))
})

test('times of reading stay apart with own times between them', () => {
  const events = eventsOf('a\n{"time":"2026-01-20T11:00:00Z"}\na\n')
  assert.deepEqual(
    events.map((event) => event.bump),
    [0, 0, 1],
  )
})

test('equal times get 0, 1, 2 … ns more, over a restart too, and their copies never meet', () => {
  const line = '{"time":"2026-01-20T11:00:00Z"}\n'
  const lane = openLane()
  const result = process(lane, line.repeat(3) + '{"time":"2026-01-20T11:00:00.000000001Z"}\n')
  assert.deepEqual(
    result.events.map((event) => event.bump),
    [0, 1, 2, 2],
  )
  const resumed = openLane(
    {},
    { resume: { parser: 'none', lastTime: result.lastTime, lastBump: result.lastBump } },
  )
  assert.deepEqual(
    process(resumed, line).events.map((event) => event.bump),
    [0],
  )
  const again = '{"time":"2026-01-20T11:00:00.000000002Z"}\n'
  const other = openLane(
    {},
    { resume: { parser: 'none', lastTime: result.lastTime, lastBump: result.lastBump } },
  )
  assert.deepEqual(
    process(other, again).events.map((event) => event.bump),
    [2],
  )
})

test('a clock that goes back takes the times of reading with it', () => {
  const clock = new FakeClock(nowMs)
  const lane = openLane({ clock })
  process(lane, 'a\n')
  clock.jump(-3_600_000)
  const [event] = process(lane, 'a\n').events
  assert.deepEqual([event!.time.seconds, event!.bump], [nowMs / 1000 - 3600, 0])
})

const kept = [
  '{"a":12345678901234567890,"b":1.0,"c":1e400,"d":-0,"e":0.1000}',
  '{"a":1,"a":2,"__proto__":{"time":"2026-01-20T10:00:00Z"},"constructor":1,"toString":2}',
  '{"a":"\\u0041\\/\\ud800","\\u0062":1}',
  '{ "a" : [ 1 , 2 ] ,\t"b":{} }',
  '{}',
  '{"a":"\u2028 grün 漢字 😀"}',
  `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`,
  `{"a":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
]

for (const line of kept) {
  test(`a JSON line is kept byte for byte: ${line.slice(0, 60)}`, () => {
    const event = eventOf(line)
    assert.equal(event.body, Body.json)
    assert.equal(text(event), line)
    assert.ok(documentOf(line).endsWith(line === '{}' ? '"log.offset":0}' : line.slice(1)))
  })
}

test('a member that is inherited is none', () => {
  const line = '{"__proto__":{"time":"2026-01-20T10:00:00Z","level":"error"}}'
  assert.deepEqual([eventOf(line).severity, eventOf(line).flags], [0, EventFlag.timeOfReading])
  assert.equal(
    eventOf('{"a":1}', { timestamp: { field: 'constructor.name' } }).flags,
    EventFlag.timeOfReading,
  )
})

for (const line of [
  '[1]',
  '"a"',
  '1',
  '{"a":1',
  '{"a":1}x',
  '{"a":1}{"b":2}',
  "{'a':1}",
  '{"a":NaN}',
  '{"a":"\t"}',
  '{"a":1,}',
]) {
  test(`what is no JSON object is text, an error only where JSON was asked for: ${line}`, () => {
    assert.deepEqual(membersOf(line), { ...ours, message: line })
    assert.deepEqual(membersOf(line, { parse: 'json' }), { ...ours, parse_error: 'json', message: line })
    const result = process(openLane({ parse: 'json' }), `${line}\n{"a":1}\n`)
    assert.equal(result.parseErrors, 1)
  })
}

test('`none` leaves JSON as text', () => {
  assert.deepEqual(membersOf('{"level":"error"}', { parse: 'none' }), {
    ...ours,
    message: '{"level":"error"}',
  })
})

test('the time is the first of the list that is there and can be read', () => {
  const time = (line: string): unknown => membersOf(line)['@timestamp']
  assert.equal(time('{"time":"rubbish","ts":1768903200}'), '2026-01-20T10:00:00Z')
  assert.equal(time('{"ts":1768903200,"time":"2026-01-20T11:00:00Z"}'), '2026-01-20T11:00:00Z')
  assert.equal(time('{"eventTime":"2026-01-20T11:00:00Z"}'), '2026-01-20T11:00:00Z')
  assert.equal(time('{"time":"1999-01-01T00:00:00Z","t":1768903200123}'), '2026-01-20T10:00:00.123Z')
  assert.equal(time('{"time":"2026-01-22T00:00:00Z"}'), readingTime)
  assert.equal(time('{"ts":1768903200.100}'), '2026-01-20T10:00:00.100Z')
  assert.equal(time('{"ts":1768903200123456789}'), '2026-01-20T10:00:00.123456789Z')
  assert.equal(time('{"ts":1.7689032e9}'), '2026-01-20T10:00:00Z')
})

test('the time of a configured field, by its path, format and zone', () => {
  const timestamp = { field: 'meta.when', format: '%d.%m.%Y %H:%M', timezone: 'Europe/Berlin' }
  const expected = '2026-01-20T10:00:00Z'
  assert.equal(
    membersOf('{"meta":{"when":"20.01.2026 11:00"},"time":5}', { timestamp })['@timestamp'],
    expected,
  )
  assert.equal(membersOf('{"meta.when":"20.01.2026 11:00"}', { timestamp })['@timestamp'], expected)
  assert.equal(membersOf('{"time":"2026-01-20T10:00:00Z"}', { timestamp })['@timestamp'], readingTime)
})

test('the level is the first of the list that is there and can be read', () => {
  const level = (line: string): unknown => {
    const members = membersOf(line)
    const log = members['log']
    return members['log.level'] ?? (isJsonObject(log) ? log['level'] : undefined)
  }
  assert.equal(level('{"level":"weird","severity":"WARNING"}'), 'warn')
  assert.equal(level('{"severity":"ERROR","level":30}'), 'info')
  assert.equal(level('{"log":{"level":"Error"},"level":"info"}'), 'error')
  assert.equal(level('{"severity_number":17}'), 'error')
  assert.equal(level('{"severityNumber":"9"}'), 'info')
  assert.equal(level('{"lvl":3}'), 'error')
  assert.equal(level('ERROR in plain text'), undefined)
})

test('shared members: host and path first, then kubernetes, then constants', () => {
  const uid = '6a1c5d5e-1111-2222-3333-444444444444'
  const path = `/var/log/pods/shop_checkout-7d9f_${uid}/app/0.log`
  const options = {
    enrich: { host: 'full' as const, kubernetes: true, fields: { env: 'prod' } },
    fields: { team: null },
  }
  const { shared } = openLane(options, { path })
  assert.deepEqual(
    shared.map(({ name, json }) => `${name}=${json}`),
    [
      'host.name="web-1"',
      `log.file.path="${path}"`,
      'host.ip=["10.0.0.1","10.0.0.2"]',
      'host.os.type="linux"',
      'host.os.platform="debian"',
      'host.os.kernel="6.1"',
      'kubernetes.namespace="shop"',
      'kubernetes.pod.name="checkout-7d9f"',
      `kubernetes.pod.uid="${uid}"`,
      'kubernetes.container.name="app"',
      'env="prod"',
      'team=null',
    ],
  )
  const container = `/mnt/var/log/containers/checkout-7d9f_shop_my-app-${'0a'.repeat(32)}.log`
  const names = openLane(options, { path: container }).shared.filter(({ name }) =>
    name.startsWith('kubernetes'),
  )
  assert.deepEqual(
    names.map(({ json }) => json),
    ['"shop"', '"checkout-7d9f"', '"my-app"'],
  )
  assert.deepEqual(openLane({ enrich: { host: false } }, { path: '' }).shared, [])
})

test('the name for ids is known where the field is off, and the one that was set', () => {
  assert.equal(openLane({ enrich: { host: false } }).host, 'web-1')
  const named = openLane({ enrich: { host: { name: 'node-7' } } })
  assert.deepEqual([named.host, named.shared[0]!.json], ['node-7', '"node-7"'])
})

/** Lines as they come: blank ones, JSON, wrappers, rubbish. */
const anyLine = fc.oneof(
  fc
    .uint8Array({ maxLength: 40 })
    .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 10 ? 11 : byte)))),
  fc.json().map((json) => Buffer.from(json)),
  fc
    .dictionary(
      fc.constantFrom('host', 'host.name', 'log', '@timestamp', 'level', 'trace', 'a'),
      fc.jsonValue(),
    )
    .map((object) => Buffer.from(JSON.stringify(object))),
  fc.constantFrom('', ' ', '\r', '\0', '{"a":1}', 'text').map((line) => Buffer.from(line)),
)

test('any bytes: events cover the lines in order, without overlap, as valid UTF-8 and valid documents', () => {
  fc.assert(
    fc.property(
      fc.array(anyLine, { maxLength: 12 }),
      fc.constantFrom('auto', 'json', 'none'),
      (lines, parse) => {
        const bytes = Buffer.concat(lines.flatMap((line) => [line, Buffer.from('\n')]))
        const events = eventsOf(bytes, { parse })
        let last = 0
        for (const event of events) {
          assert.ok(event.from >= last && event.to > event.from)
          assert.equal(bytes[event.to - 1], 10)
          assert.equal(bytes.subarray(event.from, event.to - 1).includes(10), false)
          last = event.to
          const line = Buffer.from(event.line)
          assert.deepEqual(Buffer.from(line.toString('utf8')), line)
          const isChanged = (event.flags & EventFlag.invalidUtf8) !== 0
          if (!isChanged) assert.ok(bytes.subarray(event.from, event.to).includes(line))
        }
        assert.ok(events.length <= lines.length)
      },
    ),
    { numRuns: 500 },
  )
})

/** Paths that the agent can write, and what may stand there in a document of the property below. */
const agentValues: Readonly<Record<string, (value: unknown) => boolean>> = {
  '@timestamp': (value) => typeof value === 'string' && !Number.isNaN(Date.parse(value)),
  'host.name': (value) => value === 'web-1',
  'log.file.path': (value) => value === '/var/log/app.log',
  'log.offset': (value) => value === 0,
  'log.level': (value) => value === 'info' || value === 'fatal',
  'labels.env': (value) => value === 'prod',
  ...Object.fromEntries(
    'host.ip host.os.name log.flags log.logger trace.id span.id kubernetes.namespace parse_error'
      .split(' ')
      .map((path) => [path, () => false]),
  ),
}

/** Every path of a document with its value, dots in names counted as steps. Objects come before their members. */
function* pathsOf(value: unknown, before = ''): Generator<[string, unknown]> {
  if (before !== '') yield [before, value]
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  for (const [name, inner] of Object.entries(value))
    yield* pathsOf(inner, before === '' ? name : `${before}.${name}`)
}

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

function assertNothingMeets(document: unknown): void {
  for (const [path, value] of pathsOf(document)) {
    for (const [agentPath, isRight] of Object.entries(agentValues)) {
      if (path === agentPath) assert.ok(isRight(value), `${path} is ${JSON.stringify(value)}`)
      assert.ok(!path.startsWith(`${agentPath}.`), `${path} lies below ${agentPath}`)
      assert.ok(!agentPath.startsWith(`${path}.`) || isObject(value), `${path} is no object`)
    }
  }
}

test('any JSON object makes a valid document in which nothing stands in the way of a field of ours', () => {
  const names = fc.constantFrom(
    ...'host host.name host_original log log.level log.level_original @timestamp @timestamp_original level'.split(
      ' ',
    ),
    ...'trace.id trace span name id ip env os host.os.name kubernetes labels labels.env parse_error'.split(
      ' ',
    ),
    ...'log.logger namespace file path offset message stream a.b a __proto__ @timestamp.x host.name.x'.split(
      ' ',
    ),
  )
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      fc.constantFrom(
        1,
        0,
        null,
        'x',
        'web-1',
        'info',
        readingTime,
        '2026-01-20T10:00:00Z',
        'prod',
        1_768_903_200,
        [],
      ),
      fc.dictionary(names, tie('value'), { maxKeys: 3, noNullPrototype: true }),
    ),
  }))
  fc.assert(
    fc.property(fc.dictionary(names, value, { maxKeys: 6, noNullPrototype: true }), (object) => {
      const document: unknown = JSON.parse(
        documentOf(JSON.stringify(object), { fields: { 'labels.env': 'prod' } }),
      )
      assertNothingMeets(document)
    }),
    { numRuns: 2000 },
  )
})
