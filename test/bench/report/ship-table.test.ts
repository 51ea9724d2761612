import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Shipped, ShipResult } from '../../../bench/measuring/ship.ts'
import { emptyCells, shipTable } from '../../../bench/report/ship-table.ts'
import { shipping } from '../../../bench/scenarios.ts'

const usage = (
  cpuSeconds: number,
  wallSeconds: number,
): { cpuSeconds: number; wallSeconds: number; peakRssMiB: number } => ({
  cpuSeconds,
  wallSeconds,
  peakRssMiB: 100 + cpuSeconds,
})

const runs = (startUp: number, cpuSeconds: readonly number[]): Shipped => ({
  startUp: usage(startUp, 1),
  runs: cpuSeconds.map((seconds) => usage(seconds, 11)),
  mostBytesInFlight: 3 * 1024 ** 2,
})

function resultOf(shipped: Record<string, Shipped>): ShipResult {
  return { scenario: shipping[0]!, bytes: 2e9, shipped: new Map(Object.entries(shipped)) }
}

function cellsOf(table: string): string[] {
  return table
    .split('\n')[2]!
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim())
}

describe('the table', () => {
  test('has medians per GB without start-up, and how many times more the others take', () => {
    const result = resultOf({
      logferry: runs(1, [5, 7, 9]),
      naive: runs(0, [60, 60, 66]),
      rsyslog: { why: 'not here' },
    })
    assert.deepEqual(cellsOf(shipTable([{ node: '24', result }])), [
      'JSON → Elasticsearch',
      '24',
      '3.0',
      '2.0–4.0',
      '30.0',
      '–',
      '10.0',
      '–',
      '200 / 200 / –',
      '109 / 166 / –',
      '1.00',
      '3.0',
    ])
  })

  test('has dashes where a pipeline was not asked for', () => {
    const cells = cellsOf(shipTable([{ node: '20', result: resultOf({ naive: runs(0, [60]) }) }]))
    assert.deepEqual(cells.slice(2, 6), ['–', '–', '30.0', '–'])
  })

  test('says once why cells are empty', () => {
    const result = resultOf({ rsyslog: { why: 'not here' }, naive: runs(0, [1]) })
    assert.deepEqual(emptyCells([result, result]), ['rsyslog: not here (json-es)'])
  })
})
