import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { EventFlag } from '../../src/core/event.ts'
import type { DraftEvent } from '../../src/core/event.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { eventsOf, generation, membersOf, nowMs, openLane, process, readingTime } from './lane-under-test.ts'

const at = '2026-01-20T10:00:00.123456789Z'
const text = (event: DraftEvent): string => Buffer.from(event.line).toString('utf8')
const cri = (stream: string, tag: string, content: string): string => `${at} ${stream} ${tag} ${content}\n`
const shown = (event: DraftEvent): unknown[] => [event.members, text(event), event.flags]

test('fragments are joined for each stream, as vlagent did not', () => {
  const events = eventsOf(
    cri('stdout', 'P', '1') + cri('stderr', 'F', '2') + cri('stdout', 'P', '3') + cri('stdout', 'F', '4'),
    {
      parse: 'cri',
    },
  )
  assert.deepEqual(events.map(shown), [
    ['"stream":"stderr"', '2', 0],
    ['"stream":"stdout"', '134', 0],
  ])
})

test('a joined line covers all of its fragments and has the time of the first', () => {
  const first = cri('stdout', 'P', 'a')
  const second = cri('stdout', 'F', 'b').replace('10:00:00', '10:00:05')
  const [event] = eventsOf(first + second, { parse: 'cri' })
  assert.deepEqual([event!.from, event!.to], [0, first.length + second.length])
  assert.deepEqual([event!.time, event!.precision], [{ seconds: 1_768_903_200, nanos: 123_456_789 }, 9])
})

test('a character that is cut between fragments is whole again', () => {
  const bytes = Buffer.from('ü')
  const part = (tag: string, content: Buffer): Buffer =>
    Buffer.concat([Buffer.from(`${at} stdout ${tag} `), content, Buffer.from('\n')])
  const [event] = eventsOf(Buffer.concat([part('P', bytes.subarray(0, 1)), part('F', bytes.subarray(1))]), {
    parse: 'cri',
  })
  assert.deepEqual([text(event!), event!.flags], ['ü', 0])
})

test('a CR at the end of a fragment belongs to the line, before the last newline it does not', () => {
  const [event] = eventsOf(`${at} stdout P a\r\n${at} stdout F b\r\n`, { parse: 'cri' })
  assert.equal(text(event!), 'a\rb')
})

for (const [what, line, content] of [
  ['tags behind the first', `${at} stdout F:x:y a`, 'a'],
  ['an offset', '2026-01-20T10:00:00.5+08:00 stderr F a', 'a'],
  ['spaces in front', `${at} stdout F   a `, '  a '],
] as const) {
  test(`CRI with ${what} is unwrapped`, () => {
    const [event] = eventsOf(`${line}\n`, { parse: 'cri' })
    assert.deepEqual([text(event!), event!.members.includes('parse_error')], [content, false])
  })
}

for (const line of [
  'no wrapper',
  `${at} stdout`,
  `${at} stdout `,
  `${at} stdin F a`,
  `${at} stdout X a`,
  `${at} stdout FP a`,
  'yesterday stdout F a',
  '{"log":"x"}',
]) {
  test(`what is no CRI line is kept with an error: ${line}`, () => {
    const result = process(openLane({ parse: 'cri' }), `${line}\n`)
    assert.equal(result.parseErrors, 1)
    assert.deepEqual(
      result.events.map((event) => [event.members, text(event)]),
      [['"parse_error":"cri"', line]],
    )
  })
}

test('a blank line in a wrapper makes no event', () => {
  assert.deepEqual(eventsOf(`${at} stdout F\n${at} stdout F \n${at} stdout F  \t\n`, { parse: 'cri' }), [])
})

test('a chain feeds the content to the next parser', () => {
  const lines = cri('stdout', 'F', '{"level":"error","stream":"stdout","a":1}') + cri('stdout', 'F', 'text')
  const result = process(openLane({ parse: ['cri', 'json'] }), lines)
  assert.equal(result.parseErrors, 1)
  assert.deepEqual(result.events.map(shown), [
    // The line says itself which stream it is of.
    ['', '{"level":"error","stream":"stdout","a":1}', 0],
    ['"stream":"stdout","parse_error":"json"', 'text', 0],
  ])
  assert.deepEqual(membersOf(cri('stderr', 'F', '{"stream":"x"}').trimEnd(), { parse: ['cri', 'json'] }), {
    '@timestamp': at,
    'host.name': 'web-1',
    stream: 'stderr',
    stream_original: 'x',
  })
})

