import type { Dispatcher } from 'undici'
import type { TlsConfig } from '../../components/fields.ts'
import { authorization, splitUserInfo } from './auth.ts'
import { ExplainedError } from './describe-error.ts'
import { Exchange, type Exchanged } from './exchange.ts'
import { explainFailure, type Way } from './explain-failure.ts'
import type { TlsOptions } from './tls.ts'
import { Pool, ProxyAgent } from './undici.ts'

export interface HttpTarget {
  /** `https://es.example:9200`, without path and credentials. */
  readonly origin: string
  /** The config key that it comes from. */
  readonly addressKey: 'nodes' | 'url'
  /** As configured, with its credentials. */
  readonly proxy: string | null
  readonly tls: TlsConfig
  readonly tlsOptions: TlsOptions
  readonly connections: number
  readonly timeoutMs: number
}

export type HttpRequest = Omit<Dispatcher.RequestOptions, 'origin'>

/** Below the idle timeouts of usual proxies (60 s and more), so that they don't close a connection that is just used. */
const keepAliveMs = 30_000
/** A host that answers nothing at all: no reason to wait for the whole of the request's time. */
const longestConnectMs = 10_000
/** A connection that breaks now and then is the network; so many without an answer are something else. */
const failuresToWonder = 3

/** Connections to one server, straight or by a proxy. A failure is an error with one line for people. */
export class HttpDispatcher {
  readonly #dispatcher: Dispatcher
  readonly #origin: string
  readonly #way: Way
  /** Since the last answer; at first as if there had been many. */
  #failures = failuresToWonder

  constructor(target: HttpTarget) {
    this.#origin = target.origin
    this.#dispatcher = openDispatcher(target)
    this.#way = {
      host: new URL(target.origin).host,
      isTls: target.origin.startsWith('https:'),
      proxy: target.proxy === null ? undefined : new URL(target.proxy).host,
      addressKey: target.addressKey,
      tls: target.tls,
      isPuzzling: true,
    }
  }

  async request(request: HttpRequest): Promise<Dispatcher.ResponseData> {
    try {
      const response = await this.#dispatcher.request({ ...request, origin: this.#origin })
      this.#failures = 0
      return response
    } catch (error) {
      throw isAborted(request.signal) ? error : this.#explained(error)
    }
  }

  /** As `request`, with the answer read whole. Rejects at once when `signal` aborts. */
  exchange(request: Omit<HttpRequest, 'signal'>, signal: AbortSignal): Promise<Exchanged> {
    return new Promise((resolve, reject) => {
      const exchange = new Exchange({
        signal,
        settled: (answer) => {
          this.#failures = 0
          resolve(answer)
        },
        failed: (error, isAnswering) => {
          if (isAnswering) this.#failures = 0
          // oxlint-disable-next-line typescript/prefer-promise-reject-errors -- as undici hands it over
          reject(isAnswering || signal.aborted ? error : this.#explained(error))
        },
      })
      if (!signal.aborted) this.#dispatcher.dispatch({ ...request, origin: this.#origin }, exchange)
    })
  }

  #explained(error: unknown): ExplainedError {
    const isPuzzling = this.#failures >= failuresToWonder
    this.#failures += 1
    return new ExplainedError(explainFailure(error, { ...this.#way, isPuzzling }), { cause: error })
  }

  /**
   * At once: what was in flight is settled or given up by now. undici's own close waits for a request that it refused
   * itself (a header that it cannot send), for ever, and a stop with it.
   */
  close(): Promise<void> {
    return this.#dispatcher.destroy()
  }
}

const isAborted = (signal: HttpRequest['signal']): boolean => signal instanceof AbortSignal && signal.aborted

function openDispatcher({ origin, proxy, tlsOptions, connections, timeoutMs }: HttpTarget): Dispatcher {
  const connectMs = Math.min(timeoutMs, longestConnectMs)
  const options = {
    // The signal of each request is its deadline; undici's own would end requests with a longer timeout.
    headersTimeout: 0,
    bodyTimeout: 0,
    keepAliveTimeout: keepAliveMs,
    keepAliveMaxTimeout: keepAliveMs,
    connections,
  }
  const connect = { ...tlsOptions, timeout: connectMs }
  if (proxy === null) return new Pool(origin, { ...options, connect })
  const { url, auth } = splitUserInfo(proxy)
  const token = authorization(auth)
  const { ca, rejectUnauthorized, minVersion } = tlsOptions
  return new ProxyAgent({
    ...options,
    uri: url.href,
    ...(token && { token }),
    requestTls: connect,
    // The client certificate is for the server, not for whoever passes it on.
    proxyTls: { ...(ca && { ca }), rejectUnauthorized, minVersion, timeout: connectMs },
    // Most proxies tunnel to TLS ports only; plain requests are passed on as such.
    proxyTunnel: origin.startsWith('https:'),
  })
}
