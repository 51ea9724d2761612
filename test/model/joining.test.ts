import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { EventFlag } from '../../src/core/event.ts'
import type { DraftEvent } from '../../src/core/event.ts'
import type { FileLane } from '../../src/lanes/lane.ts'
import { multilineSchema } from '../../src/parsers/multiline/schema.ts'
import type { MultilineConfig } from '../../src/parsers/multiline/schema.ts'
import { openLane, process } from '../lanes/lane-under-test.ts'
import { scaled } from '../torture/harness/scale.ts'

const text = (event: DraftEvent): string => Buffer.from(event.line).toString('utf8')
const config = (value: unknown): MultilineConfig => multilineSchema.parse(value)!
const start = config({ start: '^\\d' })
const shown = (event: DraftEvent): unknown[] => [
  text(event),
  event.from,
  event.to,
  event.flags & ~EventFlag.timeOfReading,
]

const flushed = (lane: FileLane): readonly DraftEvent[] =>
  lane.flush(true).events.map((event) => ({ ...event, line: event.line }))

const at = '2026-01-20T10:00:00.123456789Z'
const cri = (stream: string, tag: string, content: string): string => `${at} ${stream} ${tag} ${content}\n`

interface Piece {
  readonly stream: 'stdout' | 'stderr'
  readonly isPartial: boolean
  readonly content: string
}

/** What the lines must come to, with a buffer for each stream and no thought of bytes. */
function model(pieces: readonly Piece[], maxLines: number): string[] {
  const events: string[] = []
  const streams = { stdout: { part: '', lines: [] as string[] }, stderr: { part: '', lines: [] as string[] } }
  const close = (stream: Piece['stream']): void => {
    const lines = streams[stream].lines.join('\n').trimEnd()
    if (lines !== '') events.push(`${stream}:${lines}`)
    streams[stream].lines = []
  }
  for (const { stream, isPartial, content } of pieces) {
    const state = streams[stream]
    state.part += content
    if (isPartial) continue
    const line = state.part
    state.part = ''
    if (line === '' && state.lines.length === 0) continue
    const isFull = state.lines.length >= maxLines
    if (line !== '' && (/^\d/.test(line) || isFull)) close(stream)
    state.lines.push(line)
    if (line === '' && state.lines.length > maxLines) close(stream)
  }
  for (const stream of ['stdout', 'stderr'] as const) {
    // A part without an end goes on with its event, flagged partial; it ends what waits.
    const { part } = streams[stream]
    if (part === '') continue
    if (/^\d/.test(part) || streams[stream].lines.length >= maxLines) close(stream)
    streams[stream].lines.push(part)
  }
  close('stdout')
  close('stderr')
  return events
}

const piece = fc.record({
  stream: fc.constantFrom('stdout' as const, 'stderr' as const),
  isPartial: fc.boolean(),
  content: fc.stringMatching(/^[12a-cü]{0,3}$/),
})

test('joining is the same under any block borders and with a restart between any two blocks', () => {
  const borders = fc.array(fc.nat(3), { minLength: 24, maxLength: 24 })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 24 }), borders, (pieces, cuts) => {
      const options = { parse: 'cri', multiline: { ...start, max_lines: 4 } }
      const lines = pieces.map(({ stream, isPartial, content }) =>
        Buffer.from(cri(stream, isPartial ? 'P' : 'F', content)),
      )
      const file = Buffer.concat(lines)
      const events: DraftEvent[] = []
      let lane = openLane(options)
      let [from, to] = [0, 0]
      lines.forEach((line, index) => {
        to += line.length
        if (cuts[index] === 0 && index < lines.length - 1) return
        // The block's memory is used again, as a reader does.
        const bytes = Buffer.from(file.subarray(from, to))
        const result = process(lane, bytes, { from })
        events.push(...result.events.map((event) => ({ ...event, line: Buffer.from(event.line) })))
        bytes.fill(0x2a)
        from = to
        if (cuts[index] !== 1) return
        lane = openLane(options)
        for (const range of result.pending) lane.resume(range, file.subarray(range.from, range.to))
      })
      events.push(...flushed(lane))
      const got = events.map((event) => `${event.members.slice(10, 16)}:${text(event)}`)
      assert.deepEqual(got.sort(), model(pieces, 4).sort())
      assert.equal(new Set(events.map((event) => `${event.from}-${event.to}`)).size, events.length)
    }),
    { numRuns: scaled({ short: 500, full: 5_000, long: 200_000 }) },
  )
})

test('every preset gives the same events under any block borders and restarts', () => {
  const line = fc.constantFrom(
    'INFO a',
    '',
    'Traceback (most recent call last):',
    '  File "x.py", line 1, in f',
    'ValueError: x',
    'During handling of the above exception, another exception occurred:',
    'java.io.IOException: x',
    '\tat A.b(A.java:1)',
    'Caused by: x',
    'panic: x',
    'goroutine 1 [running]:',
    'main.main()',
    'Error: x',
    '    at a (b.js:1:1) {',
    '}',
    '/a.js:3',
    '^',
    "a.rb:1:in 'x': y (Z)",
    "\tfrom a.rb:2:in 'x'",
    'System.Exception: x',
    'fail: A[1]',
    '      indented',
    '{"a":1}',
  )
  const preset = fc.constantFrom('python', 'java', 'go', 'node', 'ruby', 'dotnet')
  const cuts = fc.array(fc.nat(2), { minLength: 20, maxLength: 20 })
  fc.assert(
    fc.property(preset, fc.array(line, { maxLength: 20 }), cuts, (name, lines, borders) => {
      const options = { parse: 'none', multiline: { ...config(name), max_lines: 5 } }
      const file = Buffer.from(lines.map((each) => `${each}\n`).join(''))
      const wholeLane = openLane(options)
      const whole = [...process(wholeLane, file).events, ...flushed(wholeLane)].map(shown)
      const events: DraftEvent[] = []
      let lane = openLane(options)
      let from = 0
      for (const [index, each] of lines.entries()) {
        const result = process(lane, file.subarray(from, from + each.length + 1), { from })
        events.push(...result.events)
        from += each.length + 1
        if (borders[index] !== 1) continue
        lane = openLane(options)
        for (const range of result.pending) lane.resume(range, file.subarray(range.from, range.to))
      }
      events.push(...flushed(lane))
      assert.deepEqual(events.map(shown), whole)
      // Nothing but blank lines is in no event.
      const words = (texts: readonly string[]): string[] =>
        texts.flatMap((each) => each.split('\n')).filter(Boolean)
      assert.deepEqual(words(events.map(text)), words(lines))
    }),
    { numRuns: scaled({ short: 300, full: 3_000, long: 100_000 }) },
  )
})
