import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Severity } from '../../src/core/event.ts'
import { agentPaths } from '../../src/enrich/agent-paths.ts'
import { MemberRoles, noRole, timeNames } from '../../src/enrich/member-roles.ts'
import { MemberScan } from '../../src/enrich/member-scan.ts'
import { JsonLine } from '../../src/parsers/json-line.ts'

const rolesWith = (names: readonly string[] = timeNames, findsTrace = true): MemberRoles =>
  new MemberRoles({ timeNames: names, paths: agentPaths([], false), findsTrace })

function jsonLine(text: string): JsonLine {
  const line = new JsonLine()
  const bytes = Buffer.from(text)
  assert.ok(line.scan(bytes, 0, bytes.length))
  return line
}

/** Notes what is tried as a time, in order, and takes nothing. */
function triedTimes(scan: MemberScan): unknown[] {
  const tried: unknown[] = []
  scan.time({
    plain: () => undefined,
    value: (value, digits) => {
      tried.push(typeof value === 'number' ? [value, digits()] : value)
      return undefined
    },
  })
  return tried
}

function scanOf(object: Record<string, unknown> | string, replaced?: ReadonlySet<string>) {
  const scan = new MemberScan(rolesWith(), timeNames.length)
  const meets = scan.object(jsonLine(typeof object === 'string' ? object : JSON.stringify(object)), replaced)
  return { scan, meets, tried: triedTimes(scan) }
}

test('times are tried in the order of the contract, whatever order the line has them in', () => {
  const line = '{"eventTime":9.00,"ts":"a","time":12345678901234567890,"@timestamp":1,"timestamp":{"x":1}}'
  assert.deepEqual(scanOf(line).tried, [
    [1, '1'],
    { x: 1 },
    [12345678901234567000, '12345678901234567890'],
    'a',
    [9, '9.00'],
  ])
})

test("Serilog's events have their time and their level, compact and not, behind the names of the contract", () => {
  const compact = scanOf({ '@t': 'b', '@l': 'Error', time: 'a' })
  assert.deepEqual([compact.tried, compact.scan.severity()], [['a', 'b'], Severity.error])
  const verbose = scanOf({ Timestamp: 'a', Level: 'Warning', '@l': 'Debug' })
  assert.deepEqual([verbose.tried, verbose.scan.severity()], [['a'], Severity.debug])
  assert.equal(scanOf({ '@l': 'Debug', level: 'info' }).scan.severity(), Severity.info)
})

test('a configured time may stand at a path, dotted or nested', () => {
  const roles = rolesWith(['event.created'])
  for (const text of ['{"event":{"created":5.0}}', '{"event.created":5.0}']) {
    const scan = new MemberScan(roles, 1)
    scan.object(jsonLine(text), undefined)
    assert.deepEqual(triedTimes(scan), [[5, '5.0']])
  }
})

test('a text is tried as it stands in its bytes, then decoded', () => {
  const plain: string[] = []
  for (const text of ['{"time":"2026-01-20"}', '{"time":"2026\\u002d01-20"}']) {
    const scan = new MemberScan(rolesWith(), timeNames.length)
    scan.object(jsonLine(text), undefined)
    scan.time({
      plain: (bytes, from, to) => (plain.push(bytes.toString('utf8', from, to)), undefined),
      value: (value) => (plain.push(`decoded ${String(value)}`), undefined),
    })
  }
  assert.deepEqual(plain, ['2026-01-20', 'decoded 2026-01-20', '2026\\u002d01-20', 'decoded 2026-01-20'])
})

test('of members with the same name the last one counts, however the name is escaped', () => {
  const { scan, tried } = scanOf('{"level":"error","time":1,"l\\u0065vel":"debug","time":2}')
  assert.equal(scan.severity(), Severity.debug)
  assert.deepEqual(tried, [[2, '2']])
  assert.equal(scanOf('{"@timestamp":1,"\\u0040timestamp":2}').meets, 'others')
})

