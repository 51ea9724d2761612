import { Buffer } from 'node:buffer'
import {
  array,
  constant,
  constantFrom,
  integer,
  nat,
  oneof,
  record,
  string,
  subarray,
  tuple,
  type Arbitrary,
} from 'fast-check'
import type { StoredEvent } from '../../../../src/buffer/buffer.ts'
import type { SharedMember } from '../../../../src/core/chunk.ts'
import { Body, type DraftEvent, type Edit } from '../../../../src/core/event.ts'
import { cutMembers, memberSpans } from '../../../../src/parsers/json-spans.ts'
import { draftEvent, plainShared, storedEvents } from '../../../support/stored-event.ts'

/** Names that fields ask for, and that lines have: the agent's own words, members, paths, and what is none of them. */
export const fieldNames = [
  'level',
  'trace_id',
  'span_id',
  'host_name',
  'filename',
  'namespace',
  'app',
  'env',
  'service',
  'a.b',
  'a',
  'ü',
  'message',
  '@timestamp',
  'stream',
  'log_flags',
]

const space = constantFrom('', '', '', ' ', '  ', '\n', '\t ')

const values = oneof(
  constantFrom('null', 'true', '0', '-1.50e+3', '""', '"ünï"', '"a\\"b"', '"\\u0041"', '"\\\\"', '"nul"'),
  constantFrom('{"service":"inner","b":"deep"}', '[1,{"service":2},"]"]', '{ "b" :\n1 }', '{}', '[]', '"}{"'),
  string({ unit: 'grapheme', maxLength: 40 }).map((text) => JSON.stringify(text)),
  integer().map(String),
)

const keys = oneof(
  constantFrom(...fieldNames, 'host', 'host.name', 'x').map((name) => JSON.stringify(name)),
  constantFrom('"s\\u0065rvice"', '"\\u00fc"', '"a\\"b"', '"a/b"', '"a\\/b"', '""', `"${'long'.repeat(20)}"`),
)

const members = array(tuple(space, keys, space, space, values, space), { maxLength: 8 }).map((list) =>
  list.map(([a, key, b, c, value, d]) => `${a}${key}${b}:${c}${value}${d}`).join(','),
)

const lines = oneof(
  { weight: 4, arbitrary: members.map((text) => `{${text}}`) },
  { weight: 1, arbitrary: members.map((text) => ` {${text}}\t`) },
  { weight: 1, arbitrary: constantFrom('plain text "service":"x"', 'x', 'größer als "level"') },
  {
    weight: 1,
    arbitrary: string({ unit: 'grapheme', minLength: 1, maxLength: 300 }).map((text) => `- ${text}`),
  },
)

/** What becomes of the first members: their key is replaced, or (undefined) they are cut, or ('') nothing. */
const changes = array(constantFrom('host_original', 'service', 's\u0001', 'log', '', undefined), {
  maxLength: 4,
})

/** Edits as collisions make them. */
function editsOf(line: string, names: readonly (string | undefined)[]): Edit[] {
  const bytes = Buffer.from(line)
  const spans = memberSpans(bytes, bytes.indexOf('{'))
  const isCut = spans.map((_, index) => index < names.length && names[index] === undefined)
  const renamed = spans.flatMap(({ keyStart, keyEnd }, index): Edit[] => {
    const name = names[index]
    return name ? [{ at: keyStart, cut: keyEnd - keyStart, insert: JSON.stringify(name) }] : []
  })
  return [...cutMembers(spans, isCut), ...renamed].toSorted((a, b) => a.at - b.at)
}

const hex = '0123456789abcdef'

type HostileDraft = Omit<Partial<DraftEvent>, 'line'> & { line: string }

const drafts: Arbitrary<HostileDraft> = record({
  line: lines,
  time: record({
    seconds: oneof(nat(2 ** 31), constantFrom(0, 127, 128, 2 ** 32 - 1)),
    nanos: oneof(nat(999_999_999), constantFrom(0, 999_999_999)),
  }),
  bump: oneof(constant(0), constantFrom(1, 2_000_000_000, 2 ** 52)),
  severity: constantFrom(0, 0, 1, 2, 3, 4, 5, 6),
  flags: constantFrom(0, 0, 1, 6),
  traceId: constantFrom('', '', hex.repeat(2), hex),
  spanId: constantFrom('', hex),
  members: oneof({ weight: 3, arbitrary: constant('') }, { weight: 1, arbitrary: members }),
  edited: oneof({ weight: 3, arbitrary: constant([]) }, { weight: 2, arbitrary: changes }),
  isParsed: constantFrom(false, false, true),
}).map(({ edited, isParsed, ...draft }) => {
  const isJson = draft.line.trimStart().startsWith('{') && JSON.parse(draft.line) !== null
  return {
    ...draft,
    body: isParsed ? Body.members : isJson ? Body.json : Body.message,
    edits: isJson ? editsOf(draft.line, edited) : [],
  }
})

const shared: Arbitrary<SharedMember[]> = subarray([
  ...plainShared,
  { name: 'kubernetes.namespace', json: '"shop"' },
  { name: 'kubernetes.container.name', json: '"web"' },
  { name: 'env', json: '"prod"' },
])

/** The events of some records, in their order. */
export const hostileEvents: Arbitrary<StoredEvent[]> = array(
  tuple(array(drafts, { minLength: 1, maxLength: 12 }), shared),
  { minLength: 1, maxLength: 3 },
).map((records) =>
  records.flatMap(([list, sharedMembers], sequence) =>
    storedEvents(
      list.map((draft, index) => draftEvent({ from: index * 1000, ...draft })),
      { shared: sharedMembers, sequence },
    ),
  ),
)

export const someNames = subarray(fieldNames)
