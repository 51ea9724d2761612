import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NodePool } from '../../../src/sinks/elasticsearch/node-pool.ts'
import { FakeClock, turn } from '../../support/fake-clock.ts'

/** Two nodes and their clock. `answers`: what the next pings bring; `pinged`: whom they went to. */
function pool() {
  const clock = new FakeClock()
  const pinged: string[] = []
  const answers: (() => Promise<boolean>)[] = []
  const nodes = new NodePool({
    nodes: ['first', 'second'],
    clock,
    ping(node) {
      pinged.push(node)
      return answers.shift()?.() ?? Promise.resolve(true)
    },
  })
  return { nodes, clock, pinged, answers }
}

const second = 1_000
const unreachable = (): Promise<boolean> => Promise.reject(new Error('refused'))
const stillDown = (): Promise<boolean> => Promise.resolve(false)

test('nodes take turns, and one that failed is left out while it rests', () => {
  const { nodes, pinged } = pool()
  assert.equal(new Set([nodes.next(), nodes.next()]).size, 2)
  nodes.markDead('first')
  for (let i = 0; i < 10; i += 1) assert.equal(nodes.next(), 'second')
  assert.deepEqual(pinged, [])
})

test('after its rest it is pinged once, beside the requests, and then it takes its turn again', async () => {
  const { nodes, clock, pinged, answers } = pool()
  let answer = (_isBack: boolean): void => {}
  const answered = new Promise<boolean>((resolve) => {
    answer = resolve
  })
  answers.push(() => answered)
  nodes.markDead('first')
  await clock.advance(1.5 * second)
  // As many requests as may be while the ping is on its way: none of them waits, none goes there.
  for (let i = 0; i < 10; i += 1) assert.equal(nodes.next(), 'second')
  assert.deepEqual(pinged, ['first'])
  answer(true)
  await turn()
  assert.equal(new Set([nodes.next(), nodes.next()]).size, 2)
})

test('requests that fail together count once, and each failed ping doubles the rest', async () => {
  const { nodes, clock, answers } = pool()
  for (let i = 0; i < 8; i += 1) nodes.markDead('first')
  assert.equal(nodes.health('first').failures, 1)
  for (let failures = 2; failures <= 10; failures += 1) {
    answers.push(failures % 2 === 0 ? unreachable : stillDown)
    await clock.advance(nodes.health('first').restsUntilMs - clock.monotonic())
    nodes.next()
    await turn()
    assert.equal(nodes.health('first').failures, failures)
  }
  assert.equal(nodes.health('first').restsUntilMs - clock.monotonic(), 64 * second)
})

test('a node whose proxy answers pings but fails requests rests longer each time', async () => {
  const { nodes, clock } = pool()
  for (let failures = 1; failures <= 3; failures += 1) {
    nodes.markDead('first')
    assert.equal(nodes.health('first').failures, failures)
    await clock.advance(nodes.health('first').restsUntilMs - clock.monotonic())
    nodes.next()
    await turn()
    assert.equal(nodes.health('first').isDead, false)
  }
  nodes.markAlive('first')
  assert.equal(nodes.health('first').failures, 0)
})

test('where all nodes have failed, requests go on in turns: one of them may be back before its ping', () => {
  const { nodes } = pool()
  nodes.markDead('first')
  nodes.markDead('second')
  assert.equal(new Set([nodes.next(), nodes.next()]).size, 2)
})
