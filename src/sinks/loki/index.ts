import { defineSink } from '../../components/definition.ts'
import { lokiSchema } from './schema.ts'

const load = () => import('./loki-sink.ts')

export const lokiSink = defineSink({
  type: 'loki',
  summary: 'Grafana Loki, by its push API.',
  schema: lokiSchema,
  load,
  async create(config, context) {
    const { LokiSink } = await load()
    return new LokiSink(config, context)
  },
})
