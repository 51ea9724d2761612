import assert from 'node:assert/strict'
import { test } from 'node:test'
import { axisTo, pathOf, summaryOf, usualMost } from '../../../../src/admin/page/browser/scale.ts'

const frame = { left: 0, top: 0, width: 100, height: 100 }

test('an axis ends at a round number not below the largest value, in a few steps', () => {
  for (const most of [0, 0.0004, 0.7, 1, 3, 9.99, 10, 101, 12_345, 999_999, 7e9]) {
    for (const isBytes of [false, true]) {
      const { top, ticks } = axisTo(most, isBytes)
      assert.ok(top >= most, `${most}: ${top}`)
      assert.ok(ticks.length >= 2 && ticks.length <= 5, `${most}: ${ticks.length}`)
      assert.deepEqual([ticks[0], ticks.at(-1)], [0, top])
    }
  }
  assert.deepEqual(axisTo(430, false).ticks, [0, 200, 400, 600])
  assert.deepEqual(axisTo(2.5 * 1024 ** 2, true).ticks, [0, 1024 ** 2, 2 * 1024 ** 2, 3 * 1024 ** 2])
})

test('an axis for what is no number is one all the same', () => {
  assert.equal(axisTo(Number.NaN, false).ticks.at(-1)! >= 1, true)
  assert.equal(axisTo(-5, true).ticks.at(-1)! >= 1, true)
})

test('a line ends at the right, has gaps where nothing is known, and a lonely moment is a dot', () => {
  assert.equal(pathOf([0, 10], 10, frame, 3), 'M50.0 100.0L100.0 0.0')
  assert.equal(pathOf([5, null, 5], 10, frame, 3), 'M0.0 50.0h.1M100.0 50.0h.1')
  assert.equal(pathOf([null, null], 10, frame, 3), '')
})

test('a summary is of what is known', () => {
  assert.deepEqual(summaryOf([null, 3, 1, null]), { low: 1, high: 3, last: null })
  assert.equal(summaryOf([null]), undefined)
})

test('one peak does not press the rest flat, and what is usual ends the axis where there is none', () => {
  const usual = Array.from({ length: 100 }, (_, index) => 90 + (index % 10))
  assert.equal(usualMost([[...usual, 15_000]]), 198)
  assert.equal(usualMost([[...usual, 300]]), 300)
  assert.equal(usualMost([usual, [null]]), 99)
  assert.equal(usualMost([]), 0)
  assert.equal(usualMost([[0, 0, 0, 7]]), 7)
})
