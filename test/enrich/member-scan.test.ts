import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Severity } from '../../src/core/event.ts'
import { agentPaths } from '../../src/enrich/agent-paths.ts'
import { MemberRoles, noRole, timeNames } from '../../src/enrich/member-roles.ts'
import { MemberScan } from '../../src/enrich/member-scan.ts'

const rolesWith = (names: readonly string[] = timeNames, findsTrace = true): MemberRoles =>
  new MemberRoles({ timeNames: names, paths: agentPaths([], false), findsTrace })

function scanOf(object: Record<string, unknown>, replaced?: ReadonlySet<string>) {
  const scan = new MemberScan(rolesWith(), timeNames.length)
  const meets = scan.object(object, (path) => `digits of ${path}`, replaced)
  /** The values that are tried as times, in order. */
  const tried: unknown[] = []
  scan.time((value, digits) => {
    tried.push([value, digits()])
    return undefined
  })
  return { scan, meets, tried }
}

test('times are tried in the order of the contract, whatever order the line has them in', () => {
  const { tried } = scanOf({ eventTime: 9, ts: 3, time: 2, '@timestamp': 1, timestamp: { x: 1 } })
  assert.deepEqual(tried, [
    [1, 'digits of @timestamp'],
    [{ x: 1 }, 'digits of timestamp'],
    [2, 'digits of time'],
    [3, 'digits of ts'],
    [9, 'digits of eventTime'],
  ])
})

test('a configured time may stand at a path, dotted or nested', () => {
  const roles = rolesWith(['event.created'])
  for (const object of [{ event: { created: 5 } }, { 'event.created': 5 }]) {
    const scan = new MemberScan(roles, 1)
    scan.object(object, (path) => path, undefined)
    const found: unknown[] = []
    scan.time((value, digits) => (found.push(value, digits()), undefined))
    assert.deepEqual(found, [5, 'event.created'])
  }
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
  assert.equal(scan.traceId(), trace)
  scan.reset()
  scan.object({ message: 'x' }, () => undefined, undefined)
  assert.equal(scan.severity(), Severity.none)
  assert.equal(scan.traceId(), '')
  assert.equal(
    scan.time(() => assert.fail('no time is there')),
    undefined,
  )
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