test('the first level that says something counts; OpenTelemetry numbers come last', () => {
  const severityOf = (object: Record<string, unknown>): number => scanOf(object).scan.severity()
  assert.equal(severityOf({ severity: 'ERROR', level: 'warn' }), Severity.warn)
  assert.equal(severityOf({ level: 'purple', severity: 'ERROR' }), Severity.error)
  assert.equal(severityOf({ severity_number: 17, lvl: 'debug' }), Severity.debug)
  assert.equal(severityOf({ severity_number: 17 }), Severity.error)
  assert.equal(severityOf({ log: { level: 'fatal' } }), Severity.fatal)
  assert.equal(severityOf({ other: 'error' }), Severity.none)
})

test('members that a parser replaced are not looked at', () => {
  const { scan, tried, meets } = scanOf(
    { level: 'error', time: 1, host: 'a' },
    new Set(['level', 'time', 'host']),
  )
  assert.deepEqual([scan.severity(), tried, meets], [Severity.none, [], 'nothing'])
})

test('it tells whether a name begins like a path of ours, and whether that is only the time', () => {
  const meets = (object: Record<string, unknown>): string => scanOf(object).meets
  assert.equal(meets({ message: 'x', a: 1 }), 'nothing')
  assert.equal(meets({ '@timestamp': 1, a: 1 }), 'timestamp')
  assert.equal(meets({ 'host.port': 1 }), 'others')
  assert.equal(meets({ '@timestamp': 1, log: 1 }), 'others')
  assert.equal(meets({ log: 1, '@timestamp': 1 }), 'others')
})

test('after a reset nothing of the line before is left', () => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const { scan } = scanOf({ level: 'error', time: 1, trace_id: trace })
  assert.equal(scan.trace.traceAt, '{"level":"error","time":1,"trace_id":"'.length)
  scan.reset()
  scan.object(jsonLine('{"message":"x"}'), undefined)
  assert.equal(scan.severity(), Severity.none)
  assert.deepEqual([scan.trace.traceAt, scan.trace.traceId()], [undefined, ''])
  assert.deepEqual(triedTimes(scan), [])
})

test('a name means the same the second time, also after hostile lines with thousands of names', () => {
  const roles = rolesWith()
  assert.equal(roles.of('message'), noRole)
  const level = roles.of('level')
  assert.equal(roles.of('level'), level)
  for (let i = 0; i < 5000; i++) assert.equal(roles.of(`name${i}`), noRole)
  assert.deepEqual(roles.of('level'), level)
  assert.equal(roles.of('x'.repeat(100_000)), noRole)
  assert.equal(roles.of('__proto__'), noRole)
  assert.equal(roles.of('constructor'), noRole)
})

test('lines of other shapes, and thousands of names, change nothing about what a name means', () => {
  const scan = new MemberScan(rolesWith(), timeNames.length)
  const json = new JsonLine()
  for (let line = 0; line < 3000; line++) {
    const names = [`"a${line}":1`, '"level":"error"', `"b${line}":1`, '"time":2']
    const text = `{${(line % 2 === 0 ? names : names.reverse()).join(',')}}`
    assert.ok(json.scan(Buffer.from(text), 0, text.length))
    scan.reset()
    assert.equal(scan.object(json, undefined), 'nothing')
    assert.equal(scan.severity(), Severity.error)
    assert.deepEqual(triedTimes(scan), [[2, '2']])
  }
})

test('trace ids are not looked for where they are switched off', () => {
  assert.equal(rolesWith(timeNames, false).of('trace_id'), noRole)
  assert.notEqual(rolesWith().of('trace_id'), noRole)
})

test("a parser's member is in the way only of a path that is not the parsers' to write", () => {
  const { scan } = scanOf({})
  const meets = (key: string): boolean => scan.member(key, 'x', () => undefined)
  assert.equal(meets('log.syslog.priority'), false)
  assert.equal(meets('log.logger'), false)
  assert.equal(meets('log.level'), true)
  assert.equal(meets('log'), true)
  assert.equal(meets('log.level.a'), true)
  assert.equal(meets(`log${'.a'.repeat(100_000)}`), false)
})
