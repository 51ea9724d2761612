import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { productText, productWarning, readProduct } from '../../../src/sinks/elasticsearch/product.ts'

const roots: Readonly<Record<string, object>> = JSON.parse(
  readFileSync('test/fixtures/elasticsearch-versions/roots.json', 'utf8'),
)
const textOf = (answer: unknown): string => {
  const product = readProduct(answer)
  return [productText(product), productWarning(product)].filter(Boolean).join(': ')
}
const version = (number: string, distribution?: string): object => ({
  version: { number, ...(distribution !== undefined && { distribution }) },
})

test('every supported product is known by what it answers to GET /', () => {
  assert.deepEqual(Object.fromEntries(Object.entries(roots).map(([name, root]) => [name, textOf(root)])), {
    'elasticsearch-7.17': 'Elasticsearch 7.17.29',
    'elasticsearch-8.19': 'Elasticsearch 8.19.21',
    'elasticsearch-9.5': 'Elasticsearch 9.5.3',
    'opensearch-1.3': 'OpenSearch 1.3.20',
    'opensearch-1.3-as-elasticsearch': 'OpenSearch 7.10.2',
    'opensearch-2.19': 'OpenSearch 2.19.1',
    'opensearch-3.8': 'OpenSearch 3.8.0',
  })
})

test('versions before and after those get a warning, and are used all the same', () => {
  for (const [answer, why] of [
    [version('6.8.23'), /too old: Elasticsearch 7\.17 to 9 are/],
    [version('7.10.2'), /too old/],
    [version('10.0.0-SNAPSHOT'), /newer than this agent knows/],
    [version('4.0.0', 'opensearch'), /newer than this agent knows: OpenSearch 1\.0 to 3 are/],
    [version('serverless'), /cannot be read/],
  ] as const) {
    assert.match(textOf(answer), why)
  }
  for (const good of ['7.17.0', '8.0.0-rc1', '9.9.9'])
    assert.equal(textOf(version(good)), `Elasticsearch ${good}`)
})

test('an answer of something else is said to be that', () => {
  for (const answer of [undefined, null, 'x', {}, { version: 5 }, { version: { number: 5 } }]) {
    assert.match(textOf(answer), /not like Elasticsearch or OpenSearch/)
  }
})
