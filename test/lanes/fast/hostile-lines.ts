import { array, constant, constantFrom, integer, oneof, record, string, tuple, uint8Array } from 'fast-check'
import type { Arbitrary } from 'fast-check'

/** Lines as loggers write them, and as nobody should: for comparing two lanes. Bytes without a newline. */

const text = (value: string): Buffer => Buffer.from(value)

const times = constantFrom(
  '"2026-01-20T11:59:59.123Z"',
  '"2026-01-20T11:59:59Z"',
  '"2026-01-20T11:59:59.123456789Z"',
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
  '"2026-01-20T11:59:59.123+02:00"',
  '"2O26-01-20T11:59:59.123Z"',
  ' "2026-01-20T11:59:59.123Z"',
  '"\\u0032026-01-20T11:59:59Z"',
  '1768910399',
  '1768910399.5',
  '1768910399.0',
  '1768910399.123456',
  '1768910399.1234567',
  '1768910399.0000001',
  '1768910399.999999999',
  '1768910399123',
  '1768910399123456',
  '1768910399123456789',
  '17689103991234567890',
  '1.768910399e9',
  '-1768910399',
  '0',
  'null',
  'true',
  '{"seconds":1768910399,"nanos":5}',
  '[]',
)
const levels = constantFrom(
  '"info"',
  '"WARNING"',
  '"Error"',
  '"purple"',
  '""',
  '30',
  '50',
  '3',
  '9',
  '-1',
  '1.5',
  'null',
  '"\\u0069nfo"',
  '{"name":"info"}',
  '"a level that is so long that nobody remembers it, and longer still until it is beyond all that fits"',
)
const ids = constantFrom(
  '"4bf92f3577b34da6a3ce929d0e0e4736"',
  '"00f067aa0ba902b7"',
  '"00F067AA0BA902B7"',
  '"00000000000000000000000000000000"',
  '"0000000000000000"',
  '"4bf92f3577b34da6a3ce929d0e0e473"',
  '"4bf92f3577b34da6a3ce929d0e0e473g"',
  '""',
  'null',
  '12345',
)
const values = oneof(
  times,
  levels,
  ids,
  constantFrom(
    '"msg"',
    '{}',
    '[]',
    '{"a":{"b":[1,2,{"c":null}]}}',
    '[[[]]]',
    '1e5',
    '-0.5',
    '01',
    '1.',
    'tru',
    '"a\tb"',
  ),
  constantFrom(
    '"\\ud800"',
    '"\\x"',
    '"ü€😀"',
    '"q\\"q"',
    '{"id":"x","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736"}',
  ),
  constant('['.repeat(70) + ']'.repeat(70)),
  string({ maxLength: 40 }).map((value) => JSON.stringify(value)),
  integer().map(String),
)
const keys = constantFrom(
  ...'@timestamp time ts timestamp t level log.level severity severityText severity_number lvl'.split(' '),
  ...'trace_id traceId trace.id TRACE_ID span_id spanId span.id trace span dd context http req'.split(' '),
  ...'msg message a b c host log stream kubernetes service parse_error key\\u0020x ümlaut'.split(' '),
  'k'.repeat(300),
)
const spaces = constantFrom('', '', '', '', ' ', '\t', '  \r ')

const member = tuple(spaces, keys, spaces, values, spaces).map(
  ([before, key, around, value, behind]) => `${before}"${key}"${around}:${around}${value}${behind}`,
)
const object = tuple(spaces, array(member, { maxLength: 9 }), spaces).map(
  ([before, members, behind]) => `${before}{${members.join(',')}}${behind}`,
)
/** As a logger writes them: the fast lane's own. */
const usual = record({
  time: times,
  level: levels,
  trace: ids,
  span: ids,
  rest: array(tuple(constantFrom('a', 'b', 'user', 'path', 'status'), values), { maxLength: 4 }),
}).map(({ time, level, trace, span, rest }) => {
  const others = rest.map(([key, value]) => `,"${key}":${value}`).join('')
  return `{"@timestamp":${time},"level":${level},"trace_id":${trace},"span_id":${span}${others}}`
})
const plain = oneof(
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
  constantFrom(
    'a trace of it',
    'trace_id=4bf92f3577b34da6a3ce929d0e0e4736 span_id=00f067aa0ba902b7',
    'tracetrac',
    'xxxxxxxxxxxxtrace',
  ),
  constantFrom('{', '{}', '{"a":1} x', '{"a":1}}', '{"a":1', '[1]', '"text"', '{"a":1}\r\r', ' {"a":1}'),
).map((line) => line.replaceAll('\n', ' '))

const bare: Arbitrary<Buffer> = oneof(
  { weight: 4, arbitrary: usual.map(text) },
  { weight: 4, arbitrary: object.map(text) },
  { weight: 2, arbitrary: plain.map(text) },
  {
    weight: 1,
    arbitrary: uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes.filter((byte) => byte !== 10))),
  },
)

/** One byte of it is another one. */
const mutated = tuple(bare, integer({ min: 0, max: 1000 }), integer({ min: 11, max: 255 })).map(
  ([line, place, byte]) => {
    const copy = Buffer.from(line)
    if (copy.length > 0) copy[place % copy.length] = byte
    return copy
  },
)

const criTimes = constantFrom(
  '2026-01-20T11:59:58.123456789Z',
  '2026-01-20T11:59:58Z',
  '2026-01-20T11:59:58.1+08:00',
  '2036-01-20T11:59:58.5Z',
  'yesterday',
)
const cri = tuple(
  criTimes,
  constantFrom('stdout', 'stderr', 'stdxxx'),
  constantFrom('F', 'F', 'F', 'F', 'P', 'F:x', 'X', ''),
  oneof(bare, mutated),
).map(([time, stream, tag, content]) => Buffer.concat([text(`${time} ${stream} ${tag} `), content]))

const withReturn = (line: Arbitrary<Buffer>): Arbitrary<Buffer> =>
  tuple(line, constantFrom('', '', '', '\r')).map(([bytes, end]) => Buffer.concat([bytes, text(end)]))

export const plainLines = withReturn(oneof({ weight: 4, arbitrary: bare }, { weight: 1, arbitrary: mutated }))
export const containerLines = withReturn(
  oneof({ weight: 6, arbitrary: cri }, { weight: 1, arbitrary: plainLines }),
)
