import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parsedLine } from './parsed-line.ts'

const parsed = (line: string): Record<string, unknown> => parsedLine(line, 'python')

test('asctime - name - levelname - message', () => {
  assert.deepEqual(parsed('2026-01-20 10:00:00,123 - app.db - WARNING - slow - very'), {
    '@timestamp': '2026-01-20T10:00:00.123Z',
    'log.level': 'warn',
    'log.logger': 'app.db',
    level: 'WARNING',
    message: 'slow - very',
  })
})

test('without a name, and with levels of another kind or padded', () => {
  assert.deepEqual(parsed('2026-01-20T10:00:00Z - ERROR - x'), {
    '@timestamp': '2026-01-20T10:00:00Z',
    'log.level': 'error',
    level: 'ERROR',
    message: 'x',
  })
  assert.equal(parsed('2026-01-20 10:00:00,123 - app - INFO     - x')['level'], 'INFO')
  assert.equal(parsed('2026-01-20 10:00:00,123 - app - Level 15 - x')['level'], 'Level 15')
})

test("logging's default, LEVEL:name:message", () => {
  assert.deepEqual(parsed('ERROR:my.app:it: broke'), {
    'log.level': 'error',
    'log.logger': 'my.app',
    level: 'ERROR',
    message: 'it: broke',
  })
})

test("log.logger is the parser's to write, a line's own makes room", () => {
  assert.deepEqual(parsedLine('{"log.logger":"x"}', 'json'), { 'log.logger_original': 'x' })
  assert.deepEqual(
    parsedLine('{"log.logger":"x","message":"INFO:y:z"}', ['json', { type: 'python', field: 'message' }]),
    {
      'log.level': 'info',
      'log.logger': 'y',
      level: 'INFO',
      message: 'z',
    },
  )
})

for (const line of [
  '2026-01-20 10:00:00,123 app INFO x',
  '2026-01-20 10:00:00,123 - app - INFO',
  '2026-01-20 10:00:00,123 - app - (x) - y',
  'ERROR: no name',
  'Noise:name:text',
  'ERROR:two words:x',
]) {
  test(`is no line of Python: ${line}`, () => {
    assert.deepEqual(parsed(line), { parse_error: 'python', message: line })
  })
}
