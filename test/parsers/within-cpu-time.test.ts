import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withinCpuTime } from '../../src/parsers/within-cpu-time.ts'

/** Something that needs so much CPU time, on a machine that gives the process this share of the wall's. */
function machine(needsMs: number, share: number) {
  const walls: number[] = []
  let used = 0
  return {
    walls,
    usedMs: () => used,
    run: (wallMs: number): 'done' | 'timeout' => {
      walls.push(wallMs)
      used += Math.min(wallMs * share, needsMs)
      return wallMs * share >= needsMs ? 'done' : 'timeout'
    },
  }
}

test('on a machine at rest one run decides', () => {
  const fast = machine(1, 1)
  assert.equal(withinCpuTime(fast.run, 50, fast.usedMs), 'done')
  const slow = machine(1000, 1)
  assert.equal(withinCpuTime(slow.run, 50, slow.usedMs), 'timeout')
  assert.deepEqual([fast.walls, slow.walls], [[50], [50]])
})

test('on a busy machine an honest line gets the time that it needs: its value was masked, or it was left unparsed', () => {
  const busy = machine(30, 0.05)
  assert.equal(withinCpuTime(busy.run, 50, busy.usedMs), 'done')
  assert.deepEqual(busy.walls, [50, 100, 200, 400, 800])
})

test('a line that takes too long ends with its CPU time there too, and in any case after six runs', () => {
  const busy = machine(1e9, 0.25)
  assert.equal(withinCpuTime(busy.run, 50, busy.usedMs), 'timeout')
  assert.deepEqual(busy.walls, [50, 100, 200])
  const starved = machine(1e9, 0)
  assert.equal(withinCpuTime(starved.run, 50, starved.usedMs), 'timeout')
  assert.deepEqual(starved.walls, [50, 100, 200, 400, 800, 1600])
})
