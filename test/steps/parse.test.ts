import assert from 'node:assert/strict'
import { test } from 'node:test'
import { membersAfter, run } from './steps-under-test.ts'

test('parse makes members of a member, which replace those of the same name', () => {
  const steps = [
    { parse: { field: 'message', type: 'regex', pattern: '^(?<level>\\w+)\\s+(?<message>.*)$' } },
  ]
  assert.deepEqual(membersAfter(steps, '{"message":"ERROR it broke","a":1}'), {
    'log.level': 'error',
    level: 'ERROR',
    message: 'it broke',
    a: 1,
  })
})

test('parse reads a text line as the parser of a source would', () => {
  assert.deepEqual(membersAfter([{ parse: { type: 'logfmt' } }], 'a=1 b=2', { parse: 'none' }), {
    a: '1',
    b: '2',
  })
  assert.equal(
    run([{ parse: { type: 'json' } }], '{"a": 1.50}', { parse: 'none' }).document.includes('"a": 1.50'),
    true,
  )
})

test('parse goes after what other steps have made, and they after it', () => {
  const steps = [
    { rename: { payload: 'p' } },
    { parse: { field: 'p', type: 'json' } },
    { remove: ['p', 'secret'] },
    { drop: { if: 'n > 5' } },
  ]
  assert.deepEqual(membersAfter(steps, '{"payload":"{\\"n\\":5,\\"secret\\":1}"}'), { n: 5 })
  assert.equal(run(steps, '{"payload":"{\\"n\\":6}"}').filteredBy, 'steps[3] (drop)')
})

test('what does not fit is kept with parse_error and counted; a missing member is nothing to parse', () => {
  const steps = [{ parse: { field: 'm', type: 'json' } }]
  const { document, parseErrors } = run(steps, '{"m":"no json"}')
  assert.match(document, /"parse_error":"json"/)
  assert.equal(parseErrors, 1)
  assert.equal(run(steps, '{"a":1}').parseErrors, 0)
})
