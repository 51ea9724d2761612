import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatRate, formatSeconds, formatShort } from '../../../../src/admin/page/browser/formats.ts'

test('numbers on an axis are short', () => {
  assert.deepEqual([0, 0.25, 7, 99.6, 450, 9_999, 12_000, 2_500_000].map(formatShort), [
    '0',
    '0.3',
    '7',
    '100',
    '450',
    '9,999',
    '12 k',
    '2.5 M',
  ])
  assert.equal(formatRate(1200), '1,200/s')
})

test('times are told in the unit that fits', () => {
  assert.deepEqual([0, 0.0042, 0.25, 1.5, 42, 600].map(formatSeconds), [
    '0 s',
    '4.2 ms',
    '250 ms',
    '1.5 s',
    '42 s',
    '10 min',
  ])
})
