import { serverText } from '../http/body.ts'
import type { Answer, ElasticsearchClient } from './client.ts'
import type { ElasticsearchConfig } from './schema.ts'

/**
 * What `validate --probe` says of the cluster. Rejects with a sentence where events would be held. A 403 is no trouble:
 * who may write documents need not be allowed to read the version or the pipelines.
 */
export async function probeCluster(
  client: ElasticsearchClient,
  config: ElasticsearchConfig,
  signal: AbortSignal,
): Promise<string> {
  const root = await client.get('/', signal)
  if (root.status === 401) throw new Error('the credentials are refused (401)')
  if (root.status >= 300 && root.status !== 403 && root.status !== 404) {
    throw new Error(`the server answers ${root.status}: ${textOf(root)}`)
  }
  const server = root.status === 200 ? versionOf(root) : 'the server answers, but does not tell its version'
  if (config.pipeline === undefined) return server
  const pipeline = await client.get(`/_ingest/pipeline/${encodeURIComponent(config.pipeline)}`, signal)
  if (pipeline.status === 404) throw new Error(`${server}; the pipeline "${config.pipeline}" does not exist`)
  return pipeline.status === 200
    ? `${server}; the pipeline "${config.pipeline}" exists`
    : `${server}; the pipeline "${config.pipeline}" cannot be looked up (${pipeline.status})`
}

function versionOf(answer: Answer): string {
  const version = member(parse(answer), 'version')
  const number = member(version, 'number')
  if (typeof number !== 'string') return 'the server answers, but not like Elasticsearch or OpenSearch'
  const distribution = member(version, 'distribution') === 'opensearch' ? 'OpenSearch' : 'Elasticsearch'
  return `${distribution} ${serverText(number).slice(0, 40)}`
}

function parse(answer: Answer): unknown {
  try {
    return JSON.parse(answer.body.toString())
  } catch {
    return undefined
  }
}

function member(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.hasOwn(value, name) ? Reflect.get(value, name) : undefined
}

const textOf = (answer: Answer): string =>
  answer.body === 'too_large' ? 'an answer beyond all bounds' : serverText(answer.body)
