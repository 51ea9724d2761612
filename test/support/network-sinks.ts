import type { SendResult } from '../../src/core/outcome.ts'
import { elasticsearchSink } from '../../src/sinks/elasticsearch/definition.ts'
import { ElasticsearchSink } from '../../src/sinks/elasticsearch/index.ts'
import { lokiSink } from '../../src/sinks/loki/index.ts'
import { LokiSink } from '../../src/sinks/loki/loki-sink.ts'
import type { Sink } from '../../src/sinks/sink.ts'
import { sinkContext } from './sink-context.ts'
import { batchItem, storedEvent } from './stored-event.ts'

/** Both sinks over the network by one address, for what they have to do alike: TLS, proxies, credentials. */
export const networkSinks: Readonly<Record<string, (url: string, settings?: object) => Sink>> = {
  elasticsearch: (url, settings = {}) =>
    new ElasticsearchSink(
      elasticsearchSink.schema.parse({ nodes: [url], index: 'i', timeout: '5s', ...settings }),
      sinkContext(),
    ),
  loki: (url, settings = {}) =>
    new LokiSink(
      lokiSink.schema.parse({ url, labels: { job: 'test' }, timeout: '5s', ...settings }),
      sinkContext(),
    ),
}

/** The key of each sink that holds its address, as texts for people name it. */
export const addressKeys: Readonly<Record<string, string>> = { elasticsearch: 'nodes', loki: 'url' }

/** One event, once: the code of the request, and what a failure says. */
export async function sendOne(sink: Sink): Promise<{ code: string; text: string; result: SendResult }> {
  const item = batchItem(storedEvent())
  const request = await sink.encode([item], sink.partition(item))
  const result = await sink.send(request, AbortSignal.timeout(10_000))
  const text =
    result.kind === 'all' && 'text' in result.outcome && result.outcome.text !== undefined
      ? result.outcome.text
      : ''
  return { code: result.code, text, result }
}
