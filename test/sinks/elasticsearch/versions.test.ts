import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import type { Outcome } from '../../../src/core/outcome.ts'
import { readAnswer } from '../../../src/sinks/elasticsearch/answer.ts'
import { requestOutcome } from '../../../src/sinks/elasticsearch/request-outcome.ts'
import { FakeElasticsearch, type FakeProduct } from '../../support/fake-elasticsearch.ts'
import { networkSinks, sendOne } from '../../support/network-sinks.ts'
import { batchItem, storedEvent } from '../../support/stored-event.ts'

interface Answer {
  readonly status: number
  readonly answer: string
}

/** `captured` from real servers; `documented` written after the documentation and the sources of versions that no registry has. */
const fixtures: Readonly<Record<'captured' | 'documented', Record<string, Record<string, Answer>>>> =
  JSON.parse(readFileSync('test/fixtures/elasticsearch-versions/answers.json', 'utf8'))

const expected: Readonly<Record<string, readonly string[]>> = {
  created: ['accepted', 'accepted'],
  conflict: ['accepted duplicate'],
  mapping: ['accepted', 'rejected mapping', 'rejected mapping'],
  malformed: ['rejected malformed', 'rejected malformed'],
  strict: ['rejected mapping'],
  closed: ['hold index_closed'],
  blocked: ['hold blocked'],
  flood_stage: ['retry item_throttled'],
  pipeline_missing: ['hold pipeline_missing'],
  wrong_op: ['hold wrong_op'],
  no_timestamp: ['rejected mapping'],
  shard_limit: ['hold shard_limit'],
  rejected: ['retry item_throttled'],
  no_right: ['hold forbidden'],
  no_right_at_all: ['hold forbidden'],
  wrong_password: ['hold unauthorized'],
  busy: ['retry throttled'],
}

function verdict(outcome: Outcome): string {
  if (outcome.kind === 'accepted') return outcome.duplicate ? 'accepted duplicate' : 'accepted'
  return `${outcome.kind} ${outcome.reason}`
}

function verdicts({ status, answer }: Answer): string[] {
  const body = Buffer.from(answer)
  if (status !== 200) {
    const result = requestOutcome({ status, body, retryAfterMs: undefined })
    return result.kind === 'all' ? [verdict(result.outcome)] : [result.kind]
  }
  const count: number = JSON.parse(answer).items.length
  const items = Array.from({ length: count }, () => batchItem(storedEvent()))
  return (readAnswer(body, items, { op: 'create', id: 'own' }) ?? []).map(verdict)
}

for (const [origin, products] of Object.entries(fixtures)) {
  for (const [product, answers] of Object.entries(products)) {
    test(`${origin} answers of ${product} end as those of Elasticsearch 9`, () => {
      for (const [name, answer] of Object.entries(answers)) {
        assert.deepEqual(verdicts(answer), expected[name], `${product} ${name}`)
      }
    })
  }
}

describe('requests are such as every version takes', () => {
  const products: readonly FakeProduct[] = [
    'elasticsearch-7.17',
    'elasticsearch-8.19',
    'elasticsearch-9.5',
    'opensearch-1.3',
    'opensearch-2.19',
    'opensearch-3.8',
  ]
  for (const product of products) {
    test(`${product} stores a document, and refuses one in its own words`, async (context) => {
      const fake = new FakeElasticsearch()
      fake.product = product
      await fake.listen()
      context.after(() => fake.close())
      const sink = networkSinks['elasticsearch']!(fake.url, { compression: 'none' })
      context.after(() => sink.close())
      assert.equal((await sendOne(sink)).code, '200')
      const { headers, body } = fake.requests.at(-1)!
      // Vendored media types are a 406 before 7.11 and at OpenSearch; `_type` in an action is an error since version 8.
      assert.equal(headers['content-type'], 'application/x-ndjson')
      assert.equal(headers.accept, 'application/json')
      assert.doesNotMatch(body.split('\n')[0]!, /_type/)
      fake.indices.states.set('i', 'closed')
      const { result } = await sendOne(sink)
      assert.deepEqual(result.kind === 'items' && result.outcomes.map(verdict), ['hold index_closed'])
      const [name = '', version = ''] = product.split('-')
      const text = await sink.probe(AbortSignal.timeout(5_000))
      assert.match(text.toLowerCase(), new RegExp(`^${name} ${version.replace('.', '\\.')}`))
      assert.doesNotMatch(text, /WARNING/)
    })
  }
})
