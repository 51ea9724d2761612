import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createTimeReader } from '../../src/parsers/time.ts'
import { formatRfc3339 } from '../../src/parsers/time-rfc3339.ts'
import { TimePatternError } from '../../src/parsers/time-strptime.ts'
import { timeZone, utc } from '../../src/parsers/time-zone.ts'

const nowSeconds = Date.UTC(2026, 0, 20, 12) / 1000
const noDigits = (): undefined => undefined

function read(text: string, layout: string, zone = 'UTC'): string | undefined {
  const time = createTimeReader(layout, timeZone(zone)!).read(text, noDigits, nowSeconds)
  return time && formatRfc3339(time)
}

const layouts: readonly (readonly [string, string, string | undefined])[] = [
  ['2006-01-02T15:04:05Z07:00', '2026-01-20T10:00:00Z', '2026-01-20T10:00:00Z'],
  ['2006-01-02T15:04:05Z07:00', '2026-01-20T10:00:00+01:00', '2026-01-20T09:00:00Z'],
  // Go takes a fraction behind the seconds that the layout does not name.
  ['2006-01-02T15:04:05Z07:00', '2026-01-20T10:00:00.25+01:00', '2026-01-20T09:00:00.25Z'],
  ['2006-01-02T15:04:05.000Z07:00', '2026-01-20T10:00:00.123Z', '2026-01-20T10:00:00.123Z'],
  ['2006-01-02T15:04:05.999999999Z07:00', '2026-01-20T10:00:00Z', '2026-01-20T10:00:00Z'],
  ['2006-01-02 15:04:05,000', '2026-01-20 10:00:00,123', '2026-01-20T10:00:00.123Z'],
  ['Jan _2 15:04:05.000', 'Jan 20 10:00:00.123', '2026-01-20T10:00:00.123Z'],
  ['Jan _2 15:04:05', 'Jan  2 10:00:00', '2026-01-02T10:00:00Z'],
  ['Jan _2 15:04:05', 'Dec 31 23:59:59', '2025-12-31T23:59:59Z'],
  ['02/Jan/2006:15:04:05 -0700', '20/Jan/2026:10:00:00 +0800', '2026-01-20T02:00:00Z'],
  ['Monday, 02-Jan-06 15:04:05 MST', 'Tuesday, 20-Jan-26 10:00:00 PST', '2026-01-20T18:00:00Z'],
  ['Mon Jan _2 15:04:05 MST 2006', 'Tue Jan 20 10:00:00 UTC 2026', '2026-01-20T10:00:00Z'],
  ['January 2, 2006 3:04:05 PM', 'January 20, 2026 12:04:05 AM', '2026-01-20T00:04:05Z'],
  ['1/2/2006 03:04 pm', '1/20/2026 01:04 pm', '2026-01-20T13:04:00Z'],
  ['2006-002 15:04', '2026-020 10:00', '2026-01-20T10:00:00Z'],
  ['20060102150405', '20260120100000', '2026-01-20T10:00:00Z'],
  ['3:04PM', '11:04AM', '2026-01-20T11:04:00Z'],
  ['2006-01-02 15:04:05', '2026-02-30 10:00:00', undefined],
  ['2006-01-02 15:04:05', '2026-01-20T10:00:00', undefined],
  ['2006-01-02 15:04:05', '2026-01-20 10:00:00 rest', undefined],
  ['January 2, 2006 3:04 PM', 'January 20, 2026 13:04 PM', undefined],
  ['RFC1123Z', 'Tue, 20 Jan 2026 10:00:00 +0100', '2026-01-20T09:00:00Z'],
  ['StampMicro', 'Jan 20 10:00:00.123456', '2026-01-20T10:00:00.123456Z'],
  ['ANSIC', 'Tue Jan 20 10:00:00 2026', '2026-01-20T10:00:00Z'],
]

for (const [layout, text, expected] of layouts) {
  test(`the layout ${layout} reads ${text}`, () => {
    assert.equal(read(text, layout), expected)
  })
}

test('a layout without a zone is of the configured one', () => {
  assert.equal(read('2026-01-20 10:00:00', '2006-01-02 15:04:05', 'Europe/Berlin'), '2026-01-20T09:00:00Z')
})

for (const layout of ['iso', 'yyyy-MM-dd HH:mm:ss', '2006', 'Monday', '', '05']) {
  test(`is no layout: ${JSON.stringify(layout)}`, () => {
    assert.throws(() => createTimeReader(layout, utc), TimePatternError)
  })
}

test('no layout and no text make a reader throw anything else', () => {
  const part = fc.constantFrom(
    ...'2006 01 02 15 03 04 05 Jan Mon PM Z07:00 -0700 .000 .999 _2 __2 MST'.split(' '),
    ' ',
    '-',
    ':',
    'x',
  )
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), fc.string(), (parts, text) => {
      try {
        createTimeReader(parts.join(''), utc).read(text, noDigits, nowSeconds)
      } catch (error) {
        assert.ok(error instanceof TimePatternError)
      }
    }),
    { numRuns: 1000 },
  )
})
