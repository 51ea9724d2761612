import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { createTimeReader, isPlausible } from '../../src/parsers/time.ts'
import { formatRfc3339 } from '../../src/parsers/time-rfc3339.ts'
import { timeZone, utc } from '../../src/parsers/time-zone.ts'

const nowSeconds = Date.UTC(2026, 0, 20, 12) / 1000
const noDigits = (): undefined => undefined

function read(value: unknown, format = 'auto', zone = 'UTC'): string | undefined {
  const time = createTimeReader(format, timeZone(zone)!).read(value, noDigits, nowSeconds)
  return time && formatRfc3339(time)
}

const automatic: readonly (readonly [string, unknown, string | undefined])[] = [
  ['RFC 3339', '2026-01-20T10:00:00Z', '2026-01-20T10:00:00Z'],
  ['milliseconds', '2026-01-20T10:00:00.120Z', '2026-01-20T10:00:00.120Z'],
  ['nanoseconds', '2026-01-20T10:00:00.123456789Z', '2026-01-20T10:00:00.123456789Z'],
  [
    'more digits than nanoseconds are cut',
    '2026-01-20T10:00:00.1234567899Z',
    '2026-01-20T10:00:00.123456789Z',
  ],
  ['an offset', '2026-01-20T10:00:00.5+08:00', '2026-01-20T02:00:00.5Z'],
  ['an offset without colon', '2026-01-20T10:00:00-0330', '2026-01-20T13:30:00Z'],
  ['an offset of hours', '2026-01-20T10:00:00+08', '2026-01-20T02:00:00Z'],
  ['lower case', '2026-01-20t10:00:00z', '2026-01-20T10:00:00Z'],
  ['a space', '2026-01-20 10:00:00', '2026-01-20T10:00:00Z'],
  ['an underscore', '2026-01-20_10:00:00', '2026-01-20T10:00:00Z'],
  ['Python', '2026-01-20 10:00:00,123', '2026-01-20T10:00:00.123Z'],
  ['Go', '2026-01-20 10:00:00.5 +0000 UTC', '2026-01-20T10:00:00.5Z'],
  ['Java', '2026-01-20T10:00:00+01:00[Europe/Berlin]', '2026-01-20T09:00:00Z'],
  ['nginx error log', '2026/01/20 10:00:00', '2026-01-20T10:00:00Z'],
  ['no seconds', '2026-01-20T10:00Z', '2026-01-20T10:00:00Z'],
  ['spaces around', '  2026-01-20T10:00:00Z ', '2026-01-20T10:00:00Z'],
  ['a leap second', '2016-12-31T23:59:60Z', '2017-01-01T00:00:00Z'],
  ['a leap day', '2024-02-29T00:00:00Z', '2024-02-29T00:00:00Z'],
  ['no such day', '2026-02-29T00:00:00Z', undefined],
  ['no such month', '2026-13-01T00:00:00Z', undefined],
  ['no such hour', '2026-01-20T24:00:00Z', undefined],
  ['a date alone', '2026-01-20', undefined],
  ['a time alone', '10:00:00', undefined],
  ['a dot without digits', '2026-01-20T10:00:00.Z', undefined],
  ['rubbish behind', '2026-01-20T10:00:00Zx', undefined],
  ['rubbish', 'rubbish', undefined],
  ['nothing', '', undefined],
  ['letters for digits', '2o26-01-20T10:00:00Z', undefined],
  ['seconds', 1_768_903_200, '2026-01-20T10:00:00Z'],
  ['milliseconds', 1_768_903_200_123, '2026-01-20T10:00:00.123Z'],
  ['microseconds', 1_768_903_200_123_456, '2026-01-20T10:00:00.123456Z'],
  ['seconds as text', '1768903200', '2026-01-20T10:00:00Z'],
  ['seconds with a fraction as text', '1768903200.120', '2026-01-20T10:00:00.120Z'],
  ['milliseconds with a fraction as text', '1768903200123.25', '2026-01-20T10:00:00.12325Z'],
  ['nanoseconds as text', '1768903200123456789', '2026-01-20T10:00:00.123456789Z'],
  ['before 1970', -1, '1969-12-31T23:59:59Z'],
  ['before 1970 with a fraction', '-1.25', '1969-12-31T23:59:58.75Z'],
  ['an infinite number', Infinity, undefined],
  ['not a number', NaN, undefined],
  ['true', true, undefined],
  ['null', null, undefined],
  ['a list', ['2026-01-20T10:00:00Z'], undefined],
  ['an object of seconds and nanos', { seconds: 1_768_903_200, nanos: 5 }, '2026-01-20T10:00:00.000000005Z'],
  ['nginx access log', '20/Jan/2026:10:00:00 +0800', '2026-01-20T02:00:00Z'],
  ['HTTP', 'Tue, 20 Jan 2026 10:00:00 GMT', '2026-01-20T10:00:00Z'],
  ['mail', 'Tue, 20 Jan 2026 10:00:00 +0100', '2026-01-20T09:00:00Z'],
  ['ctime', 'Tue Jan 20 10:00:00 2026', '2026-01-20T10:00:00Z'],
  ['date(1)', 'Tue Jan  6 10:00:00 UTC 2026', '2026-01-06T10:00:00Z'],
  ['syslog', 'Jan 20 10:00:00', '2026-01-20T10:00:00Z'],
  ['syslog of last year', 'Dec 31 23:59:59', '2025-12-31T23:59:59Z'],
  ['ISO, basic form', '20260120T100000Z', '2026-01-20T10:00:00Z'],
  ["Python's http.server", '20/Jan/2026 10:00:00', '2026-01-20T10:00:00Z'],
  ['Redis', '20 Jan 2026 10:00:00.123', '2026-01-20T10:00:00.123Z'],
  ['Tomcat', '20-Jan-2026 10:00:00.123', '2026-01-20T10:00:00.123Z'],
  ['klog', '0120 10:00:00.123456', '2026-01-20T10:00:00.123456Z'],
  ['klog of last year', '1231 10:00:00.123456', '2025-12-31T10:00:00.123456Z'],
  ['glog', '20260120 10:00:00.123456', '2026-01-20T10:00:00.123456Z'],
  ['Cisco', 'Jan 20 2026 10:00:00', '2026-01-20T10:00:00Z'],
  ['journald, short-precise', 'Jan 20 10:00:00.123456', '2026-01-20T10:00:00.123456Z'],
  ['journald, short-full', 'Tue 2026-01-20 10:00:00 UTC', '2026-01-20T10:00:00Z'],
  ['a leap second in UTC with an offset', '2017-01-01T00:59:60+01:00', '2017-01-01T00:00:00Z'],
  ['a leap second in an access log', '31/Dec/2016:23:59:60 +0000', '2017-01-01T00:00:00Z'],
  ['no such second', '2026-01-20T10:00:61Z', undefined],
  ['MongoDB', { $date: '2026-01-20T10:00:00.123+01:00' }, '2026-01-20T09:00:00.123Z'],
  ['MongoDB, as a number', { $date: 1_768_903_200_123 }, '2026-01-20T10:00:00.123Z'],
  ['MongoDB, but no date', { $date: { $numberLong: '1' } }, undefined],
  ['a text of 100,000 letters', 'J'.repeat(100_000), undefined],
]

