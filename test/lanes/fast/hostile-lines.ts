import { constantFrom, oneof, string, tuple, uint8Array } from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { jsonObjects } from './hostile-json.ts'
import { alsoMutated, bytesOf, mostly } from './mostly.ts'

/** Lines of all kinds, mostly as they should be, for comparing two lanes. Bytes without a newline. */

const oddTexts = oneof(
  string({ maxLength: 60 }),
  constantFrom(
    '',
    ' ',
    '\t\r',
    '\0\0',
    '\0{"a":1}',
    '\ufeffbegins with a mark',
    '\ufeff{"a":1}',
    'x'.repeat(700),
  ),
  constantFrom('trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7', 'a trace of it'),
  constantFrom('{', '{"a":1} x', '{"a":1}}', '{"a":1', '[1]', '"text"', '{"a":1}\r\r', ' {"a":1}'),
)
const texts = mostly(
  ['a plain text', 'Größe €, 😀', 'tracetrac', 'xxxxxxxxxxxxtracf', 'a "quoted" \\ text\twith a tab'],
  oddTexts,
).map((line) => line.replaceAll('\n', ' '))

const bare: Arbitrary<Buffer> = oneof(
  { weight: 12, arbitrary: jsonObjects.map(bytesOf) },
  { weight: 3, arbitrary: texts.map(bytesOf) },
  {
    weight: 1,
    arbitrary: uint8Array({ maxLength: 80 }).map((all) => Buffer.from(all.filter((byte) => byte !== 10))),
  },
)

export const plainLines = alsoMutated(bare)

const accessTimes = mostly(
  ['20/Jan/2026:11:59:58 +0000', '20/Jan/2026:01:29:58 -1030', '31/Dec/2025:23:59:59 +0100'],
  constantFrom(
    '20/Jan/2026:23:59:60 +0000',
    '31/Feb/2026:11:59:58 +0000',
    '20/Jan/1998:11:59:58 +0000',
    '20/jan/2026:11:59:58 +0000',
    '20/Jan/2026:11:59:58 +2500',
    '20/Jan/2026:11:59:58.123 +0000',
    '20/Jan/2026:11:59:58 +00:00',
  ),
)
const requests = mostly(
  ['GET / HTTP/1.1', 'POST /a/b?c=%20&d=ü HTTP/2.0', 'M-SEARCH * HTTP/1.1', 'GET /with space HTTP/1.1'],
  constantFrom(
    'GET  HTTP/1.1',
    'GET HTTP/1.1',
    'GET /a HTTP/',
    'GET /a',
    '-',
    '',
    'G3T / HTTP/1.1',
    'GET / HTTP/ 1',
    '\\x16\\x03',
    'GET /\t HTTP/1.1',
    'GET /a HTTP/1.1 HTTP/1.0',
    `${'G'.repeat(40)} / HTTP/1.1`,
  ),
)
const quoted = mostly(
  ['-', '', 'curl/8.0', 'Mozilla/5.0 (X11; "), 😀'.replace('"', ''), '\u2028', 'a\tb'],
  constantFrom('q="', 'a\\"b', 'trace', '\\'),
)

/** What operators add. */
const behindAgents = mostly(
  [
    ' "-"',
    ' "203.0.113.7, 10.0.0.1"',
    ' 0.123',
    ' "-" 512 0.004 [default-web-80] [] 10.0.0.2:80 612 0.004 200 7e1f',
  ],
  constantFrom(
    ' "-" 0.123',
    ' 007 12.500 x',
    ' 0.000',
    ' "" x',
    ' "unknown"',
    ' "::1"  9',
    ' 123456789012345678 1.000',
    ' 1234567890123456789 1.000',
    ' 1234567890.123',
    ' 1.23',
    ' 1.234x',
    ' rt=0.5 "q',
    ' "10.0.0.1" \u00a0x',
    ' "10.0.0.1"x',
    '\tx',
    ' x ',
    'x',
    ' \u00e9',
  ),
)

