import type { Clock } from '../../core/clock.ts'
import type { SendResult } from '../../core/outcome.ts'
import { authorization, splitUserInfo } from '../http/auth.ts'
import { releaseAnswer } from '../http/body.ts'
import { HttpDispatcher } from '../http/dispatcher.ts'
import { networkFailure } from '../http/network-error.ts'
import { retryAfterMs } from '../http/retry-after.ts'
import { readTlsOptions, type PemSource } from '../http/tls.ts'
import type { Answer } from './answer/judge.ts'
import type { LokiConfig } from './schema.ts'

const pushPath = '/loki/api/v1/push'

interface Endpoint {
  readonly origin: string
  readonly path: string
}

/** HTTP to one Loki: a pool of connections, no redirects, no retries of its own, answers bounded. */
export class LokiClient {
  readonly #dispatcher: HttpDispatcher
  readonly #origin: string
  readonly #pushPath: string
  /** What stands before `/loki/api/v1` for Loki's other endpoints. */
  readonly #prefix: string
  readonly #headers: Readonly<Record<string, string>>
  readonly #clock: Clock

  constructor(config: LokiConfig, clock: Clock, files?: PemSource) {
    const { url, auth } = splitUserInfo(config.url)
    const { origin, path } = endpoint(url)
    this.#origin = origin
    this.#pushPath = path
    this.#prefix = url.pathname.replace(/(\/loki\/api\/v1)?(\/push)?\/*$/, '')
    this.#clock = clock
    this.#headers = requestHeaders(config, authorization(config.auth ?? auth))
    this.#dispatcher = new HttpDispatcher({
      origin,
      addressKey: 'url',
      proxy: config.proxy,
      tls: config.tls,
      tlsOptions: readTlsOptions(config.tls, files),
      connections: config.max_in_flight,
      timeoutMs: config.timeout,
    })
  }

  /** Where pushes go, without credentials. */
  get pushUrl(): string {
    return this.#origin + this.#pushPath
  }

  push(
    body: Uint8Array,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Answer | SendResult> {
    return this.#request({ method: 'POST', path: this.#pushPath, headers, body }, signal)
  }

  get(path: string, signal: AbortSignal): Promise<Answer | SendResult> {
    return this.#request({ method: 'GET', path: this.#prefix + path, headers: {}, body: null }, signal)
  }

  close(): Promise<void> {
    return this.#dispatcher.close()
  }

  /** An answer, or what its absence came to. */
  async #request(request: Request, signal: AbortSignal): Promise<Answer | SendResult> {
    try {
      const { method, path, body } = request
      const headers = { ...this.#headers, ...request.headers }
      const answer = await this.#dispatcher.exchange({ method, path, headers, body }, signal)
      const text = answer.body === 'too_large' ? '' : answer.body.toString('utf8')
      if (answer.body !== 'too_large') releaseAnswer(answer.body)
      const { date } = answer.headers
      return {
        status: answer.status,
        contentType: String(answer.headers['content-type'] ?? ''),
        retryAfterMs: retryAfterMs(answer.headers['retry-after'], this.#clock.now()),
        text,
        ...(typeof date === 'string' && { date }),
      }
    } catch (error) {
      return networkFailure(error, signal)
    }
  }
}

interface Request {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array | null
}

export function isAnswer(result: Answer | SendResult): result is Answer {
  return 'status' in result
}

/** A path that ends in `/push` is the whole push URL, any other what comes before Loki's own path. */
function endpoint(url: URL): Endpoint {
  const path = url.pathname.replace(/\/+$/, '')
  return { origin: url.origin, path: (path.endsWith('/push') ? path : path + pushPath) + url.search }
}

function requestHeaders(config: LokiConfig, auth: string | undefined): Record<string, string> {
  return {
    'user-agent': 'logferry',
    ...(auth && { authorization: auth }),
    ...config.headers,
    ...(config.tenant !== null && { 'x-scope-orgid': config.tenant }),
  }
}
