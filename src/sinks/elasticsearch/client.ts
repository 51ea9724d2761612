import type { Clock } from '../../core/clock.ts'
import { authorization, splitUserInfo } from '../http/auth.ts'
import { readAnswer } from '../http/body.ts'
import { describeError } from '../http/describe-error.ts'
import { HttpDispatcher } from '../http/dispatcher.ts'
import { readTlsOptions } from '../http/tls.ts'
import type { PemSource } from '../http/tls.ts'
import { isNodeFailure, NodePool } from './node-pool.ts'
import type { ElasticsearchConfig } from './schema.ts'

/** An answer as it came over the wire. */
export interface Answer {
  readonly status: number
  readonly body: Buffer | 'too_large'
  readonly retryAfter: string | undefined
}

/** A node's answer, or why there is none. */
export type NodeAnswer = { readonly node: string } & (Answer | { readonly failure: string })

export interface BulkBody {
  readonly body: Buffer
  readonly isGzip: boolean
  /** An answer with more bytes counts as broken. */
  readonly answerLimit: number
}

/**
 * All that is read of an answer: positions stay, and it shrinks to a tenth. Of errors only names and texts, as the stack
 * of a failing pipeline's script, once for each of 5,000 items, would outgrow any bound.
 */
const bulkAnswerPaths = [
  'errors',
  'items.*.status',
  'items.*.failure_store',
  'items.*.error.type',
  'items.*.error.reason',
  'items.*.error.caused_by.type',
  'items.*.error.caused_by.reason',
].join(',')

/** A node that does not even answer a ping in this time is not back. */
const pingMs = 3_000

interface Node {
  readonly origin: string
  /** What its URL has in front of Elasticsearch's own paths: `/es` behind a proxy. */
  readonly prefix: string
  readonly headers: Readonly<Record<string, string>>
  readonly dispatcher: HttpDispatcher
}

interface Request {
  readonly method: 'GET' | 'HEAD' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: Buffer
}

/**
 * Requests to one cluster: bytes in, bytes out, over undici. Answers of any status resolve. Elastic's own client is not used: of
 * all that it does we need the turns of the nodes (`node-pool.ts`), and it took 260 ms of CPU and 20 MB at the start.
 */
export class ElasticsearchClient {
  readonly #nodes: NodePool<Node>
  readonly #bulkPath: string

  constructor(config: ElasticsearchConfig, clock: Clock, files?: PemSource) {
    const query = new URLSearchParams({
      filter_path: bulkAnswerPaths,
      ...(config.pipeline !== undefined && { pipeline: config.pipeline }),
    })
    this.#bulkPath = `/_bulk?${query.toString()}`
    this.#nodes = new NodePool({ nodes: nodesOf(config, files), clock, ping })
  }

  bulk({ body, isGzip, answerLimit }: BulkBody, signal: AbortSignal): Promise<Answer> {
    const headers = {
      'content-type': 'application/x-ndjson',
      ...(isGzip && { 'content-encoding': 'gzip' }),
    }
    return this.#request({ method: 'POST', path: this.#bulkPath, headers, body }, signal, answerLimit)
  }

  get(path: string, signal: AbortSignal): Promise<Answer> {
    return this.#request({ method: 'GET', path, headers: {} }, signal)
  }

  /** `GET path` of every node, whether it takes its turn now or not. */
  getOfEach(path: string, signal: AbortSignal): Promise<NodeAnswer[]> {
    return Promise.all(
      this.#nodes.nodes.map(async (node) => {
        try {
          return { node: node.origin, ...(await ask(node, { method: 'GET', path, headers: {} }, signal)) }
        } catch (error) {
          return { node: node.origin, failure: describeError(error) }
        }
      }),
    )
  }

  async close(): Promise<void> {
    await Promise.all(this.#nodes.nodes.map(({ dispatcher }) => dispatcher.close()))
  }

  async #request(request: Request, signal: AbortSignal, answerLimit?: number): Promise<Answer> {
    const node = this.#nodes.next()
    try {
      const answer = await ask(node, request, signal, answerLimit)
      if (isNodeFailure(answer.status)) this.#nodes.markDead(node)
      else this.#nodes.markAlive(node)
      return answer
    } catch (error) {
      // Where only time ran out, too: else the same node would be asked again.
      this.#nodes.markDead(node)
      throw error
    }
  }
}

/** Rejects with an error that says why there is no answer; see `networkFailure`. */
async function ask(
  node: Node,
  { method, path, headers, body }: Request,
  signal: AbortSignal,
  answerLimit?: number,
): Promise<Answer> {
  const response = await node.dispatcher.request({
    method,
    path: node.prefix + path,
    headers: { ...node.headers, ...headers },
    body: body ?? null,
    signal,
  })
  return {
    status: response.statusCode,
    body: await readAnswer(response.body, signal, answerLimit),
    retryAfter: first(response.headers['retry-after']),
  }
}

async function ping(node: Node): Promise<boolean> {
  const { status } = await ask(node, { method: 'HEAD', path: '/', headers: {} }, AbortSignal.timeout(pingMs))
  return !isNodeFailure(status)
}

function nodesOf(config: ElasticsearchConfig, files?: PemSource): Node[] {
  const tlsOptions = readTlsOptions(config.tls, files)
  // One that is named twice gets one turn.
  const nodes = new Map(config.nodes.map((node) => [splitUserInfo(node).url.href, splitUserInfo(node)]))
  return [...nodes.values()].map(({ url, auth }) => {
    const header = authorization(config.auth ?? auth)
    return {
      origin: url.origin,
      prefix: url.pathname.replace(/\/$/, ''),
      headers: {
        accept: 'application/json',
        ...(header !== undefined && { authorization: header }),
        ...config.headers,
        'user-agent': 'logferry',
      },
      dispatcher: new HttpDispatcher({
        origin: url.origin,
        addressKey: 'nodes',
        proxy: config.proxy,
        tls: config.tls,
        tlsOptions,
        connections: config.max_in_flight,
        timeoutMs: config.timeout,
      }),
    }
  })
}

function first(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}
