import { array, constant, constantFrom, oneof, string, tuple } from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { mostly } from './mostly.ts'

/** JSON values and objects as loggers write them, and as nobody should. */

const oddTimes = constantFrom(
  '"2026-01-20T11:59:59.1234567891Z"',
  '"2026-01-20T11:59:59.Z"',
  '"2026-01-20T11:59:59.123"',
  '"2026-01-20T24:00:00Z"',
  '"2026-02-29T11:59:59Z"',
  '"2024-02-29T11:59:59.5Z"',
  '"2026-01-20T11:59:60Z"',
  '"2027-01-20T11:59:59Z"',
  '"1999-12-31T23:59:59Z"',
  '"2026-01-20 11:59:59,123"',
  '"2026-01-20T11:59:59.123+15:00"',
  '"2026-01-20T11:59:59+0200"',
  '"2026-01-20T11:59:59.1234567891+02:00"',
  '"2026-01-20T11:59:59.123 02:00"',
  '"2O26-01-20T11:59:59.123Z"',
  '" 2026-01-20T11:59:59.123Z"',
  '"\\u0032026-01-20T11:59:59Z"',
  '1768910399.0',
  '"1768910399.000"',
  '"01768910399"',
  '"1768910399."',
  '"17689103991234567"',
  '1768910399.1234567',
  '1768910399.0000001',
  '1768910399.999999999',
  '1768910399123456789',
  '17689103991234567890',
  '1.768910399e9',
  '-1768910399',
  '0',
  'true',
  '{"seconds":1768910399,"nanos":5}',
  '[]',
)
const times = mostly(
  [
    '"2026-01-20T11:59:59.123Z"',
    '"2026-01-20T11:59:59Z"',
    '"2026-01-20T11:59:59.123456789Z"',
    '"2026-01-20T11:59:59.123+02:00"',
    '"2026-01-20T01:59:59-10:30"',
    '1768910399',
    '1768910399.5',
    '1768910399.123456',
    '1768910399123',
    '1768910399123456',
    '"2026-01-20 11:59:59,123"',
    '"2026-01-20T11:59:59.123"',
    '"Jan 20 11:59:59"',
    '"1768910399"',
    '"1768910399.123"',
    'null',
  ],
  oddTimes,
)
const oddLevels = constantFrom(
  '"\\u0069nfo"',
  '{"name":"info"}',
  '1.5',
  '-1',
  '"a level that is so long that nobody remembers it, and longer still until it is beyond all that fits"',
)
const levels = mostly(
  ['"info"', '"WARNING"', '"Error"', '"purple"', '""', '30', '50', '3', '9', 'null'],
  oddLevels,
)
const oddIds = constantFrom(
  '"00F067AA0BA902B7"',
  '"00000000000000000000000000000000"',
  '"0000000000000000"',
  '"4bf92f3577b34da6a3ce929d0e0e473"',
  '"4bf92f3577b34da6a3ce929d0e0e473g"',
  '12345',
)
const ids = mostly(['"4bf92f3577b34da6a3ce929d0e0e4736"', '"00f067aa0ba902b7"', '""', 'null'], oddIds)
const parents = mostly(
  [
    '"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"',
    '"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"',
    '"00f067aa0ba902b7"',
    '"4bf92f3577b34da6a3ce929d0e0e4736"',
  ],
  constantFrom(
    '"01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"',
    '"ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"',
    '"00-4BF92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"',
    '"00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01"',
    '"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0g"',
    '"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"',
    '""',
    'null',
  ),
)
const oddValues = oneof(
  constantFrom(
    '01',
    '1.',
    'tru',
    '"a\tb"',
    '"\\x"',
    '-',
    '1e',
    '"\\u12g4"',
    '[1,]',
    '{"a"}',
    '{"a":1,}',
    'nul',
  ),
  constant('['.repeat(70) + ']'.repeat(70)),
  constantFrom(
    '{"id":"x","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}',
    '{"level":"warn"}',
    '{"name":"x"}',
  ),
  string({ maxLength: 40 }).map((value) => JSON.stringify(value)),
  oddTimes,
  oddLevels,
)
const values = mostly(
  [
    '"msg"',
    '{}',
    '[]',
    '{"a":{"b":[1,2,{"c":null}]}}',
    '[[[]]]',
    '1e5',
    '-0.5',
    '12',
    'true',

    '"\\ud800"',
    '"ü€😀"',
    '"q\\"q"',
    '"\\n\\u00e4"',
    '"a longer text, beyond sixteen bytes, so that loops turn"',
  ],
  oddValues,
)
const plainKeys = 'msg message a b c user path status duration_ms a_longer_key_than_sixteen_bytes'.split(' ')
const oddKeys = constantFrom(
  ...'log.level severityText severity_number trace.id TRACE_ID spanId trace span dd context http req'.split(
    ' ',
  ),
  ...'host log stream kubernetes service parse_error key\\u0020x ümlaut timestamp.x'.split(' '),
  'k'.repeat(300),
)
const spaces = mostly([''], constantFrom(' ', '\t', '  \r '))

