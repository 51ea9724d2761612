import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsedLine } from './parsed-line.ts'

const parsed = (line: string): Record<string, unknown> => parsedLine(line, 'level_message')

const lines: readonly (readonly [string, string, string])[] = [
  ['ERROR it broke', 'error', 'ERROR'],
  ['warning:  it broke', 'warn', 'warning'],
  ['[Info]\tit broke', 'info', 'Info'],
  ['[DEBUG]: it broke', 'debug', 'DEBUG'],
  ['Critical it broke', 'fatal', 'Critical'],
]

for (const [line, level, word] of lines) {
  test(`a level is taken off: ${line}`, () => {
    assert.deepEqual(parsed(line), { 'log.level': level, level: word, message: 'it broke' })
  })
}

test("a JSON line's message is parsed again, as Fluentd's filter parser does", () => {
  const parse = ['json', { type: 'level_message', field: 'message' }]
  assert.deepEqual(parsedLine('{"a":1,"message":"ERROR it broke"}', parse), {
    'log.level': 'error',
    level: 'ERROR',
    a: 1,
    message: 'it broke',
  })
  assert.deepEqual(parsedLine('{"level":"info","message":"it broke"}', parse), {
    'log.level': 'info',
    parse_error: 'level_message',
    level: 'info',
    message: 'it broke',
  })
})

for (const line of [
  'GET /path',
  'ERROR',
  'ERROR ',
  'ERRORS it broke',
  '[ERROR it broke',
  'error-prone x',
  ' INFO x',
]) {
  test(`has no level in front: ${JSON.stringify(line)}`, () => {
    assert.deepEqual(parsed(line), { parse_error: 'level_message', message: line })
  })
}
