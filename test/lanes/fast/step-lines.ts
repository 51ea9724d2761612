import { array, constantFrom, letrec, oneof, tuple, uniqueArray } from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { bytesOf, mostly } from './mostly.ts'

/** Lines of JSON whose members steps ask for: each key once, objects in objects, dots between keys and inside of them. */

const keys = mostly(
  'a b c name user path status msg message level severity duration_ms time id x other new a.b b.a c.name user.id'.split(
    ' ',
  ),
  constantFrom('trace_id', 'stream', 'é', 'a.b.c', '', 'host', 'http', '@timestamp', 'a\\u002eb', 'log'),
)
const scalars = mostly(
  [
    '"msg"',
    '"info"',
    '"debug"',
    '12',
    '200',
    '-0.5',
    'true',
    'null',
    '"a text of it"',
    '""',
    '[1,"b"]',
    '"12"',
  ],
  constantFrom(
    '"\\u0061"',
    '1e5',
    '9007199254740993',
    '"2026-01-20T11:59:57.5Z"',
    '"4bf92f3577b34da6a3ce929d0e0e4736"',
    '123456789012345.6',
    '-0',
    '[{"a":1}]',
    `"${'long '.repeat(80)}"`,
  ),
)
const spaces = mostly([''], constantFrom(' ', '\t', ' \r'))

const objects = letrec<{ object: string; value: string }>((tie) => ({
  value: oneof({ maxDepth: 2 }, { weight: 4, arbitrary: scalars }, { weight: 1, arbitrary: tie('object') }),
  object: tuple(
    spaces,
    uniqueArray(tuple(keys, tie('value'), spaces, spaces), { maxLength: 6, selector: ([key]) => key }),
  ).map(([space, members]) => {
    const texts = members.map(
      ([key, value, before, behind]) => `${before}"${key}"${behind}:${value}${behind}`,
    )
    return `{${texts.join(`${space},`)}${space}}`
  }),
})).object

export const stepLines: Arbitrary<Buffer> = objects.map(bytesOf)

/** Words and texts with secrets in them, and with what only looks so. */
const words = mostly(
  'bob a b request 12 4 200 x y tracing'.split(' '),
  constantFrom(
    ...'bob@example.com PASSWORD=hunter2 4111111111111111 4111-1111-1111-1111 1768910399123 passenger'.split(
      ' ',
    ),
    ...'https://u:pw@host/ x-api-key:abcdefgh Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx.c2ln AKIAIOSFODNN7EXAMPLE'.split(
      ' ',
    ),
    ...'ghp_0123456789abcdefghij design monkey \\u0070ass sk-01234567890123456789 hf_ x_access'.split(' '),
  ),
)
export const wordLines: Arbitrary<Buffer> = array(words, { minLength: 1, maxLength: 5 }).map((some) =>
  bytesOf(some.join(' ')),
)
export const jsonOfWords: Arbitrary<Buffer> = array(tuple(words, wordLines), { maxLength: 4 }).map(
  (members) => bytesOf(JSON.stringify(Object.fromEntries(members.map(([key, text]) => [key, String(text)])))),
)