test("the line's own time comes before the wrapper's", () => {
  const members = membersOf(cri('stdout', 'F', '{"time":"2026-01-20T09:00:00Z"}').trimEnd())
  assert.equal(members['@timestamp'], '2026-01-20T09:00:00Z')
})

const docker = (log: string, stream = 'stdout'): string => `${JSON.stringify({ log, stream, time: at })}\n`

test("Docker's lines are unwrapped and joined", () => {
  const lines = docker('one\n') + docker('tw') + docker('err\r\n', 'stderr') + docker('o "x" \u00fc\n')
  const events = eventsOf(lines, { parse: 'docker' })
  assert.deepEqual(events.map(shown), [
    ['"stream":"stdout"', 'one', 0],
    ['"stream":"stderr"', 'err', 0],
    ['"stream":"stdout"', 'two "x" ü', 0],
  ])
  assert.equal(events[0]!.precision, 9)
})

test("what isn't Docker's is kept with an error, a torn line too", () => {
  for (const line of ['{"log":"x\\n","str', '{"log":1,"stream":"stdout","time":"x"}', 'text', '{"a":1}']) {
    const result = process(openLane({ parse: 'docker' }), `${line}\n`)
    assert.deepEqual(
      [result.parseErrors, result.events.map((event) => event.members)],
      [1, ['"parse_error":"docker"']],
    )
  }
})

test('fragments that wait are pending, and are sent flagged partial after three seconds', async () => {
  const clock = new FakeClock(nowMs)
  const lane = openLane({ parse: 'cri', clock })
  const first = cri('stdout', 'P', 'a')
  const second = cri('stdout', 'P', 'b')
  assert.equal(lane.deadline(), undefined)
  const waiting = process(lane, first + second)
  assert.deepEqual(waiting.events, [])
  assert.deepEqual(waiting.pending, [
    { generation, from: 0, to: first.length + second.length, stream: 'stdout' },
  ])
  assert.equal(lane.deadline(), 3000)
  await clock.advance(2999)
  assert.equal(lane.flush(false).events.length, 0)
  await clock.advance(1)
  const { events, pending } = lane.flush(false)
  assert.deepEqual(events.map(shown), [['"stream":"stdout"', 'ab', EventFlag.partial]])
  assert.deepEqual(pending, [])
  assert.equal(lane.deadline(), undefined)
})

test('everything waiting is sent at the end of a file', () => {
  const lane = openLane({ parse: 'cri' })
  process(lane, cri('stdout', 'P', 'a') + cri('stderr', 'P', 'b'))
  assert.deepEqual(lane.flush(true).events.map(text), ['a', 'b'])
})

test('pending fragments are taken back after a restart', () => {
  const first = Buffer.from(cri('stdout', 'P', 'a') + cri('stderr', 'P', 'x') + cri('stdout', 'P', 'b'))
  const before = process(openLane({ parse: 'cri' }), first)
  const lane = openLane({ parse: 'cri' })
  for (const range of before.pending) lane.resume(range, first.subarray(range.from, range.to))
  const rest = cri('stdout', 'F', 'c')
  const { events } = process(lane, rest, { from: first.length })
  assert.deepEqual(
    events.map((event) => [text(event), event.from, event.to]),
    [['abc', 0, first.length + rest.length]],
  )
  assert.deepEqual(lane.flush(true).events.map(text), ['x'])
})

test('fragments of the generation before are joined with the first line of this one', () => {
  const old = Buffer.from(cri('stdout', 'P', 'a'))
  const lane = openLane()
  lane.resume({ generation: 'f'.repeat(24), from: 500, to: 500 + old.length, stream: 'stdout' }, old)
  const rest = cri('stdout', 'F', 'b')
  const result = process(lane, rest)
  assert.equal(result.parser, 'cri')
  assert.deepEqual(
    result.events.map((event) => [text(event), event.from, event.to]),
    [['ab', 0, rest.length]],
  )
})

test('inherited fragments whose end never comes have stretches that no line has', () => {
  const lane = openLane({ parse: 'cri' })
  for (const [from, stream] of [
    [500, 'stdout'],
    [600, 'stderr'],
  ] as const) {
    const old = Buffer.from(cri(stream, 'P', 'a'))
    lane.resume({ generation: 'f'.repeat(24), from, to: from + old.length, stream }, old)
  }
  const { events } = lane.flush(true)
  assert.deepEqual(
    events.map((event) => [event.from, event.to]),
    [
      [500, 500],
      [600, 600],
    ],
  )
})

