import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileStrftime, rfc3339, strftimePeriod, unknownSpecifier } from '../../src/render/time-text.ts'

const at = (text: string): number => Date.parse(text) / 1000

test('strftime follows the UTC day of the event', () => {
  const daily = compileStrftime('app-%Y.%m.%d')
  assert.equal(daily(at('2026-11-20T23:59:59Z')), 'app-2026.11.20')
  assert.equal(daily(at('2026-11-21T00:00:00Z')), 'app-2026.11.21')
  assert.equal(daily(at('2026-11-20T00:00:00Z')), 'app-2026.11.20')
})

test('every specifier', () => {
  const time = at('2026-01-02T03:04:05Z')
  const text = compileStrftime('%Y %y %m %b %B %d %e %j %a %A %u %w %G %V %F %H %I %p %M %S %T %s %z %Z %%')(
    time,
  )
  assert.equal(
    text,
    '2026 26 01 Jan January 02  2 002 Fri Friday 5 5 2026 01 2026-01-02 03 03 AM 04 05 03:04:05 1767323045 +0000 UTC %',
  )
  assert.equal(compileStrftime('%G-%V')(at('2027-01-01T00:00:00Z')), '2026-53')
  assert.equal(compileStrftime('%j')(at('2024-12-31T12:00:00Z')), '366')
})

test('the text changes as soon as its smallest part does', () => {
  const hourly = compileStrftime('%d-%H')
  assert.equal(hourly(at('2026-01-02T03:59:59Z')), '02-03')
  assert.equal(hourly(at('2026-01-02T04:00:00Z')), '02-04')
  const seconds = compileStrftime('%S')
  assert.equal(seconds(5), '05')
  assert.equal(seconds(6), '06')
})

test('what strftime does not know is named', () => {
  assert.equal(unknownSpecifier('a-%Y-%Q-%k'), '%Q')
  assert.equal(unknownSpecifier('50%'), '%')
  assert.equal(unknownSpecifier('%Y%%'), undefined)
})

test('RFC 3339 cuts, it never rounds', () => {
  assert.equal(rfc3339({ seconds: 0, nanos: 999_999_999 }, 3), '1970-01-01T00:00:00.999Z')
  assert.equal(rfc3339({ seconds: 0, nanos: 5 }, 0), '1970-01-01T00:00:00Z')
})

test('the text of a pattern holds for its period, and not for longer', () => {
  assert.equal(strftimePeriod('app-%%-%Y.%m.%d'), 86_400)
  assert.equal(strftimePeriod('app-%Y-%H'), 3600)
  assert.equal(strftimePeriod('%M'), 60)
  assert.equal(strftimePeriod('%Y-%S'), 1)
  assert.equal(strftimePeriod('app'), Infinity)
  for (const pattern of ['%Y.%m.%d', '%G-%V', '%H', '%M', '%S', '%j']) {
    const text = compileStrftime(pattern)
    const period = strftimePeriod(pattern)
    for (let from = 1_795_132_800; from < 1_795_132_800 + 400 * period; from += period) {
      assert.equal(text(from), text(from + period - 1), pattern)
    }
  }
})
