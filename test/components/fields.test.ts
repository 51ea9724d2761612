import assert from 'node:assert/strict'
import { test } from 'node:test'
import { z } from 'zod'
import { duration, networkSinkFields, parseBytes, parseDuration, size } from '../../src/components/fields.ts'

test('sizes are read in both families of units, and rounded to bytes', () => {
  const sizes: readonly (readonly [string | number, number])[] = [
    ['5MiB', 5_242_880],
    ['5MB', 5_000_000],
    ['1.5KiB', 1536],
    ['0.3B', 0],
    [' 2 GiB ', 2_147_483_648],
    ['1TiB', 1_099_511_627_776],
    [4096, 4096],
    [0, 0],
  ]
  for (const [text, bytes] of sizes) assert.equal(parseBytes(text), bytes, String(text))
})

test('durations are read in every unit, in milliseconds', () => {
  const durations: readonly (readonly [string | number, number])[] = [
    ['500ms', 500],
    ['5s', 5000],
    ['1m', 60_000],
    ['2h', 7_200_000],
    ['7d', 604_800_000],
    ['0.5s', 500],
    [1.4, 1],
  ]
  for (const [text, ms] of durations) assert.equal(parseDuration(text), ms, String(text))
})

test('what is no quantity is none, instead of a wrong number', () => {
  for (const text of ['', '5', 'MiB', '5 parsecs', '-5s', '1e3s', '5mib', '5constructor', '5 s s'])
    assert.equal(parseBytes(text) ?? parseDuration(text), undefined, text)
  for (const number of [-1, NaN, Infinity]) {
    assert.equal(parseBytes(number), undefined)
    assert.equal(parseDuration(number), undefined)
  }
})

test('a field says what it expects, holds its bounds, and fills in its default', () => {
  const wait = duration('1s', 'A wait.', { min: 10, max: 5000 })
  assert.equal(wait.parse(undefined), 1000)
  const problemOf = (value: unknown): string | undefined => wait.safeParse(value).error?.issues[0]?.message
  assert.equal(problemOf('2 weeks'), 'expected a duration such as "500ms", "5s", "1m" or "7d"')
  assert.equal(problemOf(null), 'expected a duration such as "500ms", "5s", "1m" or "7d"')
  assert.equal(problemOf('1ms'), 'must be between 10ms and 5s')
  assert.equal(problemOf('6s'), 'must be between 10ms and 5s')
  assert.equal(problemOf('5s'), undefined)
  const cap = size('1KiB', 'A size.', { min: 1 })
  assert.equal(cap.safeParse(0).error?.issues[0]?.message, 'must be at least 1B')
})

test('a bound is named in the units that people write, never as "between 4194304 and any"', () => {
  const problem = size('1GiB', 'A size.', { min: 4 * 1024 ** 2 }).safeParse('1KiB').error?.issues[0]
  assert.equal(problem?.message, 'must be at least 4MiB')
})

test("a network sink has the contract's defaults", () => {
  const fields = z.strictObject(networkSinkFields({ maxBytes: '5MiB', timeout: '90s' })).parse({})
  assert.deepEqual(fields, {
    tls: { ca_file: null, cert_file: null, key_file: null, verify: true },
    headers: {},
    proxy: null,
    batch: { max_bytes: 5_242_880, max_events: 5000, max_wait: 1000 },
    retry: { min: 500, max: 30_000 },
    timeout: 90_000,
    max_in_flight: 4,
    when_full: 'block',
  })
})
