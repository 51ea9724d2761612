import assert from 'node:assert/strict'
import { test } from 'node:test'
import { severityNames } from '../../src/core/event.ts'
import { severityOf, severityOfOpenTelemetry } from '../../src/enrich/level.ts'

const levels: Readonly<Record<string, readonly unknown[]>> = {
  trace: ['trace', 'TRACE', 'Trc', 'verbose', 'finest', 'silly', 10, '10', 'TRACE2'],
  debug: ['debug', 'DEBUG', 'dbg', 'fine', 'D', 7, 20, '7', 'DEBUG1'],
  info: [
    'info',
    'INFO',
    'Information',
    'informational',
    'notice',
    'NOTICE',
    'I',
    'INF',
    5,
    6,
    30,
    ' info ',
    '[INFO]',
  ],
  warn: ['warn', 'WARN', 'warning', 'WARNING', 'WRN', 'W', 4, 40, 'SEVERITY_NUMBER_WARN3', '<warn>'],
  error: ['error', 'ERROR', 'err', 'SEVERE', 'E', 3, 50, 'Error:', '\u001b[31merror\u001b[39m'],
  fatal: ['fatal', 'FATAL', 'critical', 'CRIT', 'panic', 'alert', 'emerg', 'F', 'dpanic', 0, 1, 2, 60],
  '': [
    '',
    'weird',
    8,
    9,
    15,
    35,
    70,
    -1,
    1.5,
    NaN,
    null,
    true,
    {},
    ['info'],
    'information about it',
    'x'.repeat(1000),
    'constructor',
  ],
}

for (const [name, values] of Object.entries(levels)) {
  for (const value of values) {
    test(`${JSON.stringify(value)?.slice(0, 40)} is ${name === '' ? 'no level' : `the level ${name}`}`, () => {
      assert.equal(severityNames[severityOf(value)], name)
    })
  }
}

test("OpenTelemetry's numbers go by fours", () => {
  const names = Array.from({ length: 26 }, (_, number) => severityNames[severityOfOpenTelemetry(number)])
  const expected = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'].flatMap((name) => [
    name,
    name,
    name,
    name,
  ])
  assert.deepEqual(names, ['', ...expected, ''])
  assert.equal(severityNames[severityOfOpenTelemetry('17')], 'error')
  assert.equal(severityOfOpenTelemetry(1.5), 0)
})
