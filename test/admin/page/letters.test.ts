import assert from 'node:assert/strict'
import { test } from 'node:test'
import { LettersRoute } from '../../../src/admin/page/letters.ts'
import { limits } from '../../../src/core/limits.ts'
import { FakeClock } from '../../support/fake-clock.ts'

test('all who ask within some seconds get the same look, and the next one is new', async () => {
  const clock = new FakeClock()
  let looks = 0
  const route = new LettersRoute(() => Promise.resolve({ looks: ++looks }), clock)
  const bodies = await Promise.all([route.answer(), route.answer()])
  assert.deepEqual(
    bodies.map(({ body }) => body),
    ['{"looks":1}\n', '{"looks":1}\n'],
  )
  await clock.advance(limits.pageLettersMs + 1)
  assert.equal((await route.answer()).body, '{"looks":2}\n')
})

test('a look that a disk holds up is waited for, and no other is begun beside it', async () => {
  const clock = new FakeClock()
  const waiting: ((letters: object) => void)[] = []
  const route = new LettersRoute(() => new Promise((resolve) => waiting.push(resolve)), clock)
  const first = route.answer()
  await clock.advance(10 * limits.pageLettersMs)
  const second = route.answer()
  for (const resolve of waiting) resolve({ letters: [] })
  assert.deepEqual([(await first).status, (await second).status, waiting.length], [200, 200, 1])
})

test('a look that failed is not kept', async () => {
  let looks = 0
  const read = (): Promise<object> => (looks++ === 0 ? Promise.reject(new Error('EIO')) : Promise.resolve({}))
  const route = new LettersRoute(read, new FakeClock())
  await assert.rejects(route.answer(), /EIO/)
  assert.equal((await route.answer()).status, 200)
})
