import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run } from './steps-under-test.ts'

const steps = [
  { route: { if: 'level == "error"', sinks: ['es', 'loki'] } },
  { route: { if: 'audit', sinks: ['archive'] } },
]

test('the first route that takes an event decides; what none takes goes to all sinks of the source', () => {
  assert.equal(run(steps, '{"level":"error","audit":true}').routes, 0b011)
  assert.equal(run(steps, '{"audit":true}').routes, 0b100)
  assert.equal(run(steps, '{}').routes, 0b111)
})

test('a source sends to no sink that it does not name, and an event without any is filtered', () => {
  assert.equal(run(steps, '{"level":"error"}', { routes: 0b001 }).routes, 0b001)
  assert.match(run(steps, '{"audit":true}', { routes: 0b011 }).filteredBy, /route/)
})

test('steps behind a route go on', () => {
  const { line, routes } = run([...steps, { remove: ['audit'] }], '{"audit":true,"a":1}')
  assert.deepEqual([line, routes], ['{"a":1}', 0b100])
})
