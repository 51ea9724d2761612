import { defineSink } from '../../components/definition.ts'
import { elasticsearchSchema } from './schema.ts'

export const elasticsearchSink = defineSink({
  type: 'elasticsearch',
  summary: 'Elasticsearch 7.17 to 9 and OpenSearch 1 to 3, by the bulk API.',
  schema: elasticsearchSchema,
  async create(config, context) {
    const { ElasticsearchSink } = await import('./index.ts')
    return new ElasticsearchSink(config, context)
  },
})
