import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { parseRfc3339 } from '../../src/parsers/time-rfc3339.ts'
import { utcTimeOfBytes } from '../../src/parsers/time-utc-bytes.ts'
import { utc } from '../../src/parsers/time-zone.ts'

function read(text: string): ReturnType<typeof utcTimeOfBytes> {
  const bytes = Buffer.from(`"${text}"9`)
  return utcTimeOfBytes(bytes, 1, bytes.length - 2)
}

test('the usual form is read as the general reader reads it', () => {
  const digits = (count: number): fc.Arbitrary<string> =>
    fc.nat(10 ** count - 1).map((value) => String(value).padStart(count, '0'))
  const fraction = fc.stringMatching(/^\.[0-9]{1,9}$/)
  const time = fc
    .tuple(digits(4), digits(2), digits(2), digits(2), digits(2), digits(2), fc.option(fraction, { nil: '' }))
    .map(
      ([year, month, day, hour, minute, second, rest]) =>
        `${year}-${month}-${day}T${hour}:${minute}:${second}${rest}Z`,
    )
  const valid = fc
    .date({ noInvalidDate: true, min: new Date(0), max: new Date('9999-12-31') })
    .map((date) => date.toISOString())
  let count = 0
  fc.assert(
    fc.property(fc.oneof(time, valid), (text) => {
      const known = read(text)
      if (known) count++
      // A leap second and years before 1 are left to the general reader.
      if (known ?? !/:60|^0000/.test(text)) assert.deepEqual(known, parseRfc3339(text, utc), text)
    }),
    { numRuns: 5000 },
  )
  assert.ok(count > 1000)
})

test('whatever else is between the quotes is not read, or read alike', () => {
  const alphabet = fc.constantFrom(...'0 1 2 3 4 5 6 7 8 9 - : T Z . + /'.split(' '), ' ')
  const near = fc
    .tuple(
      fc.constantFrom('2026-01-20T10:00:00Z', '2026-01-20T10:00:00.123456789Z'),
      fc.nat(29),
      alphabet,
      fc.nat(2),
    )
    .map(([text, at, letter, cut]) => text.slice(0, at) + letter + text.slice(at + cut))
  fc.assert(
    fc.property(fc.oneof(near, fc.string({ maxLength: 32 })), (text) => {
      const known = read(text)
      if (known) assert.deepEqual(known, parseRfc3339(text, utc), text)
    }),
    { numRuns: 5000 },
  )
  for (const text of [
    '',
    '2026-01-20T10:00:00',
    '2026-01-20 10:00:00Z',
    '2026-01-20T10:00:00.Z',
    '2026-13-20T10:00:00Z',
  ])
    assert.equal(read(text), undefined, text)
})
