import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { limits } from '../../../src/core/limits.ts'
import { backoffMs, retryDelayMs } from '../../../src/delivery/pace/backoff.ts'

const range = { min: 500, max: 30_000 }
const jitter = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

describe('the backoff', () => {
  it('doubles its ceiling up to the maximum', () => {
    const ceilings = [1, 2, 3, 4, 5, 6, 7, 8, 5000].map((failures) => backoffMs(failures, range, 1))
    assert.deepEqual(ceilings, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000])
  })

  it('is drawn from the whole range below the ceiling', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), jitter, (failures, drawn) => {
        const delay = backoffMs(failures, range, drawn)
        assert.ok(delay >= 0 && delay <= Math.min(30_000, 500 * 2 ** (failures - 1)))
      }),
    )
    assert.equal(backoffMs(3, range, 0), 0)
    assert.equal(backoffMs(3, range, 0.25), 500)
  })

  it('brings back a fleet evenly: no 100 ms have more than chance would give', () => {
    const counts = new Map<number, number>()
    const agents = 10_000
    for (let agent = 0; agent < agents; agent++) {
      const slot = Math.floor(backoffMs(5, range, agent / agents) / 100)
      counts.set(slot, (counts.get(slot) ?? 0) + 1)
    }
    assert.equal(counts.size, 80)
    assert.ok([...counts.values()].every((count) => Math.abs(count - agents / 80) <= 1))
  })

  it('gives way to Retry-After, which is cut, and passed over where it is nonsense', () => {
    assert.equal(retryDelayMs(1, range, 0, 2000), 2000)
    assert.equal(retryDelayMs(1, range, 0.5, 2000), 2250)
    assert.equal(retryDelayMs(1, range, 0, 3600_000), limits.retryAfterMs)
    for (const nonsense of [-1, 0, NaN, undefined]) assert.equal(retryDelayMs(2, range, 0.5, nonsense), 500)
  })
})
