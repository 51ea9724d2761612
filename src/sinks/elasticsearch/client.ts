import { Readable } from 'node:stream'
import { Client } from '@elastic/elasticsearch'
import { errors, Transport, UndiciConnection } from '@elastic/transport'
import type { TransportOptions, TransportRequestParams, TransportResult } from '@elastic/transport'
import { authorization, splitUserInfo } from '../http/auth.ts'
import { readAnswer } from '../http/body.ts'
import { describeError, ExplainedError } from '../http/describe-error.ts'
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
  /** By the server's clock. */
  readonly date?: string | undefined
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
 * The client's transport without what it would add: no product check (OpenSearch and proxies do not pass it), plain
 * media types (8.x ones get 406 from OpenSearch), no telemetry headers, no retries, which are delivery's.
 */
class PlainTransport extends Transport {
  constructor(options: TransportOptions) {
    const { productCheck: _check, vendoredHeaders: _headers, ...others } = options
    super(others)
  }
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

/** Requests to one cluster: bytes in, bytes out. Rejects with the client's errors; answers of any status resolve. */
export class ElasticsearchClient {
  readonly #client: Client
  readonly #pipeline: string | undefined
  readonly #headers: Readonly<Record<string, string>>

  constructor(config: ElasticsearchConfig, files?: PemSource) {
    this.#pipeline = config.pipeline
    this.#headers = { ...config.headers, 'user-agent': 'logferry' }
    const tlsOptions = readTlsOptions(config.tls, files)
    const dispatcherOf = (origin: string): HttpDispatcher =>
      new HttpDispatcher({
        origin,
        addressKey: 'nodes',
        proxy: config.proxy,
        tls: config.tls,
        tlsOptions,
        connections: config.max_in_flight,
        timeoutMs: config.timeout,
      })
    this.#client = new Client({
      nodes: nodesOf(config),
      Transport: PlainTransport,
      ConnectionPool: NodePool,
      Connection: UndiciConnection,
      // Not the client's own: that one takes no proxy, and of a failure it keeps nothing but a message.
      agent: ({ url }: { url: URL }) => dispatcherOf(url.origin),
      headers: this.#headers,
      enableMetaHeader: false,
      compression: false,
      // Else every failed request is cloned to look for secrets, its body byte by byte: seconds of CPU for 5 MiB, and most
      // of the time while the server was down. We take names, codes and messages of errors, never what they carry.
      redaction: { type: 'off' },
      maxRetries: 0,
      sniffOnStart: false,
      sniffInterval: false,
      sniffOnConnectionFault: false,
      // The deadline is the signal that comes with each request; this one only stands behind it.
      requestTimeout: config.timeout + 60_000,
    })
  }

  bulk({ body, isGzip, answerLimit }: BulkBody, signal: AbortSignal): Promise<Answer> {
    const querystring = {
      filter_path: bulkAnswerPaths,
      ...(this.#pipeline !== undefined && { pipeline: this.#pipeline }),
    }
    const headers = {
      'content-type': 'application/x-ndjson',
      accept: 'application/json',
      ...(isGzip && { 'content-encoding': 'gzip' }),
    }
    const params = { method: 'POST', path: '/_bulk', bulkBody: body, querystring }
    return this.#request(params, { headers, signal }, answerLimit)
  }

  get(path: string, signal: AbortSignal): Promise<Answer> {
    return this.#request({ method: 'GET', path }, { headers: { accept: 'application/json' }, signal })
  }

  post(path: string, body: object, signal: AbortSignal): Promise<Answer> {
    const headers = { accept: 'application/json', 'content-type': 'application/json' }
    return this.#request({ method: 'POST', path, body: JSON.stringify(body) }, { headers, signal })
  }

  /** `GET path` of every node, whether it takes its turn now or not. */
  getOfEach(path: string, signal: AbortSignal): Promise<NodeAnswer[]> {
    const { connections } = this.#client.transport.connectionPool
    return Promise.all(
      connections.map(async (connection) => {
        const node = connection.url.origin
        try {
          const headers = { ...this.#headers, accept: 'application/json' }
          const options = { asStream: true, signal, name: 'probe', requestId: 0, context: null } as const
          const result = await connection.request({ method: 'GET', path, headers }, options)
          const body = await readAnswer(asReadable(result.body), signal)
          return { node, status: result.statusCode, body, retryAfter: undefined }
        } catch (error) {
          return { node, failure: describeError(explained(error)) }
        }
      }),
    )
  }

  close(): Promise<void> {
    return this.#client.close()
  }

  async #request(
    params: TransportRequestParams,
    { headers, signal }: { headers: Record<string, string>; signal: AbortSignal },
    answerLimit?: number,
  ): Promise<Answer> {
    const { transport } = this.#client
    let result: TransportResult
    try {
      result = await transport.request(params, { asStream: true, meta: true, headers, signal })
    } catch (error) {
      // The transport takes our deadline for a change of mind and would ask the same node again.
      if (error instanceof errors.RequestAbortedError) this.#markDead(error.meta?.meta.connection)
      throw explained(error)
    }
    const { connection } = result.meta
    try {
      const body = await readAnswer(asReadable(result.body), signal, answerLimit)
      // With `asStream` the transport leaves the verdict on the node to us.
      if (connection && isNodeFailure(result.statusCode)) this.#markDead(connection)
      else if (connection) transport.connectionPool.markAlive(connection)
      const [retryAfter, date] = ['retry-after', 'date'].map((name) => first(result.headers?.[name]))
      return { status: result.statusCode, body, retryAfter, date }
    } catch (error) {
      this.#markDead(connection)
      throw error
    }
  }

  #markDead(connection: TransportResult['meta']['connection'] | undefined): void {
    if (connection) this.#client.transport.connectionPool.markDead(connection)
  }
}

function nodesOf(config: ElasticsearchConfig): { url: URL; headers: Record<string, string> }[] {
  // The pool refuses a node that is named twice.
  const nodes = new Map(config.nodes.map((node) => [splitUserInfo(node).url.href, splitUserInfo(node)]))
  return [...nodes.values()].map(({ url, auth }) => {
    const header = authorization(config.auth ?? auth)
    return { url, headers: header === undefined ? {} : { authorization: header } }
  })
}

/** What our dispatcher said of it, without the client's name for it. */
const explained = (error: unknown): unknown =>
  error instanceof errors.ConnectionError ? new ExplainedError(error.message, { cause: error }) : error

function asReadable(body: unknown): Readable {
  if (body instanceof Readable) return body
  throw new TypeError('the transport gave no stream')
}

function first(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : header?.[0]
}