/** A member that means something comes with a value of its kind. */
const meant = oneof(
  tuple(constantFrom('@timestamp', 'time', 'ts', 'timestamp', 't'), times),
  tuple(constantFrom('level', 'severity', 'lvl', 'severity_number'), levels),
  tuple(constantFrom('trace_id', 'traceId', 'span_id'), ids),
  tuple(constantFrom('traceparent', 'trace_id', 'span_id'), parents),
)

/** Members within objects in which something is looked for. */
const inner = oneof(
  tuple(
    constantFrom('id', 'trace_id', 'spanId', 'traceId', 'name', 'status'),
    mostly(['"4bf92f3577b34da6a3ce929d0e0e4736"', '"00f067aa0ba902b7"', '"x"'], ids),
  ),
  tuple(constantFrom('name', 'level', 'logger', 'method', 'path', 'file', 'pod', 'a'), values),
  tuple(
    constantFrom('name', 'ip', 'level', 'uid', 'path'),
    constantFrom(
      '"web-1"',
      '["10.0.0.1", "10.0.0.2"]',
      '"info"',
      '"INFO"',
      '{"name":"x"}',
      '"\\u0077eb-1"',
      '"/var/log/x"',
    ),
  ),
  tuple(
    mostly(
      ['method', 'status', 'user', 'url', 'headers'],
      constantFrom(
        'traceparent',
        'name_original',
        'x_original',
        '',
        'na\\u006de',
        'pod.name',
        'os',
        'labels',
        'ts',
      ),
    ),
    oneof(
      values,
      parents,
      constantFrom('{"traceId":"4bf92f3577b34da6a3ce929d0e0e4736","host":"x"}', '{"type":"linux"}'),
    ),
  ),
).map(([key, value]) => `"${key}":${value}`)
const innerObjects = array(inner, { maxLength: 4 }).map((members) => `{${members.join(', ')}}`)
const met = tuple(
  mostly(
    [
      ...'host log kubernetes trace span service http context req mdc fields log.level log.logger host.name trace.id'.split(
        ' ',
      ),
      ...'stream service.name span.id log.file.path'.split(' '),
    ],
    constantFrom(
      'host_original',
      'host.name.x',
      'log.level_original',
      'parse_error',
      'log.offset',
      'meta',
      'a',
      'dd',
    ),
  ),
  oneof(
    { weight: 3, arbitrary: innerObjects },
    {
      weight: 4,
      arbitrary: constantFrom(
        '"web-1"',
        '"web-7"',
        '"info"',
        '"shop"',
        '"stdout"',
        '"stderr"',
        '"4bf92f3577b34da6a3ce929d0e0e4736"',
        '"00f067aa0ba902b7"',
        '""',
        'null',
        '17',
      ),
    },
    { weight: 1, arbitrary: values },
  ),
)
const member = tuple(
  oneof(
    { weight: 6, arbitrary: tuple(mostly(plainKeys, oddKeys), values) },
    { weight: 4, arbitrary: meant },
    { weight: 1, arbitrary: met },
  ),
  spaces,
  spaces,
).map(([[key, value], before, around]) => `${before}"${key}"${around}:${around}${value}${before}`)

const meetingMember = met.map(([key, value]) => `"${key}":${value}`)

/** Half of them have members that meet the agent's own, one or two. */
export const jsonObjects: Arbitrary<string> = tuple(
  spaces,
  array(member, { maxLength: 8 }),
  oneof(constantFrom([]), array(meetingMember, { minLength: 1, maxLength: 2 })),
).map(([space, members, meeting]) => `${space}{${[...members, ...meeting].join(',')}}${space}`)