for (const [what, value, expected] of automatic) {
  test(`a time is read by itself: ${what}: ${String(value).slice(0, 40)}`, () => {
    assert.equal(read(value), expected)
  })
}

test('a number beyond 2^53 is read from its digits', () => {
  const reader = createTimeReader('auto', utc)
  const time = reader.read(Number('1768903200123456789'), () => '1768903200123456789', nowSeconds)
  assert.deepEqual(time, { seconds: 1_768_903_200, nanos: 123_456_789, precision: 9 })
})

test('a fraction keeps the zeros at its end', () => {
  const time = createTimeReader('auto', utc).read(1_768_903_200.1, () => '1768903200.100', nowSeconds)
  assert.deepEqual(time, { seconds: 1_768_903_200, nanos: 100_000_000, precision: 3 })
})

const formats: readonly (readonly [string, string, string | undefined])[] = [
  ['%Y-%m-%d %H:%M:%S', '2026-01-20 10:00:00', '2026-01-20T10:00:00Z'],
  ['%d.%m.%y %T,%f', '20.01.26 10:00:00,5', '2026-01-20T10:00:00.5Z'],
  ['%F %T.%L %z', '2026-01-20 10:00:00.123 +0800', '2026-01-20T02:00:00.123Z'],
  ['%D %I:%M:%S %p', '01/20/26 12:30:00 AM', '2026-01-20T00:30:00Z'],
  ['%D %I:%M:%S %p', '01/20/26 12:30:00 pm', '2026-01-20T12:30:00Z'],
  ['%A, %d %B %Y %R', 'Tuesday, 20 January 2026 10:00', '2026-01-20T10:00:00Z'],
  ['%a %b %e %T %Z %Y', 'Tue Jan  6 10:00:00 PST 2026', '2026-01-06T18:00:00Z'],
  ['%Y-%j %H:%M:%S', '2026-020 10:00:00', '2026-01-20T10:00:00Z'],
  ['%s.%f', '1768903200.25', '2026-01-20T10:00:00.25Z'],
  ['%s', '1768903200', '2026-01-20T10:00:00Z'],
  ['[%d/%b/%Y:%H:%M:%S %z]', '[20/Jan/2026:10:00:00 +0000]', '2026-01-20T10:00:00Z'],
  ['%Y%n%m%t%d%%%H', '2026  01\t20%10', '2026-01-20T10:00:00Z'],
  ['%b %d %H:%M:%S', 'Dec 31 10:00:00', '2025-12-31T10:00:00Z'],
  ['%H:%M:%S', '11:00:00', '2026-01-20T11:00:00Z'],
  ['%H:%M:%S', '10:00', undefined],
  ['%Y-%m-%d', '2026-02-30', undefined],
  ['%Y-%m-%d', '2026-02-20 rest', undefined],
  ['%-d.%-m.%Y %_H:%M', '2.1.2026  9:05', '2026-01-02T09:05:00Z'],
  ['%x %X', '01/20/26 10:00:00', '2026-01-20T10:00:00Z'],
  ['%v %R', '20-Jan-2026 10:00', '2026-01-20T10:00:00Z'],
  ['%+', 'Tue Jan 20 10:00:00 CET 2026', '2026-01-20T09:00:00Z'],
  ['%Ey-%Om-%Od', '26-01-20', '2026-01-20T00:00:00Z'],
  ['%F %T.%3N%:z', '2026-01-20 10:00:00.123+01:00', '2026-01-20T09:00:00.123Z'],
  ['%F %T.%6L', '2026-01-20 10:00:00.123456', '2026-01-20T10:00:00.123456Z'],
  ['%G-W%V-%u', '2026-W04-2', '2026-01-20T00:00:00Z'],
  ['%G-W%V-%u', '2020-W53-7', '2021-01-03T00:00:00Z'],
  ['%Y %U %w', '2026 03 2', '2026-01-20T00:00:00Z'],
  ['%Y %W %a', '2026 03 Tue', '2026-01-20T00:00:00Z'],
  ['%Y %W %u', '2026 00 4', '2026-01-01T00:00:00Z'],
  ['%G-W%V-%u', '2026-W00-1', undefined],
  ['%F %I:%M %p', '2026-01-20 13:00 PM', undefined],
  ['%F %I:%M %p', '2026-01-20 00:00 AM', undefined],
  ['%Y-%j', '2026-000', undefined],
  ['%Y-%j', '2026-366', undefined],
  ['%Y-%j', '2024-366', '2024-12-31T00:00:00Z'],
  ['%F %H:%M:%S', '2016-12-31 23:59:60', '2017-01-01T00:00:00Z'],
  ['%b %d %H:%M:%S', 'Feb 29 10:00:00', '2024-02-29T10:00:00Z'],
  // Within a day ahead a time is of the year to come: another clock may be there already.
  ['%b %d %H:%M:%S', 'Jan 21 11:59:59', '2026-01-21T11:59:59Z'],
  ['%b %d %H:%M:%S', 'Jan 21 12:00:01', '2025-01-21T12:00:01Z'],
  // A year alone: its first day is not guessed.
  ['%y', '70', undefined],
  ['%Y-%m-%d %H:%M:%S.%N', '2026-01-20 10:00:00.123456789', '2026-01-20T10:00:00.123456789Z'],
  ['unix', '1768903200', '2026-01-20T10:00:00Z'],
  ['unix_ms', '1768903200123', '2026-01-20T10:00:00.123Z'],
  ['rfc3339', '1768903200', undefined],
]

