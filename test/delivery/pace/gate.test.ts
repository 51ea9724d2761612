import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Gate } from '../../../src/delivery/pace/gate.ts'
import { FakeClock } from '../../support/fake-clock.ts'

const failure = { isWholeSink: true, retryAfterMs: undefined, jitter: 0.5 }

function newGate(): { gate: Gate; clock: FakeClock } {
  const clock = new FakeClock()
  return { gate: new Gate(clock, { min: 500, max: 30_000 }), clock }
}

describe('the gate', () => {
  it('lets everything through while the sink is well', () => {
    const { gate } = newGate()
    gate.started()
    gate.started()
    assert.equal(gate.waitMs, 0)
    assert.equal(gate.isFailing, false)
  })

  it('counts requests that fail together as one round', async () => {
    const { gate, clock } = newGate()
    const rounds = [gate.started(), gate.started(), gate.started()]
    for (const round of rounds) gate.ended(round, failure)
    assert.equal(gate.waitMs, 250)
    await clock.advance(250)
    assert.equal(gate.waitMs, 0)
    const probe = gate.started()
    assert.equal(gate.waitMs, undefined, 'one probe at a time')
    gate.ended(probe, failure)
    assert.equal(gate.waitMs, 500)
  })

  it('opens when anything passes, and begins anew afterwards', async () => {
    const { gate, clock } = newGate()
    const early = gate.started()
    gate.ended(gate.started(), failure)
    await clock.advance(100)
    assert.equal(gate.failingSinceMs, 0)
    gate.ended(early, 'passed')
    assert.equal(gate.failingSinceMs, undefined)
    assert.equal(gate.waitMs, 0)
    gate.ended(gate.started(), failure)
    assert.equal(gate.waitMs, 250)
    assert.equal(gate.failingSinceMs, 100)
  })

  it('a request that says nothing about the sink only ends the probe', () => {
    const { gate } = newGate()
    gate.ended(gate.started(), { ...failure, jitter: 0 })
    const probe = gate.started()
    gate.ended(probe, undefined)
    assert.equal(gate.waitMs, 0)
    assert.equal(gate.isFailing, true)
  })

  it('stays closed while blocked, however often', () => {
    const { gate } = newGate()
    gate.block()
    gate.block()
    gate.unblock()
    assert.equal(gate.waitMs, undefined)
    assert.equal(gate.isFailing, true)
    gate.unblock()
    assert.equal(gate.waitMs, 0)
    assert.equal(gate.isFailing, false)
  })
})
