import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import type { StoredEvent } from '../../src/buffer/buffer.ts'
import { Body } from '../../src/core/event.ts'
import { levelNames, firstOpenTelemetryRank, timeNames } from '../../src/enrich/member-roles.ts'
import { severityOf, severityOfOpenTelemetry } from '../../src/enrich/level.ts'
import { TraceFinder, traceRole } from '../../src/enrich/trace.ts'
import { isJsonObject } from '../../src/parsers/json-object.ts'
import type { JsonObject } from '../../src/parsers/json-object.ts'
import { multilineSchema } from '../../src/parsers/multiline/schema.ts'
import { createTimeReader, isPlausible } from '../../src/parsers/time.ts'
import { utc } from '../../src/parsers/time-zone.ts'
import { stepList } from '../steps/steps-under-test.ts'
import { storedEvents } from '../support/stored-event.ts'
import { nowMs, openLane } from './lane-under-test.ts'

/** Lines of every shape in one file, wrapped, cut, damaged and edited: what the agent finds in each must be what a plain program finds in the line that was kept. */

const keys =
  'level lvl severity severity_number time ts @timestamp date trace_id traceId TraceID span_id spanId dd traceparent b3 ctx trace host log.level msg a b'.split(
    ' ',
  )
const id = (length: number): fc.Arbitrary<string> =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'.split('')), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))
const anyText = fc.oneof(
  id(32),
  id(16),
  id(32).map((hex) => hex.toUpperCase()),
  fc.tuple(id(32), id(16)).map(([trace, span]) => `00-${trace}-${span}-01`),
  fc.tuple(id(32), id(16)).map(([trace, span]) => `${trace}-${span}-1`),
  fc.constantFrom(
    'warn',
    'ERROR',
    'Info',
    'nothing',
    '',
    'é\n"x"\\',
    '😀',
    'joe@example.com',
    '0'.repeat(32),
  ),
  fc.constantFrom('2026-01-20T10:00:00.123Z', '2026-01-20T11:00:00+01:00', '2026-13-20T10:00:00Z'),
)
const anyValue: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 8, arbitrary: anyText },
  {
    weight: 1,
    arbitrary: fc.constantFrom<unknown>(30, 9, 1768903200, 1768903200123, 123456789, null, true, []),
  },
  {
    weight: 2,
    arbitrary: fc.dictionary(fc.constantFrom('trace_id', 'span_id', 'id', 'traceparent', 'x'), anyText, {
      maxKeys: 3,
    }),
  },
)

const escaped = (key: string): string =>
  `"\\u${key.charCodeAt(0).toString(16).padStart(4, '0')}${key.slice(1)}"`
const member = fc
  .tuple(fc.constantFrom(...keys), anyValue, fc.constantFrom('', '', '', ' ', '\t '), fc.nat(9))
  .map(
    ([key, one, space, how]) =>
      `${how === 0 ? escaped(key) : JSON.stringify(key)}${space}:${space}${JSON.stringify(one)}`,
  )
const line = fc
  .tuple(fc.array(member, { maxLength: 7 }), fc.constantFrom('', '', '', ' '), fc.nat(19))
  .map(([members, space, how]) => {
    const whole = `${space}{${space}${members.join(`,${space}`)}${space}}`
    return how === 0 ? whole.slice(0, -2) : how === 1 ? `${whole}x` : whole
  })

const steps = fc.constantFrom<readonly unknown[] | undefined>(
  undefined,
  [{ remove: ['a', 'msg'] }],
  [{ rename: { a: 'a_much_longer_name', b: 'c' } }, { remove: ['host'] }],
  [{ add: { msg: 'm' } }, { rename: { msg: 'trace_id' } }],
  [{ redact: { presets: ['email'] } }, { remove: ['ctx', 'time'] }],
  [{ rename: { ctx: 'span_id', level: 'lvl' } }],
)

type Wrapping = 'plain' | 'cri' | 'docker' | 'multiline'
const times = createTimeReader('auto', utc)
const nowSeconds = nowMs / 1000