for (const [format, text, expected] of formats) {
  test(`the format ${format} reads ${text}`, () => {
    assert.equal(read(text, format), expected)
  })
}

test('a strptime format reads a number by its digits', () => {
  const time = createTimeReader('%Y%m%d%H%M%S', utc).read(20_260_120_100_000, noDigits, nowSeconds)
  assert.equal(time && formatRfc3339(time), '2026-01-20T10:00:00Z')
})

test('a unit that is given holds for numbers of any size', () => {
  assert.equal(read(5000, 'unix_ms'), '1970-01-01T00:00:05.000Z')
})

const zones: readonly (readonly [string, string, string])[] = [
  ['Europe/Berlin', '2026-01-20 10:00:00', '2026-01-20T09:00:00Z'],
  ['Europe/Berlin', '2025-07-20 10:00:00', '2025-07-20T08:00:00Z'],
  ['Asia/Kolkata', '2026-01-20 10:00:00', '2026-01-20T04:30:00Z'],
  ['+08:00', '2026-01-20 10:00:00', '2026-01-20T02:00:00Z'],
  ['-0330', '2026-01-20 10:00:00', '2026-01-20T13:30:00Z'],
  // Clocks show 02:30 twice on 2025-10-26 in Berlin: the first of the two.
  ['Europe/Berlin', '2025-10-26 02:30:00', '2025-10-26T00:30:00Z'],
  ['America/New_York', '2025-11-02 01:30:00', '2025-11-02T05:30:00Z'],
  // They skip 02:30 on 2025-03-30: read with the offset before the jump.
  ['Europe/Berlin', '2025-03-30 02:30:00', '2025-03-30T01:30:00Z'],
  ['Europe/Berlin', '2025-03-30 03:30:00', '2025-03-30T01:30:00Z'],
  ['Australia/Lord_Howe', '2026-01-20 10:00:00', '2026-01-19T23:00:00Z'],
]

