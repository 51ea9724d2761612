import assert from 'node:assert/strict'
import { test } from 'node:test'
import { styleOf } from '../../src/cli/io.ts'
import { formatTable } from '../../src/cli/table.ts'
import type { Column } from '../../src/cli/table.ts'

const style = styleOf({ write: () => undefined, isTTY: false }, {})
type Row = readonly [path: string, size: string]
const columns: Column<Row>[] = [
  { head: 'FILE', text: ([path]) => path, gives: 'front' },
  { head: 'SIZE', text: ([, size]) => size, isNumber: true },
]
const rows: Row[] = [
  ['/var/log/app/orders.log', '5'],
  ['/a', '12345'],
]

test('names stand to the left and numbers to the right of their columns', () => {
  assert.deepEqual(formatTable(columns, rows, { width: Infinity, style }), [
    'FILE                      SIZE',
    '/var/log/app/orders.log      5',
    '/a                       12345',
  ])
})

test('where the terminal is narrow a path gives way from its front', () => {
  const lines = formatTable(columns, rows, { width: 24, style })
  assert.deepEqual(lines, [
    'FILE                SIZE',
    '…g/app/orders.log      5',
    '/a                 12345',
  ])
  assert.ok(lines.every((line) => line.length <= 24))
})

test('a column keeps twelve characters, also where that is wider than the terminal', () => {
  assert.match(formatTable(columns, rows, { width: 5, style })[1]!, /^…\S{11} /)
})

test('control characters of a name cannot move the cursor', () => {
  assert.match(formatTable(columns, [['/a\u001b[2J', '1']], { width: 80, style })[1]!, /^\/a\\x1b\[2J/)
})
