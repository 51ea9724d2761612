import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Counters, savedReplayedLetters } from '../../../src/delivery/report/counters.ts'
import { FakeBuffer } from '../../support/fake-cursor.ts'

describe('the counters', () => {
  it('that belong to the cursor are saved with it, beside what others keep there', async () => {
    const buffer = new FakeBuffer()
    const cursor = buffer.openCursor()
    cursor.state = { labels: ['pod'] }
    const counters = new Counters(cursor)
    cursor.state = { ...cursor.state, more: 1 }
    counters.possibleDuplicate(3)
    counters.deadLetter('mapping')
    counters.replay(5)
    counters.replayLetters('app', 2)
    await cursor.save()
    const again = buffer.openCursor()
    const restored = new Counters(again)
    assert.equal(restored.possibleDuplicates, 3)
    assert.deepEqual(restored.deadLettered, { mapping: 1 })
    assert.deepEqual(
      [restored.replayed, restored.replayedLetters('app'), restored.replayedLetters('web')],
      [7, 2, 0],
    )
    assert.equal(savedReplayedLetters(again.state, 'app'), 2)
    assert.deepEqual(again.state['labels'], ['pod'])
  })

  it('begin at nothing where what was saved is nonsense', () => {
    for (const saved of [null, 7, 'x', [], { possible_duplicates: -1, dead_lettered: { a: 'b', c: 1.5 } }]) {
      const cursor = new FakeBuffer().openCursor()
      cursor.state = { delivery: saved }
      const counters = new Counters(cursor)
      assert.equal(counters.possibleDuplicates, 0)
      assert.deepEqual(counters.deadLettered, {})
    }
  })

  it('do not grow with the codes of a sink that makes them up', () => {
    const counters = new Counters(new FakeBuffer().openCursor())
    for (let code = 0; code < 1000; code++) counters.request(String(code))
    assert.equal(Object.keys(counters.requests).length, 65)
    assert.equal(counters.requests['other'], 936)
  })
})
