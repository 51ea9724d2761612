import assert from 'node:assert/strict'
import { test } from 'node:test'
import { grouped, together } from './grouped.ts'

const inspected = `[2026-01-20T10:00:00.123] [ERROR] shop - Error: checkout failed
    at Shop.checkout (/app/shop.js:42:11)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5) {
  code: 'E_STOCK',
  [cause]: TypeError: Cannot read properties of undefined (reading 'id')
      at load (/app/db.js:3:9) {
    detail: { table: 'stock' }
  }
}`

const uncaught = `/app/main.js:3
throw new Error('boom')
^

Error: boom
    at Object.<anonymous> (/app/main.js:3:7)
    at Module._compile (node:internal/modules/cjs/loader:1554:14)

Node.js v20.20.2`

const rejection = `node:internal/process/promises:288
            triggerUncaughtException(err, true /* fromPromise */);
            ^

[UnhandledPromiseRejection: This error originated either by throwing inside of an async function without a catch block] {
  code: 'ERR_UNHANDLED_REJECTION'
}`

const aggregate = `request failed:
AggregateError: All promises were rejected
    at async Promise.any (index 0) {
  [errors]: [
    Error: a
        at file:///app/a.mjs:1:7,
    RangeError [ERR_OUT_OF_RANGE]: b
        at file:///app/a.mjs:2:7
  ]
}`

const withoutStack = `10:00:00 cannot connect [Error: connect ECONNREFUSED] {
  errno: -111,
  code: 'ECONNREFUSED'
}`

test('Node: errors are one event with their line, causes and members, and the lines around them stay apart', () => {
  const line = 'Server listening on 3000'
  const events = [line, inspected, line, uncaught, line, rejection, line, aggregate, line, withoutStack, line]
  assert.deepEqual(together('node', events), events)
})

test('Node: an error at the margin belongs to a line that introduces it, not to any line', () => {
  const error = 'TypeError: x is not a function\n    at a.js:1:1'
  assert.deepEqual(grouped('node', `listening on 3000\n${error}\n${error}`), [
    'listening on 3000',
    error,
    error,
  ])
  assert.deepEqual(grouped('node', `Unhandled rejection\n${error}`), [`Unhandled rejection\n${error}`])
})
