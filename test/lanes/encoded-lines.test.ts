import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { EventFlag } from '../../src/core/event.ts'
import type { DraftEvent } from '../../src/core/event.ts'
import { encodingByMark, encodingOf } from '../../src/core/encoding.ts'
import type { Encoding } from '../../src/core/encoding.ts'
import { multilineSchema } from '../../src/parsers/multiline/schema.ts'
import { cutBlocks } from '../../src/sources/file/reading/long-line.ts'
import { encode, encodeTable } from '../support/encode.ts'
import { eventsOf, openLane, process } from './lane-under-test.ts'

const text = (event: DraftEvent): string => Buffer.from(event.line).toString('utf8')
const inUtf16 = (bytes: string | Buffer): readonly DraftEvent[] => {
  const data = typeof bytes === 'string' ? Buffer.from(bytes, 'utf16le') : bytes
  const encoding = encodingOf('utf-16le')
  return process(openLane({ parse: 'none' }), data, { encoding }).events
}

test('lines of UTF-16 are split at newlines, not at bytes that look like one', () => {
  const events = inUtf16('\ufeff\u0a0a\u010a\u0a01\r\n\ufeffb\n\0\0c\n \t\n')
  assert.deepEqual(
    events.map((event) => [text(event), event.from, event.to]),
    [
      ['\u0a0a\u010a\u0a01', 0, 12],
      ['\ufeffb', 12, 18],
      ['c', 18, 26],
    ],
  )
})

test('what cannot be decoded is replaced and flagged', () => {
  const [event] = inUtf16(Buffer.from('3dd841000a00', 'hex'))
  assert.deepEqual([text(event!), event!.flags & EventFlag.invalidUtf8], ['\ufffdA', EventFlag.invalidUtf8])
})

test('JSON, wrappers and multilines are read in any encoding', () => {
  const encoding = encodingOf('utf-16be')
  const of = (lines: string, options: Parameters<typeof openLane>[0]): string[] => {
    const lane = openLane(options)
    const result = process(lane, encode(lines, 'utf-16be'), { encoding })
    return [...result.events, ...lane.flush(true).events].map((event) => `${event.body} ${text(event)}`)
  }
  assert.deepEqual(of('{"level":"info","msg":"ü"}\n', {}), ['0 {"level":"info","msg":"ü"}'])
  const at = '2026-01-20T10:00:00.123456789Z'
  assert.deepEqual(of(`${at} stdout P ü\n${at} stdout F b\n`, { parse: 'cri' }), ['1 üb'])
  assert.deepEqual(
    of('1 ü\n\n  b\n', { parse: 'none', multiline: multilineSchema.parse({ start: '^1' })! }),
    ['1 1 ü\n\n  b'],
  )
})

test('a stretch that begins within a unit is flagged and goes on with the next one', () => {
  const bytes = Buffer.concat([Buffer.from([0]), Buffer.from('a\nb\n', 'utf16le')])
  const encoding = encodingOf('utf-16le')
  const { events } = process(openLane({ parse: 'none' }), bytes, { from: 1, encoding })
  assert.deepEqual(events.map(text), ['a', 'b'])
})

const labels = [
  'utf-16le',
  'utf-16be',
  'gbk',
  'gb18030',
  'shift_jis',
  'euc-jp',
  'euc-kr',
  'big5',
  'latin1',
  'iso-8859-5',
  'windows-1251',
  'koi8-r',
]

/** Characters that the encoding has; in UTF-16 pairs, and units with a byte that looks like a newline. */
const charactersOf = (label: string): readonly string[] =>
  label.startsWith('utf-16')
    ? ['a', ' ', '\r', '{', 'ü', '\u0a0a', '\u010a', '\u0a00', '\u0d0a', '💩', '𝒳', '\ufeff']
    : [...encodeTable(label).keys()].filter((char) => !'\n\0'.includes(char))

/** Reads a file in windows of these sizes, as a tailer does: what ends in no newline is read again. */
function readIn(
  file: Buffer,
  sizes: readonly number[],
  options: { readonly label: Encoding | undefined; readonly maxLineBytes: number },
): DraftEvent[] {
  const { encoding } = encodingByMark(file, options.label)
  const lane = openLane({ parse: 'none', maxLineBytes: options.maxLineBytes })
  const events: DraftEvent[] = []
  let [from, end] = [0, 0]
  for (const size of [...sizes, file.length]) {
    end = Math.min(end + size, file.length)
    const { blocks, restAt } = cutBlocks(file.subarray(from, end), from, options.maxLineBytes, encoding)
    for (const { bytes, ...block } of blocks) events.push(...process(lane, bytes, block).events)
    from += restAt
  }
  return events
}

const drawn = fc.constantFrom(...labels).chain((label) => {
  const line = fc
    .array(fc.constantFrom(...charactersOf(label)), { maxLength: 12 })
    .map((chars) => chars.join(''))
  return fc.record({
    label: fc.constant(label),
    lines: fc.array(line, { maxLength: 12 }),
    sizes: fc.array(fc.integer({ min: 1, max: 20 }), { maxLength: 40 }),
    hasMark: fc.boolean(),
  })
})

test('in every encoding the events are those of UTF-8, at the places of the file, for any way of reading', () => {
  fc.assert(
    fc.property(drawn, ({ label, lines, sizes, hasMark }) => {
      const isMarked = hasMark && label.startsWith('utf-16')
      const whole = lines.map((line) => `${line}\n`).join('')
      const mark = isMarked ? '\ufeff' : ''
      const file = encode(mark + whole, label)
      const encoding = isMarked ? undefined : encodingOf(label)
      // A line that begins with U+FEFF at the file's start begins with a mark.
      if (!isMarked && whole.startsWith('\ufeff')) return
      const events = readIn(file, sizes, { label: encoding, maxLineBytes: 1024 })
      const expected = eventsOf(mark + whole, { parse: 'none' })
      assert.deepEqual(events.map(text), expected.map(text))
      let at = mark.length * 2
      const places = lines.map((line) => {
        const from = at
        at += encode(`${line}\n`, label).length
        return { line, from: from === mark.length * 2 ? 0 : from, to: at }
      })
      assert.deepEqual(
        events.map(({ from, to }) => [from, to]),
        places.filter(({ line }) => /[^ \t\r]/.test(line)).map(({ from, to }) => [from, to]),
      )
    }),
    { numRuns: 400 },
  )
})

test('a cut at max_line_bytes splits no character in any encoding', () => {
  const long = drawn.chain((parts) =>
    fc.record({ parts: fc.constant(parts), max: fc.integer({ min: 16, max: 20 }) }),
  )
  fc.assert(
    fc.property(long, ({ parts: { label, lines, sizes }, max }) => {
      const lined = lines.map((line) => `x${line.replaceAll(/[\r\ufeff]/g, '')}`)
      const file = encode(lined.map((line) => `${line}\n`).join(''), label)
      const events = readIn(file, sizes, { label: encodingOf(label), maxLineBytes: max })
      assert.equal(events.length, lined.length)
      for (const [index, event] of events.entries()) {
        const line = lined[index]!
        const isLong = encode(line, label).length > max
        const flag = isLong ? EventFlag.truncated : 0
        assert.equal(event.flags & (EventFlag.truncated | EventFlag.invalidUtf8), flag)
        assert.ok(isLong ? line.startsWith(text(event)) : line === text(event), `${line} ${text(event)}`)
        const cut = encode(text(event), label).length
        assert.ok(!isLong || (cut <= max && cut > max - 4))
      }
    }),
    { numRuns: 400 },
  )
})
