import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { bulkAnswer } from '../../../bench/sink/bulk-answer.ts'

describe('a bulk answer', () => {
  test('has an item for each event, as Elasticsearch writes it', () => {
    const answer: { errors: boolean; items: { create: { status: number; result: string } }[] } = JSON.parse(
      bulkAnswer(3, null, 'create'),
    )
    assert.equal(answer.errors, false)
    assert.deepEqual(
      answer.items.map(({ create }) => [create.status, create.result]),
      Array.from({ length: 3 }, () => [201, 'created']),
    )
  })

  test('is filtered by filter_path', () => {
    assert.equal(bulkAnswer(2, 'errors,items.*.error', 'create'), '{"errors":false}')
    assert.equal(
      bulkAnswer(2, 'errors,items.*.status,items.*.error', 'create'),
      '{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]}',
    )
  })
})
