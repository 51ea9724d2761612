import assert from 'node:assert/strict'
import { test } from 'node:test'
import { EventFlag } from '../../src/core/event.ts'
import type { DraftEvent } from '../../src/core/event.ts'
import type { Fragment } from '../../src/lanes/fragments.ts'
import { HeldBytes } from '../../src/lanes/held-bytes.ts'
import type { FileLane } from '../../src/lanes/lane.ts'
import { MultilineJoiner } from '../../src/lanes/multiline-joiner.ts'
import { startRule } from '../../src/parsers/multiline/pattern-rule.ts'
import { multilineSchema } from '../../src/parsers/multiline/schema.ts'
import type { MultilineConfig } from '../../src/parsers/multiline/schema.ts'
import { FakeClock } from '../support/fake-clock.ts'
import { documentsOf, generation, nowMs, openLane, process } from './lane-under-test.ts'

const { multiline, partial, truncated, invalidUtf8 } = EventFlag
const text = (event: DraftEvent): string => Buffer.from(event.line).toString('utf8')
const config = (value: unknown): MultilineConfig => multilineSchema.parse(value)!
const start = config({ start: '^\\d' })
const shown = (event: DraftEvent): unknown[] => [
  text(event),
  event.from,
  event.to,
  event.flags & ~EventFlag.timeOfReading,
]

/** All events of a file that ends there. */
function eventsOf(file: string | Uint8Array, options: Parameters<typeof openLane>[0]): readonly DraftEvent[] {
  const lane = openLane(options)
  return [...process(lane, file).events, ...flushed(lane)]
}

const flushed = (lane: FileLane, everything = true): readonly DraftEvent[] =>
  lane.flush(everything).events.map((event) => ({ ...event, line: event.line }))

test('lines that do not match `start` go on with the event before them, from its first byte to its last', () => {
  const events = eventsOf('1 a\n  b\r\n\nc\n\n2 d\n\n', { multiline: start })
  assert.deepEqual(events.map(shown), [
    ['1 a\n  b\n\nc', 0, 12, multiline],
    ['2 d', 13, 17, 0],
  ])
})

test('lines that match `continue` go on with the event before them', () => {
  const events = eventsOf('  first\na\n  b\nc\n', { multiline: config({ continue: '^\\s' }) })
  assert.deepEqual(events.map(text), ['  first', 'a\n  b', 'c'])
})

test('an event has the time of its first line, and the parser sees all of its lines', () => {
  const parse = { type: 'regex', pattern: '^(?<time>\\S+) (?<level>\\w+) (?<message>.*)$' }
  const lane = openLane({ parse, multiline: start })
  const lines = '2026-01-20T10:00:00Z ERROR a\n\tb\n2026-01-20T11:00:00Z INFO c\n'
  const events = [...process(lane, lines).events, ...flushed(lane)]
  assert.deepEqual(
    documentsOf(events, []).map((document) => JSON.parse(document)),
    [
      {
        '@timestamp': '2026-01-20T10:00:00Z',
        'log.offset': 0,
        'log.level': 'error',
        'log.flags': ['multiline'],
        time: '2026-01-20T10:00:00Z',
        level: 'ERROR',
        message: 'a\n\tb',
      },
      {
        '@timestamp': '2026-01-20T11:00:00Z',
        'log.offset': 32,
        'log.level': 'info',
        time: '2026-01-20T11:00:00Z',
        level: 'INFO',
        message: 'c',
      },
    ],
  )
})

test('`auto` looks only at lines that begin an event', () => {
  const file = `ERROR a\nTraceback (most recent call last):\n  File "x.py", line 1\nValueError: x\nINFO b\n`
  const [event] = eventsOf(file, { multiline: config('python') })
  assert.equal(event!.members, `"level":"ERROR","message":${JSON.stringify(file.slice(6, -8))}`)
})

test('a JSON line stands alone, unless it matches `continue`', () => {
  const lines = '1 a\n{"x":1}\nb\n{"y":2\n'
  assert.deepEqual(eventsOf(lines, { multiline: start }).map(text), ['1 a', '{"x":1}', 'b\n{"y":2'])
  assert.deepEqual(eventsOf(lines, { multiline: config({ continue: '^\\{' }) }).map(text), [
    '1 a\n{"x":1}',
    'b\n{"y":2',
  ])
})

test('a JSON line is sent at once, and one that was cut is swallowed by nobody', () => {
  const lane = openLane({ multiline: start, maxLineBytes: 20 })
  assert.deepEqual(process(lane, '1 a\n{"x":1}\n').events.map(text), ['1 a', '{"x":1}'])
  process(lane, '2 b\n', { from: 12 })
  const cut = process(lane, '{"x":"yyyyyyyyyyyyyy', { from: 16, to: 99, truncated: true })
  assert.deepEqual(cut.events.map(shown), [
    ['2 b', 12, 16, 0],
    ['{"x":"yyyyyyyyyyyyyy', 16, 99, truncated],
  ])
})

