import { defineSink } from '../../components/definition.ts'
import { lokiSchema } from './schema.ts'
import { LokiSink } from './loki-sink.ts'

export const lokiSink = defineSink({
  type: 'loki',
  summary: 'Grafana Loki, by its push API.',
  schema: lokiSchema,
  create: (config, context) => new LokiSink(config, context),
})