/** Access logs as nginx and Apache write them, and as they are configured to. */
export const accessLines: Arbitrary<Buffer> = alsoMutated(
  tuple(
    tuple(
      mostly(['10.0.0.1', '::1'], constantFrom('shop.example 10.0.0.1', '', '[x]')),
      mostly(['-'], constantFrom('ident')),
    ),
    mostly(['-', 'ann'], constantFrom('a b', '[1]', '')),
    tuple(accessTimes, requests),
    tuple(
      mostly(['200', '404'], constantFrom('099', '20', '2000')),
      mostly(['0', '12345', '-'], constantFrom('007', '1'.repeat(20), 'x')),
    ),
    mostly(['', 'agent', 'agent', 'more'], constantFrom('agent')),
    tuple(quoted, quoted, behindAgents),
  ).map(([[address, ident], user, [time, request], [status, size], behind, [referrer, agent, extras]]) => {
    const more = behind === 'more' ? extras : ''
    const rest = behind === '' ? '' : ` "${referrer}" "${agent}"${more}`
    return bytesOf(`${address} ${ident} ${user} [${time}] "${request}" ${status} ${size}${rest}`)
  }),
)

/** For the patterns of `two-lanes.test.ts`. */
export const patternLines: Arbitrary<Buffer> = alsoMutated(
  tuple(
    mostly(
      ['2026-01-20T11:59:58.5Z', '2026-01-20T11:59:58Z', '20/Jan/2026:11:59:58 +0000'],
      constantFrom('2026-01-20 11:59:58', '1768910399', '', '1999-01-20T11:59:58Z'),
    ),
    mostly(['INFO', 'WARN', 'PURPLE'], constantFrom('error', '')),
    mostly(['12', '-', '', '1.5', '0'], constantFrom('007', '1e5', 'x', '-5', '1.')),
    mostly(
      ['4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7', ''],
      constantFrom('4BF92F3577B34DA6A3CE929D0E0E4736', '0'.repeat(16)),
    ),
    texts,
  ).map(([time, level, count, id, message]) => bytesOf(`${time} [${level}] ${count} ${id}: ${message}`)),
)

const criTimes = mostly(
  ['2026-01-20T11:59:58.123456789Z', '2026-01-20T11:59:58Z', '2026-01-20T13:59:58.123456789+02:00'],
  constantFrom('2026-01-20T11:59:58.1+08:00', '2036-01-20T11:59:58.5Z', 'yesterday'),
)

/** As containerd writes a line. */
const inContainer = (line: Arbitrary<Buffer>): Arbitrary<Buffer> =>
  tuple(
    criTimes,
    mostly(['stdout', 'stderr'], constantFrom('stdxxx')),
    mostly(['F'], constantFrom('P', 'P', 'F:x', 'X', '')),
    line,
  ).map(([time, stream, tag, content]) => Buffer.concat([bytesOf(`${time} ${stream} ${tag} `), content]))

/** As Docker's json-file driver writes a line. */
const inDocker = (line: Arbitrary<Buffer>): Arbitrary<Buffer> =>
  tuple(
    line,
    mostly(
      ['\n', '\n', '\r\n'],
      constantFrom('', '\n\n', '\r\r\n', 'x\ny\n', '\u2028\n', '\u0000\n', '😀\n'),
    ),
    mostly(
      ['"stream":"stdout",', '"stream":"stderr",', '"stream":"stdout","attrs":{"tag":"a\\"b","n":[1]},'],
      constantFrom(
        '',
        '"stream":"stdin",',
        '"attrs":{},"stream":"stdout",',
        '"stream":"stdout","attrs":{,',
        ' "stream":"stdout",',
      ),
    ),
    criTimes,
    mostly(['go', 'plain', 'plain'], constantFrom('escaped')),
  ).map(([content, end, stream, time, spelling]) => {
    const text = JSON.stringify(content.toString('utf8') + end)
    const log =
      spelling === 'go'
        ? text.replaceAll(/[<>&]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16)}`)
        : spelling === 'plain'
          ? text
          : text.replaceAll(/[a-m]/g, (letter) => `\\u00${letter.charCodeAt(0).toString(16).toUpperCase()}`)
    return bytesOf(`{"log":${log},${stream}"time":"${time}"}`)
  })

export const dockerLines = (content: Arbitrary<Buffer>): Arbitrary<Buffer> =>
  oneof({ weight: 9, arbitrary: alsoMutated(inDocker(content)) }, { weight: 1, arbitrary: plainLines })

/** Lines of each kind out of containers, and some without a wrapper. */
export const containerLines = (content: Arbitrary<Buffer>): Arbitrary<Buffer> =>
  oneof({ weight: 9, arbitrary: alsoMutated(inContainer(content)) }, { weight: 1, arbitrary: plainLines })
