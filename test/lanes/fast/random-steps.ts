import { array, constant, constantFrom, oneof, record, tuple } from 'fast-check'
import type { Arbitrary } from 'fast-check'

/** Steps that the fast lane takes, about what the lines of the other generators have, and about what they have not. */

const ofJson = 'level log.level status a b c msg message path user duration_ms time severity trace.id'.split(
  ' ',
)
const paths = 'a.a a.a.b b.a.b c.name msg.level user.id path.x'.split(' ')
const ofAgent = 'stream host.name filename namespace kubernetes.pod.name service parse_error'.split(' ')
const ofAccess = 'http.response.status_code url.original source.address user.name user_agent.original'.split(
  ' ',
)
const ofPatterns = 'count rest weight ts level message log.logger process.pid duration'.split(' ')
const plainNames = [...ofJson, ...paths, ...ofAgent, ...ofAccess, ...ofPatterns].filter(
  (name) => name !== 'trace.id' && !name.startsWith('namespace'),
)
const askedNames = oneof(
  { weight: 12, arbitrary: constantFrom(...plainNames) },
  {
    weight: 1,
    arbitrary: constantFrom('field("namespace")', 'field("ümlaut")', 'field("a..b")', 'tags["x/y"]'),
  },
)

const texts = constantFrom(
  '"msg"',
  '"info"',
  '"WARNING"',
  '"purple"',
  '"q\\"q"',
  '"ü€😀"',
  '""',
  '"a"',
  '"a longer text, beyond sixteen bytes, so that loops turn"',
  '"web-1"',
  '"shop"',
  '"stdout"',
  '"200"',
  '"12"',
)
const pieces = constantFrom(
  '"a"',
  '""',
  '"trace"',
  '"text"',
  '"sixteen bytes, so"',
  '"ü"',
  '"m"',
  '"😀"',
  '"o"',
)
const numbers = constantFrom(
  '0',
  '12',
  '-0.5',
  '30',
  '200',
  '404',
  '1e5',
  '9007199254740993',
  '1.5',
  '12345',
  '-1',
)
const relations = constantFrom('==', '!=', '<', '<=', '>', '>=')

const comparison = oneof(
  {
    weight: 3,
    arbitrary: tuple(askedNames, constantFrom('==', '!='), texts).map((parts) => parts.join(' ')),
  },
  { weight: 3, arbitrary: tuple(askedNames, relations, numbers).map((parts) => parts.join(' ')) },
  { weight: 1, arbitrary: tuple(numbers, relations, askedNames).map((parts) => parts.join(' ')) },
  {
    weight: 2,
    arbitrary: tuple(askedNames, array(texts, { minLength: 1, maxLength: 3 })).map(
      ([name, list]) => `${name} in [${list.join(', ')}]`,
    ),
  },
  {
    weight: 3,
    arbitrary: tuple(askedNames, constantFrom('startsWith', 'endsWith', 'contains'), pieces).map(
      ([name, method, piece]) => `${name}.${method}(${piece})`,
    ),
  },
  { weight: 1, arbitrary: constantFrom(...plainNames).map((name) => `has(${name})`) },
  // All the rest is asked of CEL.
  {
    weight: 2,
    arbitrary: askedNames.chain((name) =>
      constantFrom(
        name,
        `${name} == null`,
        `${name} != true`,
        `size(${name}) > 2`,
        `${name}.matches("^[a-m]+")`,
        `${name}.matches("(?i)T$|[0-9]{2}\\\\b")`,
        `${name}.matches("(?<=a) ")`,
        `!${name}.matches(".*x")`,
        `${name} in [12, "msg", 200]`,
        `${name} < "m"`,
        `${name} + 1 == 13`,
        `"b" in ${name}`,
      ),
    ),
  },
)

const conditions: Arbitrary<string> = oneof(
  { weight: 3, arbitrary: comparison },
  { weight: 1, arbitrary: comparison.map((one) => `!(${one})`) },
  { weight: 2, arbitrary: tuple(comparison, comparison).map(([a, b]) => `${a} && ${b}`) },
  { weight: 2, arbitrary: tuple(comparison, comparison).map(([a, b]) => `${a} || ${b}`) },
  {
    weight: 1,
    arbitrary: tuple(comparison, comparison, comparison).map(
      ([a, b, c]) => `${a} ? ${b} : (${c} || !(${b}))`,
    ),
  },
)

const filter = oneof(
  record({ drop: record({ if: conditions }) }),
  record({ keep: record({ if: conditions }) }),
)

const editedNames = constantFrom(
  ...'level a b c msg message path user status time severity trace_id new other.new x.y'.split(' '),
  ...paths,
  ...ofAccess,
  ...ofPatterns,
)
const addedValues = constantFrom(
  'x',
  'info',
  'bob@example.com',
  '2026-01-20T11:59:57Z',
  'q"ü',
  '',
  7,
  -0.5,
  true,
)

const add = tuple(array(tuple(editedNames, addedValues), { minLength: 1, maxLength: 3 })).map(
  ([members]) => ({
    add: Object.fromEntries(members),
  }),
)
const remove = array(editedNames, { minLength: 1, maxLength: 3 }).map((names) => ({
  remove: [...new Set(names)],
}))
const areNested = (a: string, b: string): boolean => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`)
const rename = array(tuple(editedNames, editedNames), { minLength: 1, maxLength: 2 })
  .map((pairs) => new Map(pairs.filter(([from, to]) => !areNested(from, to))))
  .filter((names) => names.size > 0 && new Set(names.values()).size === names.size)
  .map((names) => ({ rename: Object.fromEntries(names) }))
const edits = oneof({ weight: 2, arbitrary: add }, rename, remove)

const presets = constantFrom('email', 'credit_card', 'token', 'password', 'authorization')
const redact = oneof(
  constant({ redact: {} }),
  array(presets, { minLength: 1, maxLength: 2 }).map((names) => ({ redact: { presets: names } })),
  array(editedNames, { minLength: 1, maxLength: 2 }).map((fields) => ({ redact: { fields } })),
  tuple(editedNames, presets).map(([name, preset]) => ({ redact: { fields: [name], presets: [preset] } })),
)

export const randomSteps: Arbitrary<readonly unknown[]> = oneof(
  { weight: 2, arbitrary: array(filter, { minLength: 1, maxLength: 3 }) },
  { weight: 2, arbitrary: array(edits, { minLength: 1, maxLength: 3 }) },
  { weight: 1, arbitrary: array(redact, { minLength: 1, maxLength: 2 }) },
  { weight: 2, arbitrary: array(oneof(edits, filter, redact), { minLength: 2, maxLength: 4 }) },
)
