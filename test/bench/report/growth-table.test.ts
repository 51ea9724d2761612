import assert from 'node:assert/strict'
import { test } from 'node:test'
import { growthTable } from '../../../bench/report/growth-table.ts'

test('the table of growth has the median in seconds and in µs a file', () => {
  const results = [
    { cpuSeconds: 2, wallSeconds: 3 },
    { cpuSeconds: 1, wallSeconds: 9 },
    { cpuSeconds: 4, wallSeconds: 1 },
  ]
  const row = { what: 'a line in each', pipeline: 'logferry', node: '20', files: 10_000, results }
  const cells = growthTable([row]).split('\n')[2]!.split('|').slice(4, -1)
  assert.deepEqual(
    cells.map((cell) => cell.trim()),
    ['2.00', '1.00–4.00', '200', '3.0'],
  )
})
