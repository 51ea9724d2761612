import { constantFrom, oneof, string, tuple } from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { alsoMutated, bytesOf, mostly } from './mostly.ts'

/** Lines of the presets, mostly as their programs write them. */

/** Messages of all kinds, and parts of lines that a preset looks for. */
const messages = mostly(
  ['could not connect', 'a - b: [c] d', '', 'Größe "ü" \\ 😀\ttab', 'x'.repeat(300), ' two  blanks'],
  oneof(
    string({ maxLength: 40 }).map((text) => text.replaceAll('\n', ' ')),
    constantFrom('trace_id=4bf92f3577b34da6a3ce929d0e0e4736', '\u00a0', 'ERROR - x', '\u0001'),
  ),
)

const klogTimes = mostly(
  ['0120 11:59:58.123456', '1231 23:59:59.000000', '20260120 11:59:58.123456', '0121 11:00:00.000001'],
  constantFrom(
    '0229 10:00:00.123456',
    '0230 10:00:00.123456',
    '1320 10:00:00.123456',
    '0122 12:00:00.123456',
    '0120 11:59:60.123456',
    '0120 11:59:58,123456',
    '0120 11:59:58.12345',
    '19980120 11:59:58.123456',
    '0120  11:59:58.123456',
  ),
)
const origins = mostly(
  ['net/proxier.go:56', 'x.go:007', 'a:b:1', 'k8s.io/client-go@v1/x_y.go:123456789'],
  constantFrom('x.go', ':5', 'x.go:1234567890', 'ü.go:5', '', `${'x'.repeat(260)}:1`, 'x.go:5]'),
)

export const klogLines: Arbitrary<Buffer> = alsoMutated(
  tuple(
    mostly(['I', 'W', 'E', 'F'], constantFrom('D', 'i', '')),
    klogTimes,
    mostly(['   1234 ', ' 1 ', '\t 007 '], constantFrom(' ', ' 12345678901234567890 ', ' 5\u00a0', ' 0 ')),
    origins,
    mostly(['] ', ']', ']  '], constantFrom(' ] ', ' ')),
    messages,
  ).map(([level, time, thread, origin, bracket, message]) =>
    bytesOf(`${level}${time}${thread}${origin}${bracket}${message}`),
  ),
)

const isoTimes = mostly(
  [
    '2026-01-20 11:59:58,123',
    '2026-01-20T11:59:58.123456Z',
    '2026/01/20 11:59:58',
    '2026-01-20 11:59:58.5+02:00',
    '2026-07-20 11:59:58,123',
    '2025-10-26 02:30:00,000',
    '2026-01-20 11:59:58,123-0330',
  ],
  constantFrom(
    '2026-01-20 11:59:58,',
    '2026-01-20 11:59',
    '2026-01/20 11:59:58',
    '2026-01-20 24:00:00,000',
    '2026-02-29 11:59:58,123',
    '2026-01-20 11:59:58,1234567891',
    '2027-01-20 11:59:58,123',
    '2026-01-20 11:59:58 +0200',
    '2026-01-20 11:59:58z',
    '1999-01-20 11:59:58,123',
  ),
)
const levels = mostly(
  ['INFO', 'WARNING', 'ERROR', 'critical', 'Purple', 'NOTSET', 'Level 5'],
  constantFrom(
    '',
    ' INFO ',
    'IN-FO',
    'İNFO',
    '\u00a0INFO',
    'informational',
    'x'.repeat(40),
    'a'.repeat(14),
    '5',
  ),
)
const loggers = mostly(
  ['root', 'shop.orders', 'uvicorn', 'my logger', 'a-b', 'debug'],
  constantFrom('', ' x', 'x\u00a0', 'Größe', 'x'.repeat(300), 'ü'.repeat(130), 'a:b'),
)

/** Python's two usual formats, the one without a name, and lines of a traceback. */
export const pythonLines: Arbitrary<Buffer> = alsoMutated(
  oneof(
    {
      weight: 6,
      arbitrary: tuple(isoTimes, loggers, levels, messages).map(
        ([time, logger, level, message]) => `${time} - ${logger} - ${level} - ${message}`,
      ),
    },
    {
      weight: 2,
      arbitrary: tuple(isoTimes, levels, messages).map(
        ([time, level, message]) => `${time} - ${level} - ${message}`,
      ),
    },
    {
      weight: 3,
      arbitrary: tuple(levels, loggers, messages).map(
        ([level, logger, message]) => `${level}:${logger}:${message}`,
      ),
    },
    {
      weight: 2,
      arbitrary: constantFrom(
        'Traceback (most recent call last):',
        '  File "/app/x.py", line 1, in <module>',
        'KeyError: 5',
        'Error: it: broke',
        '2026-01-20 11:59:58,123 INFO x',
        '5 - 6',
        'WARNING:x',
      ),
    },
  ).map(bytesOf),
)

export const levelMessageLines: Arbitrary<Buffer> = alsoMutated(
  tuple(
    mostly(['', '['], constantFrom('(', ' ')),
    levels,
    mostly([' ', ': ', '] ', ']: ', ' \t'], constantFrom('', ':', ']', ']:', '\u00a0')),
    messages,
  ).map((parts) => bytesOf(parts.join(''))),
)
