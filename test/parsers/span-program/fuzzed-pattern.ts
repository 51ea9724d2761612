import { Buffer } from 'node:buffer'
import { array, constantFrom, letrec, nat, oneof, record, tuple, uint8Array } from 'fast-check'
import type { Arbitrary } from 'fast-check'
import { isTame } from './span-runner.ts'

/** A pattern, and texts that it matches, or nearly. */
export interface FuzzedPattern {
  readonly source: string
  readonly sample: string
}

const literal = (source: string, sample = source): FuzzedPattern => ({ source, sample })

const atoms: readonly FuzzedPattern[] = [
  ...['a', 'b', 'c', '1', ' ', '-', '"', ':', 'ab', 'INFO', 'é', '日本', '😀'].map((text) => literal(text)),
  literal('\\d', '7'),
  literal('\\w', 'b'),
  literal('\\s', ' '),
  literal('\\s', '\u2003'),
  literal('\\S', 'a'),
  literal('\\S', 'é'),
  literal('\\D', '-'),
  literal('\\W', '"'),
  literal('.', 'a'),
  literal('.', '😀'),
  literal('[ab]', 'a'),
  literal('[^"]', 'ü'),
  literal('[^a]', '1'),
  literal('[a-c1]', 'c'),
  literal('[^\\s-]', 'b'),
  literal('[é-ü]', 'é'),
  literal('[^\\x00-\\x7f]', 'ß'),
  literal('[^]', '\r'),
  literal('[]', ''),
  literal('\\t', '\t'),
  literal('\\.', '.'),
  literal('{', '{'),
  literal('\\u2028', '\u2028'),
]

const assertions = ['^', '$', '\\b', '\\B'].map((source) => literal(source, ''))
const counts = [
  '*',
  '+',
  '?',
  '{2}',
  '{1,2}',
  '{0,3}',
  '{2,}',
  '{0}',
  '{20}',
  '*?',
  '+?',
  '??',
  '{1,3}?',
  '{1,}?',
]
/** 20 rounds of 20 rounds are no pattern that RegExp ends with in time. */
const fewCounts = counts.filter((count) => count !== '{20}')
const roundsOf = (count: string): number =>
  count === '{20}' ? 20 : count === '{2}' || count === '{2,}' ? 2 : 1

const repeated = ({ source, sample }: FuzzedPattern, count: string): FuzzedPattern => ({
  source: source + count,
  sample: sample.repeat(roundsOf(count)),
})

const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text)

function patternOf(choice: readonly FuzzedPattern[]): Arbitrary<FuzzedPattern> {
  const repeatable = choice.filter(({ source }) => source.length === 1 || /^[\\[]/.test(source))
  return letrec<{ pattern: FuzzedPattern; branch: FuzzedPattern; part: FuzzedPattern; group: FuzzedPattern }>(
    (tie) => ({
      pattern: oneof(
        { weight: 4, arbitrary: tie('branch') },
        {
          weight: 1,
          arbitrary: tuple(tie('branch'), tie('branch'), nat(1)).map((branches) => either(...branches)),
        },
      ),
      branch: array(tie('part'), { maxLength: 5, depthIdentifier: 'pattern' }).map((parts) =>
        literal(parts.map(({ source }) => source).join(''), parts.map(({ sample }) => sample).join('')),
      ),
      part: oneof(
        { depthIdentifier: 'pattern', maxDepth: 4 },
        { weight: 5, arbitrary: constantFrom(...choice) },
        {
          weight: 5,
          arbitrary: tuple(constantFrom(...repeatable), constantFrom(...counts)).map((pair) =>
            repeated(...pair),
          ),
        },
        { weight: 1, arbitrary: constantFrom(...assertions) },
        { weight: 3, arbitrary: tie('group') },
        {
          weight: 2,
          arbitrary: tuple(tie('group'), constantFrom(...fewCounts)).map((pair) => repeated(...pair)),
        },
      ),
      group: tuple(tie('pattern'), constantFrom('(', '(', '(?:')).map(([body, open]) =>
        literal(`${open}${body.source})`, body.sample),
      ),
    }),
  ).pattern
}

const either = (one: FuzzedPattern, other: FuzzedPattern, taken: number): FuzzedPattern =>
  literal(`${one.source}|${other.source}`, taken === 0 ? one.sample : other.sample)

/** V8 has no guard for flag i. */
const flagFor = (source: string, flag: string): string => (flag === '(?i)' && !isTame(source) ? '' : flag)

/** With flags as people write them in front, or anchors. */
const decorated = (pattern: Arbitrary<FuzzedPattern>): Arbitrary<FuzzedPattern> =>
  tuple(pattern, constantFrom('', '', '', '', '(?i)', '(?s)', '^', '^'), constantFrom('', '', '$')).map(
    ([{ source, sample }, start, end]) => ({
      // The anchors are of the whole pattern, not of a branch.
      source: start === '^' || end ? `${start}(?:${source})${end}` : flagFor(source, start) + source,
      sample,
    }),
  )

const hostile = [
  '',
  '\0',
  '\r',
  '\u2028',
  '\u00a0',
  '\ufeff',
  '\ufffd',
  '😀',
  '日',
  'a'.repeat(20),
  'é'.repeat(20),
  ' ',
  '"',
  '1',
  '{',
  'ab',
  'B',
]
const broken = [[0x80], [0xe2, 0x80], [0xf0, 0x9f], [0xff], [0xc2], [0xed, 0xa0, 0x80]]

const asciiPiece = constantFrom(...hostile.filter(isAscii).map((text) => Buffer.from(text)))
const anyPiece: Arbitrary<Uint8Array> = oneof(
  { weight: 6, arbitrary: constantFrom(...hostile.map((text) => Buffer.from(text))) },
  { weight: 1, arbitrary: constantFrom(...broken.map((bytes) => Uint8Array.from(bytes))) },
  { weight: 1, arbitrary: uint8Array({ maxLength: 4 }) },
)

interface Edit {
  readonly at: number
  readonly cut: number
  readonly piece: Uint8Array
}

/** Pieces that are put in, stretches that are cut out. */
const editsOf = (piece: Arbitrary<Uint8Array>): Arbitrary<Edit[]> =>
  array(record({ at: nat(60), cut: nat(3), piece }), { maxLength: 4 })

/** Patterns and what is done to their samples. In ASCII the kernel judges most lines itself; beyond it, it may give up. */
export const fuzzed = {
  ascii: {
    pattern: decorated(patternOf(atoms.filter(({ source, sample }) => isAscii(source + sample)))),
    edits: editsOf(asciiPiece),
  },
  any: { pattern: decorated(patternOf(atoms)), edits: editsOf(anyPiece) },
} as const

/** A line as the sample with its edits. */
export function editedLine(sample: string, edits: readonly Edit[]): Uint8Array {
  let line = Buffer.from(sample)
  for (const edit of edits) {
    const at = Math.min(edit.at, line.length)
    line = Buffer.concat([line.subarray(0, at), edit.piece, line.subarray(at + edit.cut)])
  }
  return line
}
