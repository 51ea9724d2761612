import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ElasticsearchClient } from '../../../src/sinks/elasticsearch/client.ts'
import { elasticsearchSchema } from '../../../src/sinks/elasticsearch/schema.ts'

test('a close does not wait for a request that undici refused itself: a stop hung for ever', async () => {
  const config = elasticsearchSchema.parse({
    nodes: ['http://127.0.0.1:1'],
    index: 'a',
  })
  const client = new ElasticsearchClient({ ...config, auth: { api_key: 'dash\u2013' } })
  await assert.rejects(client.get('/', AbortSignal.timeout(1000)))
  await client.close()
})
