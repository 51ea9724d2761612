import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { HistoryPart } from '../../../../src/admin/page/browser/agent-state.ts'
import { Series } from '../../../../src/admin/page/browser/series.ts'

type Values = (number | null)[]

function part(from: number, sources: Record<string, Values>, run = 'r'): HistoryPart {
  const [first = []] = Object.values(sources)
  return {
    run,
    from,
    times: first.map((_, index) => (from + index) * 1000),
    sources: Object.fromEntries(Object.entries(sources).map(([name, values]) => [name, { events: values }])),
    sinks: {},
    buffer: {},
  }
}

const valuesOf = (series: Series): Record<string, readonly (number | null)[]> =>
  Object.fromEntries(series.lines('sources', 'events', 6).map(({ name, values }) => [name, values]))

test('what is new stands behind what was there, and the oldest leaves', () => {
  const series = new Series(3)
  assert.equal(series.query, '')
  series.add(part(0, { app: [1, 2] }))
  assert.equal(series.query, 'from=2&run=r')
  series.add(part(2, { app: [3, 4] }))
  assert.deepEqual(valuesOf(series), { app: [2, 3, 4] })
  assert.deepEqual(series.times, [1000, 2000, 3000])
})

test('another run, or a gap, begins anew', () => {
  const series = new Series(10)
  series.add(part(0, { app: [1, 2] }))
  series.add(part(0, { app: [7] }, 'another'))
  assert.deepEqual(valuesOf(series), { app: [7] })
  series.add(part(9, { app: [8] }, 'another'))
  assert.deepEqual(valuesOf(series), { app: [8] })
})

test('a name that comes later has nothing before, and one that goes nothing after, until it leaves', () => {
  const series = new Series(3)
  series.add(part(0, { app: [1, 2] }))
  series.add(part(2, { web: [9] }))
  assert.deepEqual(valuesOf(series), { app: [1, 2, null], web: [null, null, 9] })
  series.add(part(3, { web: [9, 9] }))
  assert.deepEqual(valuesOf(series), { web: [9, 9, 9] })
})

test('of many names the largest are shown, and the others added up', () => {
  const series = new Series(3)
  series.add(part(0, { a: [1], b: [100], c: [2], d: [50] }))
  const lines = series.lines('sources', 'events', 3)
  assert.deepEqual(
    lines.map(({ name, values }) => [name, values[0]]),
    [
      ['b', 100],
      ['d', 50],
      ['2 others', 3],
    ],
  )
})
