import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createFastLane } from '../../../src/lanes/fast/fast.ts'
import { stepList } from '../../steps/steps-under-test.ts'
import { generation, laneOptions } from '../lane-under-test.ts'
import type { LaneTestOptions } from '../lane-under-test.ts'

interface Counts {
  /** Events that the kernel made, and those that the general lane made. */
  readonly encoded: number
  readonly drafts: number
  readonly filtered: number
}

function countsOf(
  steps: readonly unknown[],
  lines: readonly string[],
  options: LaneTestOptions = { parse: 'json' },
): Counts {
  const lane = createFastLane(laneOptions({ ...options, steps: stepList(steps) }))
  const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''))
  const path = '/var/log/pods/shop_cart_0a1b/app/0.log'
  const result = lane.open({ generation, path }).process({ bytes, from: 0, to: bytes.length }, false)
  assert.ok(result !== 'wait')
  const { events, encoded = [], filtered } = result
  return { encoded: encoded.reduce((sum, { count }) => sum + count, 0), drafts: events.length, filtered }
}

const request = (members: object): string =>
  JSON.stringify({ time: '2026-01-20T11:59:59.123Z', level: 'info', ...members })

test('usual conditions filter in the kernel: no line of them goes through the general lane', () => {
  const lines = [
    request({ level: 'debug', status: 200 }),
    request({ path: '/health', status: 200 }),
    request({ path: '/api', status: 503, user: { id: 7 } }),
    request({ path: '/api', status: 200.5, user: { id: 8 }, msg: 'it timed out' }),
  ]
  const all = (condition: string): Counts => countsOf([{ drop: { if: condition } }], lines)
  assert.deepEqual(all('level == "DEBUG"'), { encoded: 3, drafts: 0, filtered: 1 })
  assert.deepEqual(all('path.startsWith("/health") || status >= 500'), { encoded: 2, drafts: 0, filtered: 2 })
  assert.deepEqual(all('user.id in [7, 9]'), { encoded: 3, drafts: 0, filtered: 1 })
  assert.deepEqual(all('!has(path) || msg.contains("timed")'), { encoded: 2, drafts: 0, filtered: 2 })
  assert.deepEqual(all('path.matches("^/a") && status > 1e2'), { encoded: 2, drafts: 0, filtered: 2 })
})

test('conditions about what a whole file has in common are settled once', () => {
  const lines = [request({}), request({ level: 'warn' })]
  const keep = (condition: string): Counts =>
    countsOf([{ keep: { if: condition } }], lines, { parse: 'json', enrich: { kubernetes: true } })
  assert.deepEqual(keep('kubernetes.pod.name == "cart" && level == "warn"'), {
    encoded: 1,
    drafts: 0,
    filtered: 1,
  })
  assert.deepEqual(keep('filename.endsWith(".txt")'), { encoded: 0, drafts: 0, filtered: 2 })
  // Cannot be evaluated: the general lane counts it, for each line.
  assert.deepEqual(keep('host_name > 5 || level == "warn"'), { encoded: 0, drafts: 1, filtered: 1 })
})

test('lines of text, of access logs and out of containers are filtered in the kernel', () => {
  const drop = (condition: string, line: string, parse: LaneTestOptions['parse']): Counts =>
    countsOf([{ drop: { if: condition } }], [line, line], { parse: parse! })
  const gone = { encoded: 0, drafts: 0, filtered: 2 }
  assert.deepEqual(drop('message.contains("health")', 'GET /health', 'none'), gone)
  assert.deepEqual(drop('message.matches("^GET /h.*h$")', 'GET /health', 'none'), gone)
  const access = '10.0.0.1 - - [20/Jan/2026:11:59:58 +0000] "GET /health HTTP/1.1" 200 5 "-" "curl/8.0"'
  assert.deepEqual(
    drop('url.original == "/health" && http.response.status_code < 400', access, 'nginx'),
    gone,
  )
  const container = '2026-01-20T11:59:58.123456789Z stderr F {"a":1}'
  assert.deepEqual(drop('stream == "stderr" && a == 1', container, ['cri', 'json']), gone)
})

test('members are added, renamed and removed in the kernel, wherever they stand', () => {
  const lines = [
    request({ lvl: 'warn', meta: { user: 'bob', n: 1 }, debug: 'x' }),
    request({ path: '/a', head: { cookie: 'c' } }),
    '{}',
  ]
  const steps = [
    { rename: { lvl: 'severity', 'meta.user': 'user.name' } },
    { remove: ['debug', 'head.cookie'] },
    { add: { team: 'shop', version: 2, path: '/b' } },
    { drop: { if: 'team != "shop" || level == "debug"' } },
  ]
  assert.deepEqual(countsOf(steps, lines), { encoded: 3, drafts: 0, filtered: 0 })
  assert.deepEqual(countsOf([{ add: { team: 'shop' } }], ['a text'], { parse: 'none' }), {
    encoded: 1,
    drafts: 0,
    filtered: 0,
  })
  const access = '10.0.0.1 - - [20/Jan/2026:11:59:58 +0000] "GET / HTTP/1.1" 200 5 "-" "curl/8.0"'
  const edits = [{ add: { team: 'shop' } }, { remove: ['http.version'] }]
  assert.deepEqual(countsOf(edits, [access], { parse: 'nginx' }), { encoded: 1, drafts: 0, filtered: 0 })
})

test('lines without a hint of a secret, and without the members that go as a whole, are not redacted by anybody', () => {
  const lines = [
    request({ msg: 'served' }),
    request({ msg: 'mail to bob@example.com' }),
    request({ user: 'bob' }),
  ]
  assert.deepEqual(countsOf([{ redact: {} }], lines), { encoded: 2, drafts: 1, filtered: 0 })
  assert.deepEqual(countsOf([{ redact: { fields: ['user'] } }], lines), {
    encoded: 2,
    drafts: 1,
    filtered: 0,
  })
  const both = [{ redact: { fields: ['user'], presets: ['email'] } }]
  assert.deepEqual(countsOf(both, lines), { encoded: 3, drafts: 0, filtered: 0 })
  // What a step before has taken away, or has added, counts.
  assert.deepEqual(countsOf([{ remove: ['msg'] }, { redact: {} }], lines), {
    encoded: 3,
    drafts: 0,
    filtered: 0,
  })
  assert.deepEqual(countsOf([{ add: { a: 'x@y.de' } }, { redact: {} }], lines.slice(0, 1)), {
    encoded: 0,
    drafts: 1,
    filtered: 0,
  })
})

test('what was called so before, or stands in two places, is edited by the general lane', () => {
  const lines = ['{"a":1,"b":2}', '{"a":1,"a":2}', '{"a.b":1,"a":{"b":2}}', '{"\\u0061":1}', '{"a":1}']
  assert.deepEqual(countsOf([{ rename: { a: 'b' } }], lines), { encoded: 2, drafts: 3, filtered: 0 })
  assert.deepEqual(countsOf([{ remove: ['a.b'] }], lines), { encoded: 2, drafts: 3, filtered: 0 })
})

test('a value that is in no plain form goes through the general lane alone', () => {
  const long = 'x'.repeat(300)
  const lines = [request({ a: 'é' }), '{"a":"\\u0078"}', `{"a":["${long}"]}`, request({ a: 'x' })]
  assert.deepEqual(countsOf([{ drop: { if: 'a == "x"' } }], lines), { encoded: 1, drafts: 1, filtered: 2 })
})