for (const [zone, text, expected] of zones) {
  test(`a time without an offset is of its zone: ${text} in ${zone}`, () => {
    assert.equal(read(text, 'auto', zone), expected)
  })
}

test('on New Year a line without a year is of the year that is nearer', () => {
  const readAt = (text: string, now: string): string | undefined => {
    const time = createTimeReader('auto', utc).read(text, noDigits, Date.parse(now) / 1000)
    return time && formatRfc3339(time)
  }
  assert.equal(readAt('Dec 31 23:59:59', '2026-01-01T00:00:01Z'), '2025-12-31T23:59:59Z')
  assert.equal(readAt('Jan  1 00:00:01', '2025-12-31T23:59:59Z'), '2026-01-01T00:00:01Z')
  assert.equal(readAt('Jan  1 00:00:01', '2026-01-01T00:00:02Z'), '2026-01-01T00:00:01Z')
})

test('a whole day that a zone skipped is read with the offset from before it', () => {
  assert.equal(read('2011-12-30 12:00:00', 'auto', 'Pacific/Apia'), '2011-12-30T22:00:00Z')
  assert.equal(read('2011-12-31 12:00:00', 'auto', 'Pacific/Apia'), '2011-12-30T22:00:00Z')
})

test('around a change of the clocks every hour is read as it was', () => {
  const hours = ['00:30', '01:30', '02:30', '03:30', '04:30']
  const inBerlin = (day: string): (string | undefined)[] =>
    hours.map((hour) => read(`${day} ${hour}:00`, 'auto', 'Europe/Berlin')?.slice(11, 16))
  assert.deepEqual(inBerlin('2025-03-30'), ['23:30', '00:30', '01:30', '01:30', '02:30'])
  assert.deepEqual(inBerlin('2025-10-26'), ['22:30', '23:30', '00:30', '02:30', '03:30'])
  // An offset that is written leaves no doubt which of the two it was.
  assert.equal(read('2025-10-26T02:30:00+01:00', 'auto', 'Europe/Berlin'), '2025-10-26T01:30:00Z')
})

test('an unknown zone is none', () => {
  assert.equal(timeZone('Mars/Olympus'), undefined)
  assert.equal(timeZone('+99:00'), undefined)
})

test('times before 2000 and over a day ahead are not believed', () => {
  const at = (seconds: number): boolean => isPlausible({ seconds, nanos: 0, precision: 0 }, nowSeconds)
  assert.equal(at(946_684_799), false)
  assert.equal(at(946_684_800), true)
  assert.equal(at(nowSeconds + 86_400), true)
  assert.equal(at(nowSeconds + 86_401), false)
})

test('every instant comes back from its own text', () => {
  const instants = fc.record({
    seconds: fc.integer({ min: 0, max: 253_402_300_799 }),
    nanos: fc.integer({ min: 0, max: 999_999_999 }),
  })
  fc.assert(
    fc.property(instants, (instant) => {
      const time = { ...instant, precision: 9 }
      const text = formatRfc3339(time)
      assert.deepEqual(createTimeReader('auto', utc).read(text, noDigits, nowSeconds), time)
    }),
    { numRuns: 300 },
  )
})

test('RFC 3339 is read as Date reads it', () => {
  const dates = fc.date({ min: new Date('1970-01-01'), max: new Date('2105-01-01'), noInvalidDate: true })
  fc.assert(
    fc.property(dates, fc.integer({ min: -14 * 60, max: 14 * 60 }), (date, offset) => {
      const sign = offset < 0 ? '-' : '+'
      const size = Math.abs(offset)
      const zone = `${sign}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
      const text = date.toISOString().replace('Z', zone)
      const time = createTimeReader('auto', utc).read(text, noDigits, nowSeconds)
      assert.equal(time!.seconds * 1000 + time!.nanos / 1e6, Date.parse(text))
    }),
    { numRuns: 300 },
  )
})

test('no text makes a reader throw', () => {
  fc.assert(
    fc.property(
      fc.oneof(fc.string(), fc.stringMatching(/^[0-9T:.,+Z /-]{0,40}$/), fc.anything()),
      (value) => {
        const time = createTimeReader('auto', utc).read(value, noDigits, nowSeconds)
        if (time)
          assert.ok(
            time.nanos >= 0 && time.nanos < 1e9 && time.precision <= 9 && Number.isSafeInteger(time.seconds),
          )
      },
    ),
    { numRuns: 1000 },
  )
})
