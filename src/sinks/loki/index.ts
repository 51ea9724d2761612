import { defineSink } from '../../components/definition.ts'
import { lokiSchema } from './schema.ts'

export const lokiSink = defineSink({
  type: 'loki',
  summary: 'Grafana Loki, by its push API.',
  schema: lokiSchema,
  async create(config, context) {
    const { LokiSink } = await import('./loki-sink.ts')
    return new LokiSink(config, context)
  },
})
