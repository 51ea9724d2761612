import { array, constantFrom, oneof, string, tuple } from 'fast-check'
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
  constantFrom('', ' x', 'x\u00a0', 'Größe', 'x'.repeat(256), 'x'.repeat(300), 'ü'.repeat(130), 'a:b'),
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

const syslogTimes = mostly(
  ['Jan 20 11:59:58', 'Jan  2 11:59:58', 'Dec 31 23:59:59.123456', '2026-01-20T11:59:58.123456+01:00'],
  oneof(
    isoTimes,
    constantFrom(
      'Jan 2 11:59:58',
      'Jan 32 11:59:58',
      'jan 20 11:59:58',
      'Jan 20 2026 11:59:58',
      'Jan 20 11:59:58,5',
      'Jan 20 11:59:58.',
      'Tue 2026-01-20 11:59:58 UTC',
      '-',
    ),
  ),
)
const tags = mostly(
  [
    'sshd[123]: ',
    'cron: ',
    'kernel: ',
    'a/b.c[007]: ',
    'app[x-1]: ',
    'x[]: ',
    'no tag ',
    'postfix/smtpd[1]:',
  ],
  constantFrom(
    'ü: ',
    '[x]: ',
    'x[a b]: ',
    ': ',
    `${'x'.repeat(125)}: `,
    `${'x'.repeat(127)}:`,
    'a\u0001b: ',
    'x[\u0001]: ',
    'x[1]',
    'x[1',
    'x\ty: ',
    'x[12345678901234567890]: ',
    'x[1]:y ',
    '',
  ),
)
const hosts = mostly(['web-1 ', 'fe80::1 ', '', '- '], constantFrom(' ', 'INFO: ', 'x:', '\u00a0 '))
const priorities = mostly(
  ['<30>', '<134>', '<0>', '<191>', '', '<013>'],
  constantFrom('<192>', '<>', '<1', '<1234>', '<x>', '<30> '),
)
const oldSyslog = tuple(
  priorities,
  syslogTimes,
  mostly([' '], constantFrom(': ', ':', '  ', '')),
  hosts,
  tags,
  messages,
)
const words = mostly(
  ['web-1', 'app', '-', '123', 'ID47'],
  constantFrom('', 'ü', '12345678901234567890', '0', 'a b'),
)
const newSyslog = tuple(
  mostly(['<165>1 ', '<30>1 '], constantFrom('<165>2 ', '1 ', '<165>1', '<200>1 ')),
  mostly(['2026-01-20T11:59:58.123Z', '2026-01-20T11:59:58+01:00', '-'], isoTimes),
  tuple(words, words, words, words),
  mostly(['-', '-', '[a b="c"]'], constantFrom('', '[', '-x', '[a b="c"][d]')),
  mostly([' ', ''], constantFrom('  ', ' \ufeff')),
  messages,
).map(
  ([head, time, all, data, space, message]) => `${head}${time} ${all.join(' ')} ${data}${space}${message}`,
)

/** Of both RFCs, and as rsyslog and journald write to files. */
export const syslogLines: Arbitrary<Buffer> = alsoMutated(
  oneof(
    { weight: 2, arbitrary: oldSyslog.map((parts) => parts.join('')) },
    { weight: 1, arbitrary: newSyslog },
  ).map(bytesOf),
)

const pairs = oneof(
  {
    weight: 6,
    arbitrary: tuple(
      mostly(
        ['msg', 'a', 'b', 'path', 'duration', 'caller', 'component'],
        constantFrom('ü', 'a.b', '\\', 'x[0]', 'k'.repeat(260)),
      ),
      mostly(
        [
          'x',
          '12ms',
          '"a b"',
          '"say \\"hi\\""',
          '""',
          '',
          '"line\\nbreak"',
          '"a=b"',
          'a=b',
          '/x?y="z"',
          '"C:\\\\x"',
        ],
        constantFrom(
          '"open',
          '"a"b',
          '"\\u0041"',
          '"\\x41"',
          '"\\/"',
          '"\\q"',
          '"\t"',
          '"\t\\n"',
          '"\\',
          '"ü"',
          '\u0001',
        ),
      ),
    ),
  },
  {
    weight: 3,
    arbitrary: tuple(
      constantFrom('time', 'ts', 't', 'timestamp'),
      mostly(
        ['2026-01-20T11:59:58.123Z', '"2026-01-20 11:59:58"', '2026-01-20T11:59:58+01:00', '1768910399.25'],
        constantFrom(
          '1768910399',
          '1768910399.5',
          '""',
          '"Jan 20 11:59:58"',
          '"2026-01-20T11:59:58\\n"',
          'x',
        ),
      ),
    ),
  },
  {
    weight: 3,
    arbitrary: tuple(
      constantFrom('level', 'lvl', 'severity'),
      mostly(['info', 'WARN', 'error', '"debug"', 'purple'], constantFrom('', '3', '"\\"info\\""')),
    ),
  },
  {
    weight: 2,
    arbitrary: tuple(
      constantFrom('trace_id', 'traceID', 'span_id', 'traceparent'),
      mostly(
        [
          '4bf92f3577b34da6a3ce929d0e0e4736',
          '00f067aa0ba902b7',
          '',
          '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
        ],
        constantFrom('4BF9', '0'.repeat(32)),
      ),
    ),
  },
  {
    weight: 1,
    arbitrary: tuple(
      constantFrom(
        ...'host log service host.name log.logger log.logger.x log.level host_original @timestamp stream'.split(
          ' ',
        ),
        ...'severity_number traceparent http kubernetes.labels.app parse_error log.syslog.priority'.split(
          ' ',
        ),
      ),
      constantFrom('web-1', 'x', '"a b"', 'stdout', '2026-01-20T11:59:58Z'),
    ),
  },
).map(([key, value]) => `${key}=${value}`)
const bareWords = mostly(['done', 'retry'], constantFrom('ü', '"x"', '=x', 'host', 'level', 'time', 'x"'))

export const logfmtLines: Arbitrary<Buffer> = alsoMutated(
  tuple(
    array(oneof({ weight: 9, arbitrary: pairs }, { weight: 1, arbitrary: bareWords }), {
      minLength: 1,
      maxLength: 7,
    }),
    mostly([' ', '  ', '\t'], constantFrom('', '\u00a0', ',')),
  ).map(([parts, space]) => bytesOf(parts.join(space))),
)