test('JSON that is printed over several lines is one JSON event on one line of a document', () => {
  const lane = openLane({ multiline: config({ start: '^\\{' }) })
  const events = [...process(lane, '{\n  "a": {\n    "b": 1\n  }\n}\n').events, ...flushed(lane)]
  const [document] = documentsOf(events, [])
  assert.ok(!document!.includes('\n'))
  assert.deepEqual(JSON.parse(document!).a, { b: 1 })
})

const at = '2026-01-20T10:00:00.123456789Z'
const cri = (stream: string, tag: string, content: string): string => `${at} ${stream} ${tag} ${content}\n`

test('lines of containers are joined for each stream, out of their wrapper and from their parts', () => {
  const lines =
    cri('stdout', 'F', 'ERROR a') +
    cri('stderr', 'F', 'WARN x') +
    cri('stdout', 'P', 'java.io.IO') +
    cri('stderr', 'F', 'java.io.IOException: y') +
    cri('stdout', 'F', 'Exception: b') +
    cri('stdout', 'F', '') +
    cri('stdout', 'F', '\tat A.b(A.java:1)') +
    cri('stdout', 'F', 'INFO c')
  for (const parse of ['cri', 'auto'])
    assert.deepEqual(
      eventsOf(lines, { parse, multiline: config('java') }).map((event) => [
        event.members.slice(10, 16),
        text(event),
      ]),
      [
        ['stdout', 'ERROR a\njava.io.IOException: b\n\n\tat A.b(A.java:1)'],
        ['stderr', 'WARN x\njava.io.IOException: y'],
        ['stdout', 'INFO c'],
      ],
    )
})

test("Docker's lines are joined, and what is not Docker's is an error as ever", () => {
  const docker = (log: string): string => `${JSON.stringify({ log, stream: 'stdout', time: at })}\n`
  const lines = `${docker('1 a\n') + docker('b')}no wrapper\n${docker('c\n')}`
  assert.deepEqual(
    eventsOf(lines, { parse: 'docker', multiline: start }).map((event) => [event.members, text(event)]),
    [
      ['"parse_error":"docker"', 'no wrapper'],
      ['"stream":"stdout"', '1 a\nbc'],
    ],
  )
})

test('what exceeds the bounds begins the next event, and nothing is lost', () => {
  const lines = `1\n${'x\n'.repeat(6)}`
  const events = eventsOf(lines, { multiline: { ...start, max_lines: 3 } })
  assert.deepEqual(events.map(shown), [
    ['1\nx\nx', 0, 6, multiline | truncated],
    ['x\nx\nx', 6, 12, multiline | truncated],
    ['x', 12, 14, 0],
  ])
  const wide = `1\n${'ü'.repeat(400)}\n${'y'.repeat(400)}\n`
  assert.deepEqual(
    eventsOf(wide, { multiline: { ...start, max_bytes: 1024 } }).map(({ flags, line }) => [
      flags & 7,
      line.length,
    ]),
    [
      [multiline | truncated, 802],
      [0, 400],
    ],
  )
})

test('blank lines without end do not hold an event, nor does what else is in no text', () => {
  const lane = openLane({ multiline: { ...start, max_lines: 5 } })
  assert.deepEqual(process(lane, `1 a\n${'\n'.repeat(5)}`).events.map(shown), [['1 a', 0, 4, 0]])
  const spaces = `${' '.repeat(200_000)}\n`
  const wide = openLane({ multiline: { ...start, max_bytes: 1024 } })
  assert.deepEqual(process(wide, `1 a\n${spaces}`).events.map(shown), [['1 a', 0, 4, 0]])
})

test('memory for waiting lines is bounded for all files of a source: events end early then', () => {
  const held = new HeldBytes(1000)
  const bounds = { maxWaitMs: 3000, maxLines: 500, maxBytes: 1024 ** 2 }
  const rule = startRule('^\\d')
  const events: string[] = []
  const emit = ({ content, flags }: Fragment): void => void events.push(`${content.toString()} ${flags}`)
  const joinerOf = (): MultilineJoiner => new MultilineJoiner({ generation, rule, bounds, held, emit })
  const line = (content: string): Fragment => {
    const place = { generation, from: 0, to: content.length + 1 }
    return { content: Buffer.from(content), stream: '', time: undefined, flags: 0, ...place }
  }
  const [first, second] = [joinerOf(), joinerOf()]
  first.take(line('1'.repeat(500)), 0)
  first.settle()
  second.take(line('2'.repeat(500)), 0)
  second.settle()
  assert.deepEqual(events, [`${'2'.repeat(500)} ${truncated}`])
  first.release()
  assert.equal(held.bytes, 0)
  second.take(line('3'), 0)
  second.settle()
  assert.ok(held.bytes > 0)
  second.flush(0, true)
  assert.deepEqual([events[1], held.bytes], ['3 0', 0])
})

