import { serverText } from '../http/body.ts'
import type { Answer, ElasticsearchClient, NodeAnswer } from './client.ts'
import { productText, productWarning, readProduct } from './product.ts'
import type { ElasticsearchConfig } from './schema.ts'

/**
 * What `validate --probe` says of the cluster, by each of its nodes. Rejects with a sentence where events would be held. A 403
 * is no trouble: who may write documents need not be allowed to read the version or the pipelines.
 */
export async function probeCluster(
  client: ElasticsearchClient,
  config: ElasticsearchConfig,
  signal: AbortSignal,
): Promise<string> {
  const server = serversOf(await client.getOfEach('/', signal))
  if (config.pipeline === undefined) return server
  const pipeline = await client.get(`/_ingest/pipeline/${encodeURIComponent(config.pipeline)}`, signal)
  if (pipeline.status === 404) throw new Error(`${server}; the pipeline "${config.pipeline}" does not exist`)
  return pipeline.status === 200
    ? `${server}; the pipeline "${config.pipeline}" exists`
    : `${server}; the pipeline "${config.pipeline}" cannot be looked up (${pipeline.status})`
}

/** One sentence where all nodes say the same, which is how it should be. */
function serversOf(answers: readonly NodeAnswer[]): string {
  const failures: string[] = []
  const texts = answers.flatMap((answer) => {
    try {
      if ('failure' in answer) throw new Error(answer.failure)
      return [{ node: answer.node, text: serverOf(answer) }]
    } catch (error) {
      const { message } = error instanceof Error ? error : new Error(String(error))
      failures.push(answers.length === 1 ? message : `${answer.node}: ${message}`)
      return []
    }
  })
  if (failures.length > 0) {
    const which = answers.length === 1 ? '' : `${failures.length} of ${answers.length} nodes fail: `
    throw new Error(which + failures.join('; '))
  }
  const [first, ...others] = texts
  if (others.every(({ text }) => text === first?.text)) {
    return `${first?.text}${others.length > 0 ? ` on ${texts.length} nodes` : ''}`
  }
  return texts.map(({ node, text }) => `${node}: ${text}`).join('; ')
}

function serverOf(root: Answer): string {
  const { status } = root
  if (status === 401) throw new Error(`the credentials in auth are refused (401): ${textOf(root)}`)
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
