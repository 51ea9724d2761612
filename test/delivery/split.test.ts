import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import type { Outcome } from '../../src/core/outcome.ts'
import { FakeSink, accepted, hang, poison, refusedItem, tooLarge } from '../support/fake-sink.ts'
import { harness, numbered, settledAs, started, turns } from './harness.ts'

describe('splitting', () => {
  it('finds exactly the poisoned events, and sends the others', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.nat(99), { maxLength: 12 }), async (culprits) => {
        const bad = new Set(culprits.map((index) => `line ${index}`))
        const sink = new FakeSink({ limits: { maxEvents: 100 } })
        sink.answer = ({ lines }) => (lines.some((line) => bad.has(line)) ? poison : accepted)
        const { cursor, deadLetters, delivery } = await started({ sink }, numbered(100))
        assert.equal(await delivery.settled(new AbortController().signal), true)
        assert.deepEqual(deadLetters.lines.sort(), [...bad].sort())
        assert.equal(settledAs(cursor, 'dead_lettered').length, bad.size)
        assert.equal(settledAs(cursor, 'acknowledged').length, 100 - bad.size)
      }),
      { numRuns: 25 },
    )
  })

  it('halves on 413 until it fits, remembers the size for ten minutes, then tries more again', async () => {
    const sink = new FakeSink({ limits: { maxBytes: 64_000, maxEvents: 10_000 } })
    const largest: number[] = []
    sink.answer = ({ rawBytes }) => {
      largest.push(rawBytes)
      return rawBytes > 10_000 ? tooLarge : accepted
    }
    const lines = Array.from({ length: 64 }, (_, index) => String(index).padEnd(1000, '.'))
    const { clock, buffer, cursor, delivery } = await started({ sink }, lines)
    assert.equal(await delivery.settled(new AbortController().signal), true)
    assert.equal(settledAs(cursor, 'acknowledged').length, 64)
    const before = largest.length
    buffer.append(lines)
    await delivery.settled(new AbortController().signal)
    assert.ok(Math.max(...largest.slice(before)) <= 10_000, 'no 413 while the size is known')
    await clock.advance(10 * 60_000)
    const after = largest.length
    buffer.append(lines)
    await delivery.settled(new AbortController().signal)
    assert.ok(Math.max(...largest.slice(after)) > 10_000, 'a larger one is tried')
    assert.equal(cursor.lag().events, 0)
  })

  it('a single event that is too large is a dead letter', async () => {
    const sink = new FakeSink()
    sink.answer = ({ lines }) => (lines.includes('large') ? tooLarge : accepted)
    const { cursor, clock, deadLetters } = await started({ sink }, ['a', 'large', 'b'])
    await clock.advance(1000)
    assert.deepEqual(deadLetters.lines, ['large'])
    assert.equal([...deadLetters.letters.values()][0]!.reason, 'too_large')
    assert.deepEqual(settledAs(cursor, 'acknowledged').sort(), ['a', 'b'])
  })

  it('whatever `single` says becomes of the single event', async () => {
    const singles: [Outcome, string][] = [
      [{ kind: 'accepted' }, 'acknowledged'],
      [refusedItem, 'dead_lettered'],
    ]
    for (const [single, as] of singles) {
      const sink = new FakeSink({ answer: () => ({ kind: 'split', code: '400', why: 'poison', single }) })
      const { cursor, clock } = await started({ sink }, ['a', 'b', 'c'])
      await clock.advance(1000)
      await turns()
      assert.equal(settledAs(cursor, as).length, 3)
    }
  })

  it('a large body that gets no answer three times is halved', async () => {
    const sink = new FakeSink({ sizeOf: () => 300_000, limits: { maxBytes: 8 * 1024 ** 2 } })
    sink.answer = ({ lines }) => (lines.length > 4 ? hang() : accepted)
    const { clock, cursor } = await started({ sink }, numbered(8))
    await clock.advance(40_000)
    assert.equal(cursor.lag().events, 0)
    assert.deepEqual(
      sink.requests.map(({ lines }) => lines.length),
      [8, 8, 8, 4, 4],
    )
  })

  it('a small body that gets no answer is not halved', async () => {
    const parts = harness({ sink: new FakeSink({ answer: hang }) })
    parts.buffer.append(numbered(8))
    parts.delivery.start()
    await parts.clock.advance(200_000)
    assert.ok(parts.sink.requests.every(({ lines }) => lines.length === 8))
  })
})
