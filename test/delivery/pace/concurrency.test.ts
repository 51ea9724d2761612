import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Concurrency } from '../../../src/delivery/pace/concurrency.ts'

describe('the concurrency', () => {
  it('begins at one and grows by one for each round that goes well, to the most', () => {
    const concurrency = new Concurrency(4)
    assert.equal(concurrency.limit, 1)
    const limits = Array.from({ length: 12 }, () => {
      concurrency.raise()
      return concurrency.limit
    })
    assert.deepEqual(limits.slice(0, 3), [2, 2, 2])
    assert.equal(limits.at(-1), 4)
  })

  it('halves once for a burst of refusals, and never goes below one', () => {
    const concurrency = new Concurrency(8)
    for (let index = 0; index < 100; index++) concurrency.raise()
    assert.equal(concurrency.limit, 8)
    for (const startedMs of [1, 2, 3]) concurrency.lower(startedMs, 10)
    assert.equal(concurrency.limit, 4)
    for (let nowMs = 11; nowMs < 30; nowMs++) concurrency.lower(nowMs, nowMs)
    assert.equal(concurrency.limit, 1)
  })
})
