import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as fc from 'fast-check'
import { Bumps } from '../../src/lanes/bumps.ts'

/** An own time by its nanoseconds behind the second 1000, or a reading, by the clock's milliseconds. */
type Line = { readonly own: number } | { readonly readMs: number }

/** Loki's times of the lines, as nanoseconds behind the second 1000. */
function lokiTimes(lines: readonly Line[]): number[] {
  const bumps = new Bumps({ seconds: 0, nanos: 0 }, 0)
  const instant = (nanos: number) => ({
    seconds: 1000 + Math.floor(nanos / 1e9),
    nanos: nanos - Math.floor(nanos / 1e9) * 1e9,
  })
  return lines.map((line) =>
    'own' in line
      ? line.own + bumps.next(instant(line.own))
      : line.readMs * 1e6 + bumps.nextOfReading(instant(line.readMs * 1e6)),
  )
}

const isAscending = (times: readonly number[]): boolean =>
  times.every((time, index) => index === 0 || time > times[index - 1]!)

test('a line without a time, read in the very millisecond that its neighbours name, leaves them in order at Loki', () => {
  const own = { own: 500 }
  assert.deepEqual(lokiTimes([own, own, { readMs: 0 }, own, { own: 501 }]), [500, 501, 502, 503, 504])
})

test('equal lines at equal times are as many at Loki, though lines without a time stand between them', () => {
  const own = { own: 0 }
  const [first, , second, , third] = lokiTimes([own, { readMs: 123 }, own, { readMs: 123 }, own])
  assert.deepEqual([first, second, third], [0, 1, 2])
})

test('a time ahead of the clock of reading does not draw the times of reading along', () => {
  const ahead = { own: 3_600e9 }
  assert.deepEqual(lokiTimes([ahead, { readMs: 5 }, ahead, { readMs: 5 }]), [
    3_600e9,
    5e6,
    3_600e9 + 1,
    5e6 + 1,
  ])
})

const sortedNanos = fc
  .array(fc.oneof(fc.nat(3), fc.nat(2_000_000), fc.constantFrom(999_999, 1_000_000, 1_000_001)), {
    maxLength: 30,
  })
  .map((times) => times.toSorted((a, b) => a - b))

test('own times that do not go back stay in order, and so do times of reading, however they are mixed', () => {
  const lines = fc.array(fc.oneof(fc.constant('own' as const), fc.nat(3)), { maxLength: 60 })
  fc.assert(
    fc.property(sortedNanos, lines, (times, order) => {
      let [clockMs, used] = [0, 0]
      const mixed = order.flatMap((each): Line[] => {
        if (each !== 'own') return [{ readMs: (clockMs += each === 3 ? 1 : 0) }]
        const own = times[used++]
        return own === undefined ? [] : [{ own }]
      })
      const loki = lokiTimes(mixed)
      const of = (kind: string): number[] => loki.filter((_, index) => kind in mixed[index]!)
      assert.ok(isAscending(of('own')), `own: ${JSON.stringify(mixed)} ${loki.join()}`)
      assert.ok(isAscending(of('readMs')), `reading: ${JSON.stringify(mixed)} ${loki.join()}`)
    }),
    { numRuns: 1000 },
  )
})

test('lines of a live file, whose times are those of the reading to the nanosecond, keep their order at Loki', () => {
  const lines = fc.array(fc.tuple(fc.boolean(), fc.constantFrom(0, 0, 1, 400_000, 1_200_000)), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(lines, (all) => {
      let now = 0
      const live = all.map(([isOwn, passed]): Line => {
        now += passed
        return isOwn ? { own: now } : { readMs: Math.floor(now / 1e6) }
      })
      assert.ok(isAscending(lokiTimes(live)), JSON.stringify(live))
    }),
    { numRuns: 1000 },
  )
})