function wrapped(lines: readonly string[], wrapping: Wrapping, cuts: readonly number[]): string {
  if (wrapping === 'docker')
    return lines
      .map(
        (log) => `${JSON.stringify({ log: `${log}\n`, stream: 'stdout', time: '2026-01-20T10:00:00Z' })}\n`,
      )
      .join('')
  if (wrapping !== 'cri') return lines.map((one) => `${one}\n`).join('')
  return lines
    .map((one, index) => {
      const chars = Array.from(one)
      const at = cuts[index % cuts.length]! % (chars.length + 1)
      const stream = index % 3 === 0 ? 'stderr' : 'stdout'
      const other = index % 3 === 0 ? 'stdout' : 'stderr'
      const head = `2026-01-20T10:00:00Z ${stream}`
      if (at === 0) return `${head} F ${one}\n`
      const between = `2026-01-20T10:00:00Z ${other} F {"between":${index}}\n`
      return `${head} P ${chars.slice(0, at).join('')}\n${between}${head} F ${chars.slice(at).join('')}\n`
    })
    .join('')
}

interface Found {
  readonly traceId: string
  readonly spanId: string
  readonly severity: number
  readonly time: { readonly seconds: number; readonly nanos: number } | undefined
}

/** What is in the line, by the object that `JSON.parse` makes of it. */
function foundIn(object: JsonObject): Found {
  const trace = new TraceFinder()
  for (const [key, one] of Object.entries(object)) {
    const role = traceRole(key)
    if (role !== undefined) trace.offer(role, one, key, () => undefined)
  }
  let severity = 0
  for (const [rank, name] of levelNames.entries())
    severity ||=
      rank < firstOpenTelemetryRank ? severityOf(object[name]) : severityOfOpenTelemetry(object[name])
  let time: Found['time']
  for (const name of timeNames) {
    const read = Object.hasOwn(object, name)
      ? times.read(object[name], () => String(object[name]), nowSeconds)
      : undefined
    if (time === undefined && read && isPlausible(read, nowSeconds))
      time = { seconds: read.seconds, nanos: read.nanos }
  }
  return { traceId: trace.traceId(), spanId: trace.spanId(), severity, time }
}

function parsed(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function check(event: StoredEvent): void {
  const kept = Buffer.from(event.line).toString()
  const object = parsed(kept)
  // Taken apart by a step, or no line of the wrapper that was asked for.
  if (event.body === Body.members || /"parse_error":"(?:cri|docker)"/.test(event.members)) return
  assert.equal(event.body === Body.json, object !== undefined, kept)
  if (!object) return
  const { traceId, spanId, severity, time } = foundIn(object)
  assert.deepEqual([event.traceId, event.spanId, event.severity], [traceId, spanId, severity], kept)
  if (time) assert.deepEqual(event.time, time, kept)
}

test('ids, levels and times are those of the line that is kept, however lines vary, are wrapped, cut, repaired or edited', () => {
  const scenario = fc.record({
    lines: fc.array(line, { minLength: 1, maxLength: 10 }),
    wrapping: fc.constantFrom<Wrapping>('plain', 'cri', 'docker', 'multiline'),
    cuts: fc.array(fc.nat(200), { minLength: 1, maxLength: 4 }),
    steps,
    isLastWhole: fc.boolean(),
    maxLineBytes: fc.constantFrom(64 * 1024, 64 * 1024, 150),
    damage: fc.option(fc.nat(400), { nil: undefined }),
  })
  fc.assert(
    fc.property(scenario, ({ lines, wrapping, cuts, isLastWhole, maxLineBytes, damage, ...others }) => {
      const wrapper = wrapping === 'cri' || wrapping === 'docker' ? [wrapping] : []
      const lane = openLane({
        parse: [...wrapper, 'json'],
        maxLineBytes,
        ...(wrapping === 'multiline' && { multiline: multilineSchema.parse({ start: '^\\s*\\{' }) }),
        ...(others.steps && { steps: stepList(others.steps) }),
      })
      const bytes = Buffer.from(wrapped(lines, wrapping, cuts))
      if (damage !== undefined) bytes[damage % bytes.length] = 0xff
      const block = isLastWhole ? bytes : bytes.subarray(0, -1)
      // What stands behind the block must not be looked at.
      const memory = Buffer.concat([Buffer.from('{"'), block, Buffer.from('"}}]9"')])
      const view = memory.subarray(2, 2 + block.length)
      const first = lane.process({ bytes: view, from: 0, to: view.length, partial: !isLastWhole }, false)
      assert.ok(first !== 'wait')
      const events = [...first.events, ...lane.flush(true).events]
      for (const event of storedEvents(events, { shared: lane.shared })) check(event)
    }),
    { numRuns: 600 },
  )
})
