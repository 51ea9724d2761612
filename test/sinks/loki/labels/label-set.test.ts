import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as fc from 'fast-check'
import {
  labelSet,
  parseLabels,
  utf8Border,
  withBacklog,
} from '../../../../src/sinks/loki/labels/label-set.ts'
import type { Label } from '../../../../src/sinks/loki/push/push.ts'
import { decodeLabels } from '../../../support/loki-decode.ts'

describe('label sets', () => {
  test('are sorted by name and escaped', () => {
    const { text } = labelSet([
      ['level', 'info'],
      ['job', 'a"b\\c\nd\te'],
    ])
    assert.equal(text, '{job="a\\"b\\\\c\\nd\\u0009e", level="info"}')
  })

  test('leave empty values out, and are never empty themselves', () => {
    assert.equal(labelSet([['level', '']]).text, '{job="logferry"}')
  })

  test('cut values at 2048 bytes between characters', () => {
    const { pairs } = labelSet([['a', `x${'ü'.repeat(2000)}`]])
    assert.equal(Buffer.byteLength(pairs[0]![1]), 2047)
    assert.match(pairs[0]![1], /^xü+$/)
  })

  test('show what Loki refuses, U+FFFD and lone surrogates, as question marks', () => {
    assert.equal(labelSet([['a', 'x\ufffdy\ud800z']]).text, '{a="x?y?z"}')
  })

  test('of late entries have the label backlog more', () => {
    assert.equal(withBacklog(labelSet([['job', 'app']])).text, '{backlog="true", job="app"}')
  })

  const hostile = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: 'grapheme' }),
    fc
      .array(
        fc.constantFrom('"', '\\', '\n', '{', '}', ',', '=', ' ', 'a', '\\"', '"}', '\0', '\u2028', '\ud800'),
      )
      .map((parts) => parts.join('')),
  )

  test('whatever the values are, the text parses as exactly these labels', () => {
    fc.assert(
      fc.property(hostile, hostile, (first, second) => {
        const labels: Label[] = [
          ['job', 'app'],
          ['first', first],
          ['second', second],
        ]
        const set = labelSet(labels)
        const wanted = labels
          .filter(([, value]) => value !== '')
          .map(([name, value]) => [name, value.replace(/\p{Surrogate}|\ufffd/gu, '?')])
          .sort(([a], [b]) => (a! < b! ? -1 : 1))
        assert.deepEqual(decodeLabels(set.text), wanted)
        assert.deepEqual(parseLabels(set.text), set)
        assert.doesNotMatch(set.text, /\n/)
      }),
      { numRuns: 500 },
    )
  })
})

test('a border in UTF-8 never stands inside a character', () => {
  const bytes = Buffer.from('aü€🏔')
  assert.deepEqual(
    Array.from({ length: 12 }, (_, at) => utf8Border(bytes, at)),
    [0, 1, 1, 3, 3, 3, 6, 6, 6, 6, 10, 10],
  )
})