test('fragments without end are cut at the limit, and the other stream is not held up', () => {
  const lane = openLane({ parse: 'cri', maxLineBytes: 100 })
  const lines = cri('stdout', 'P', 'ü'.repeat(15)).repeat(20)
  assert.deepEqual(process(lane, lines).events, [])
  const { events } = process(lane, cri('stderr', 'F', 'x') + cri('stdout', 'F', 'end'), {
    from: Buffer.byteLength(lines),
  })
  assert.deepEqual(
    events.map((event) => event.flags),
    [0, EventFlag.truncated],
  )
  assert.equal(text(events[1]!), 'ü'.repeat(50))
  assert.equal(events[1]!.from, 0)
})

const wait = (lines: string, mayWait: boolean): unknown => {
  const bytes = Buffer.from(lines)
  const result = openLane().process({ bytes, from: 0, to: bytes.length }, mayWait)
  return result === 'wait' ? result : [result.parser, ...result.events.map(text)]
}

test('`auto` waits for twenty lines, or takes what is there', () => {
  assert.equal(wait(cri('stdout', 'F', 'a').repeat(19), true), 'wait')
  assert.deepEqual(wait(cri('stdout', 'F', 'a').repeat(20), true), ['cri', ...Array<string>(20).fill('a')])
  assert.deepEqual(wait(cri('stdout', 'F', 'a'), false), ['cri', 'a'])
  assert.deepEqual(wait(docker('a\n'), false), ['docker', 'a'])
  assert.deepEqual(wait('a\n', false), ['none', 'a'])
  assert.deepEqual(wait('\n', false), [''])
  assert.deepEqual(wait(`torn\n${cri('stdout', 'F', 'a').repeat(2)}`, false), ['cri', 'torn', 'a', 'a'])
})

test('`auto` keeps its choice over a restart, and lines that do not fit are plain or JSON', () => {
  const lane = openLane({}, { resume: { parser: 'cri', lastTime: { seconds: 0, nanos: 0 }, lastBump: 0 } })
  const bytes = Buffer.from(`text\n{"a":1}\n${cri('stdout', 'F', '{"b":2}')}`)
  const result = lane.process({ bytes, from: 0, to: bytes.length }, true)
  assert.ok(result !== 'wait')
  assert.equal(result.parseErrors, 0)
  assert.deepEqual(
    result.events.map((event) => [event.body, event.members]),
    [
      [1, ''],
      [0, ''],
      [0, '"stream":"stdout"'],
    ],
  )
})

interface Piece {
  readonly stream: 'stdout' | 'stderr'
  readonly isPartial: boolean
  readonly content: string
}

/** What the lines must come to: parts add up for each stream until a full one ends them. */
function model(pieces: readonly Piece[]): string[] {
  const waiting = { stdout: '', stderr: '' }
  const lines: string[] = []
  for (const { stream, isPartial, content } of pieces) {
    waiting[stream] += content
    if (isPartial) continue
    if (waiting[stream].trim() !== '') lines.push(`${stream}:${waiting[stream]}`)
    waiting[stream] = ''
  }
  return lines
}

test('joining is the same under any block borders and with a restart between any two blocks', () => {
  const piece = fc.record({
    stream: fc.constantFrom('stdout' as const, 'stderr' as const),
    isPartial: fc.boolean(),
    content: fc.stringMatching(/^[a-zü]{0,6}$/),
  })
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 20 }),
      fc.array(fc.nat(3), { minLength: 20, maxLength: 20 }),
      (pieces, borders) => {
        const lines = pieces.map(({ stream, isPartial, content }) =>
          Buffer.from(cri(stream, isPartial ? 'P' : 'F', content)),
        )
        const file = Buffer.concat(lines)
        const events: DraftEvent[] = []
        let lane = openLane({ parse: 'cri' })
        let from = 0
        let to = 0
        lines.forEach((line, index) => {
          to += line.length
          if (borders[index] === 0 && index < lines.length - 1) return
          const result = process(lane, file.subarray(from, to), { from })
          events.push(...result.events)
          from = to
          if (borders[index] !== 1) return
          lane = openLane({ parse: 'cri' })
          for (const range of result.pending) lane.resume(range, file.subarray(range.from, range.to))
        })
        const got = events.map((event) => `${event.members.slice(10, 16)}:${text(event)}`)
        assert.deepEqual(got, model(pieces))
        assert.equal(new Set(events.map((event) => `${event.from}-${event.to}`)).size, events.length)
      },
    ),
    { numRuns: 500 },
  )
})

test('the time of reading is there for wrappers of another time', () => {
  assert.equal(
    membersOf(cri('stdout', 'F', 'a').replace('2026', '1999').trimEnd(), { parse: 'cri' })['@timestamp'],
    readingTime,
  )
})
