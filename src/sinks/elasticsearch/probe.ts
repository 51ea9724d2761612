import { serverText } from '../http/body.ts'
import type { Answer, ElasticsearchClient } from './client.ts'
import { productText, productWarning, readProduct } from './product.ts'
import type { ElasticsearchConfig } from './schema.ts'

/**
 * What `validate --probe` says of the cluster. Rejects with a sentence where events would be held. A 403
 * is no trouble: who may write documents need not be allowed to read the version or the pipelines.
 */
export async function probeCluster(
  client: ElasticsearchClient,
  config: ElasticsearchConfig,
  signal: AbortSignal,
): Promise<string> {
  const server = serverOf(await client.get('/', signal))
  if (config.pipeline === undefined) return server
  const pipeline = await client.get(`/_ingest/pipeline/${encodeURIComponent(config.pipeline)}`, signal)
  if (pipeline.status === 404) throw new Error(`${server}; the pipeline "${config.pipeline}" does not exist`)
  return pipeline.status === 200
    ? `${server}; the pipeline "${config.pipeline}" exists`
    : `${server}; the pipeline "${config.pipeline}" cannot be looked up (${pipeline.status})`
}

function serverOf(root: Answer): string {
  const { status } = root
  if (status === 401) throw new Error(`the credentials in auth are refused (401): ${textOf(root)}`)
  if (status === 407) throw new Error('the proxy wants credentials (407): write them into the URL of "proxy"')
  if (status >= 300 && status < 400) {
    throw new Error(
      `the server answers ${status}: redirects are not followed, write the final URL in "nodes"`,
    )
  }
  if (status >= 300 && status !== 403 && status !== 404) {
    throw new Error(`the server answers ${status}: ${textOf(root)}`)
  }
  if (status !== 200) return 'the server answers, but does not tell its version'
  const product = readProduct(parse(root))
  const warning = productWarning(product)
  return warning === undefined ? productText(product) : `${productText(product)} (${warning})`
}

function parse(answer: Answer): unknown {
  try {
    return JSON.parse(answer.body.toString())
  } catch {
    return undefined
  }
}

/** The reason where there is one: the rest repeats it. */
function textOf(answer: Answer): string {
  if (answer.body === 'too_large') return 'an answer beyond all bounds'
  const reason = /"reason":"((?:[^"\\]|\\.){1,300})/.exec(answer.body.toString('utf8', 0, 4096))?.[1]
  return serverText(reason ?? answer.body)
}
