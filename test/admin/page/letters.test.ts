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

test('a look that failed is not kept', async () => {
  let looks = 0
  const read = (): Promise<object> => (looks++ === 0 ? Promise.reject(new Error('EIO')) : Promise.resolve({}))
  const route = new LettersRoute(read, new FakeClock())
  await assert.rejects(route.answer(), /EIO/)
  assert.equal((await route.answer()).status, 200)
})
