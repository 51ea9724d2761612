import assert from 'node:assert/strict'
import { test } from 'node:test'
import { run, stepList } from './steps-under-test.ts'

const steps = [{ drop: { if: 'log.level == "debug" || path.startsWith("/health")' } }]

test('drop filters out what its condition is true for', () => {
  assert.equal(run(steps, '{"level":"DEBUG"}').filteredBy, 'steps[0] (drop)')
  assert.equal(run(steps, '{"level":"info","path":"/healthz"}').filteredBy, 'steps[0] (drop)')
  assert.equal(run(steps, '{"level":"info"}').line, '{"level":"info"}')
})

test('a condition sees text, members of parsers, fields of the file and constants', () => {
  const isDropped = (text: string, line: string, options = {}): boolean =>
    run([{ drop: { if: text } }], line, options).event === undefined
  assert.ok(isDropped('message.contains("health")', 'GET /health'))
  assert.ok(isDropped('status >= 500', 'status=503 msg=x', { parse: 'logfmt' }))
  assert.ok(isDropped('log.file.path.endsWith("app.log") && filename == log.file.path', 'x'))
  assert.ok(isDropped('host.name == "web-1" && env == "prod"', 'x', { fields: { env: 'prod' } }))
  assert.ok(isDropped('env == "prod"', '{"env":"other"}', { fields: { env: 'prod' } }), 'ours wins')
  assert.ok(isDropped('log.offset == 0', 'x'))
  assert.ok(isDropped('parse_error == "json"', 'x', { parse: 'json' }))
  assert.ok(isDropped('a.b == 1 && c.d == 2', '{"a":{"b":1},"c.d":2}'))
  assert.ok(
    isDropped('geo.city == "x"', '{"message":"{\\"geo\\":{\\"city\\":\\"x\\"}}"}', {
      parse: ['json', { type: 'json', field: 'message' }],
    }),
  )
  const trace = '0af7651916cd43dd8448eb211c80319c'
  assert.ok(isDropped(`trace.id == "${trace}" && trace_id == trace.id`, `{"traceId":"${trace}"}`))
  assert.ok(isDropped(`trace.id == "${trace}"`, `text trace_id=${trace}`))
  assert.ok(isDropped('stream == "stderr"', '2026-01-20T00:00:00Z stderr F x', { parse: 'cri' }))
})

test('errors at run time are counted, say where, and filter nothing', () => {
  const list = stepList([{ drop: { if: 'status >= 500' } }])
  assert.notEqual(run(list, '{"status":"no number"}').event, undefined)
  assert.deepEqual(list.troubles, {
    errors: 1,
    last: 'steps[0] (drop): a text that is no number was compared with a number',
  })
})

test('steps of all sources come after the own ones', () => {
  const list = stepList([{ rename: { lvl: 'level' } }], [{ drop: { if: 'level == "debug"' } }])
  assert.equal(run(list, '{"lvl":"debug"}').filteredBy, 'steps[0] of all sources (drop)')
})
