import { defineSink } from '../../components/definition.ts'
import { elasticsearchSchema } from './schema.ts'

const load = () => import('./index.ts')

export const elasticsearchSink = defineSink({
  type: 'elasticsearch',
  summary: 'Elasticsearch 7.17 to 9 and OpenSearch 1 to 3, by the bulk API.',
  schema: elasticsearchSchema,
  load,
  async create(config, context) {
    const { ElasticsearchSink } = await load()
    return new ElasticsearchSink(config, context)
  },
})
