import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Holes } from '../../../src/buffer/log/holes.ts'

const at = (from: number, to: number, generation = 'a') => ({ generation, from, to })

test('a stretch is told once, however often its damage is met', () => {
  const holes = new Holes()
  assert.ok(holes.add(at(10, 20), 1))
  assert.ok(!holes.add(at(10, 20), 1))
  assert.ok(!holes.add(at(12, 15), 1))
  assert.ok(holes.add(at(5, 25), 1))
  assert.deepEqual(holes.open(), [at(10, 20), at(5, 10), at(20, 25)])
})

test('what was read again is closed, and not told again while its segment is there', () => {
  const holes = new Holes()
  holes.add(at(0, 30), 3)
  holes.close(at(10, 20))
  assert.deepEqual(holes.open(), [at(0, 10), at(20, 30)])
  holes.close(at(0, 10))
  holes.close(at(20, 99))
  holes.close(at(0, 99, 'b'))
  assert.deepEqual(holes.open(), [])
  assert.ok(!holes.add(at(0, 30), 3))
  holes.forgetBelow(3)
  assert.ok(!holes.add(at(0, 30), 3))
  holes.forgetBelow(4)
  assert.deepEqual(holes.all, [])
})

test('bytes that were given up close the oldest stretches of their generation', () => {
  const holes = new Holes()
  holes.add(at(50, 60), 1)
  holes.add(at(0, 10), 1)
  holes.add(at(0, 10, 'b'), 1)
  holes.giveUp('a', 14)
  assert.deepEqual(holes.open(), [at(54, 60), at(0, 10, 'b')])
})

test('open stretches outlive their segment, and leave with their generation', () => {
  const holes = new Holes()
  holes.add(at(0, 10), 1)
  holes.forgetBelow(9)
  assert.deepEqual(holes.open(), [at(0, 10)])
  holes.forget('a')
  assert.deepEqual(holes.open(), [])
})