test('a line for which the pattern takes too long is an event of its own, with an error that is counted', () => {
  const lane = openLane({ parse: 'none', multiline: config({ start: '^(?=(a+)+$)' }) })
  const result = process(lane, `1\n${'a'.repeat(40)}b\n2\n`)
  assert.deepEqual(result.events.map(text), ['1'])
  const last = lane.flush(true)
  assert.equal(last.parseErrors, 1)
  assert.deepEqual(
    last.events.map((event) => [Buffer.from(event.line).toString(), event.members]),
    [[`${'a'.repeat(40)}b\n2`, '"parse_error":"multiline_timeout"']],
  )
})

test('lines wait as pending ranges until none came for max_wait', async () => {
  const clock = new FakeClock(nowMs)
  const lane = openLane({ multiline: start, clock })
  assert.equal(lane.deadline(), undefined)
  const first = process(lane, '1 a\nb\n\n')
  assert.deepEqual([first.events, first.pending], [[], [{ generation, from: 0, to: 7, stream: '' }]])
  await clock.advance(2000)
  assert.deepEqual(process(lane, 'c\n', { from: 7 }).pending, [{ generation, from: 0, to: 9, stream: '' }])
  assert.equal(lane.deadline(), 5000)
  await clock.advance(2999)
  assert.deepEqual(flushed(lane, false), [])
  await clock.advance(1)
  const { events, pending } = lane.flush(false)
  assert.deepEqual([events.map(shown), pending], [[['1 a\nb\n\nc', 0, 9, multiline]], []])
  assert.equal(lane.deadline(), undefined)
})

test('a part of the next line keeps an event waiting', async () => {
  const clock = new FakeClock(nowMs)
  const lane = openLane({ parse: 'cri', multiline: start, clock })
  const lines = [cri('stdout', 'F', '1 a'), cri('stdout', 'P', 'b'), cri('stdout', 'F', 'c')] as const
  process(lane, lines[0])
  await clock.advance(2000)
  process(lane, lines[1], { from: lines[0].length })
  await clock.advance(2000)
  assert.deepEqual(flushed(lane, false), [])
  process(lane, lines[2], { from: lines[0].length + lines[1].length })
  assert.deepEqual(flushed(lane).map(text), ['1 a\nbc'])
})

test('a line whose newline has not come ends its event: its rest is no line of its own', () => {
  const lane = openLane({ multiline: start })
  process(lane, '1 a\n')
  assert.deepEqual(process(lane, 'b', { from: 4, partial: true }).events.map(shown), [
    ['1 a\nb', 0, 5, multiline | partial],
  ])
})

test('lines of the generation before are joined with the first ones of this', () => {
  const lane = openLane({ multiline: start })
  lane.resume({ generation: 'f'.repeat(24), from: 500, to: 504, stream: '' }, Buffer.from('1 a\n'))
  const { events } = process(lane, 'b\n2 c\n')
  assert.deepEqual(events.map(shown), [['1 a\nb', 0, 2, multiline]])
})

test('inherited lines that nothing goes on with have stretches that no other event has', () => {
  const lane = openLane({ multiline: start })
  const old = { generation: 'f'.repeat(24), stream: '' }
  lane.resume({ ...old, from: 500, to: 508 }, Buffer.from('1 a\n2 b\n'))
  assert.equal(lane.deadline(), 0)
  const { events } = process(lane, '3 c\n')
  assert.deepEqual(events.map(shown), [
    ['1 a', 500, 500, 0],
    ['2 b', 504, 504, 0],
  ])
})

test('lines that waited under another config are events of their own under one without multiline', () => {
  const lane = openLane()
  lane.resume({ generation, from: 10, to: 16, stream: '' }, Buffer.from('1 a\nb\n'))
  assert.equal(lane.deadline(), 0)
  assert.deepEqual(flushed(lane).map(shown), [
    ['1 a', 10, 14, 0],
    ['b', 14, 16, 0],
  ])
})

test('bytes that are no UTF-8 are replaced, in one line of the event or in all', () => {
  const [event] = eventsOf(Buffer.from('31200aff0a', 'hex'), { multiline: start })
  assert.deepEqual(shown(event!), ['1 \n\ufffd', 0, 5, multiline | invalidUtf8])
})

test('an empty stretch or one line costs no join', () => {
  assert.deepEqual(eventsOf('\n\n', { multiline: start }), [])
  assert.deepEqual(eventsOf('a\n', { multiline: start }).map(shown), [['a', 0, 2, 0]])
})
