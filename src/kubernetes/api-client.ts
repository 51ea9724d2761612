import { request as requestHttp } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import type { FileSystem } from '../core/file-system.ts'
import { limits } from '../core/limits.ts'
import { networkTrouble, statusTrouble, troubleOf } from './api-trouble.ts'
import type { ApiTrouble } from './api-trouble.ts'
import { readServiceAccount } from './service-account.ts'
import type { ServiceAccount } from './service-account.ts'
import type { ApiPlace } from './settings.ts'

export interface ApiQuery {
  readonly path: string
  readonly parameters: Readonly<Record<string, string>>
  readonly accept: string
  /** The answer goes on for minutes, and may be silent. */
  readonly isWatch: boolean
  readonly signal: AbortSignal
}

/** TCP asks a silent peer after this, and gives it up some ten seconds later. */
const keepAliveMs = 30_000

/** Asks the API server: one connection for each request, nothing is sent but questions. */
export class ApiClient {
  readonly #place: ApiPlace
  readonly #fileSystem: FileSystem
  readonly #agent: string
  readonly #silenceMs: number

  constructor(
    place: ApiPlace,
    fileSystem: FileSystem,
    version: string,
    silenceMs: number = limits.apiSilenceMs,
  ) {
    this.#silenceMs = silenceMs
    this.#place = place
    this.#fileSystem = fileSystem
    this.#agent = `logferry/${version}`
  }

  /** Resolves to the answer with its body still to come, where it is a 200. */
  async get(query: ApiQuery): Promise<IncomingMessage | ApiTrouble> {
    const { serviceAccount: folder } = this.#place
    const account = folder === undefined ? undefined : await readServiceAccount(folder, this.#fileSystem)
    if (account && 'kind' in account) return account
    try {
      const answer = await this.#send(query, account)
      if (answer.statusCode === 200) return answer
      const body = await beginningOf(answer)
      return statusTrouble(answer.statusCode ?? 0, body, answer.headers['retry-after'])
    } catch (error) {
      return this.troubleOf(error)
    }
  }

  /** Of a request or an answer that broke off. */
  troubleOf(error: unknown): ApiTrouble {
    if (!(error instanceof Error)) throw error
    return networkTrouble(error, this.#place.url)
  }

  #send(query: ApiQuery, account: ServiceAccount | undefined): Promise<IncomingMessage> {
    const { url } = this.#place
    const { isWatch, signal } = query
    const parameters = new URLSearchParams(query.parameters).toString()
    const options = {
      // Node takes an IPv6 address without its brackets.
      host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
      port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : url.port,
      path: `${url.pathname.replace(/\/$/, '')}${query.path}?${parameters}`,
      headers: {
        accept: query.accept,
        'user-agent': this.#agent,
        ...(account && { authorization: `Bearer ${account.token}` }),
      },
      agent: false as const,
      signal,
      // Of the connecting too: `request.setTimeout` begins only behind it, and the kernel tries for two minutes.
      timeout: this.#silenceMs,
    }
    return new Promise((resolve, reject) => {
      const request =
        url.protocol === 'https:'
          ? requestHttps({ ...options, ...(account && { ca: account.authority }) }, resolve)
          : requestHttp(options, resolve)
      request.on('error', reject)
      request.on('socket', (socket) => socket.setKeepAlive(true, keepAliveMs))
      const silence = `it said nothing for ${this.#silenceMs / 1000} s`
      request.on('timeout', () => request.destroy(new Error(silence)))
      if (isWatch) request.on('response', () => request.setTimeout(0))
      request.end()
    })
  }
}

/** Enough for a `Status`; the rest is not waited for. */
async function beginningOf(answer: IncomingMessage): Promise<string> {
  let text = ''
  answer.setEncoding('utf8')
  for await (const piece of answer) {
    text += String(piece)
    if (text.length > 16 * 1024) break
  }
  answer.destroy()
  return text
}

/** The whole body, or why not. */
export async function bodyOf(answer: IncomingMessage, client: ApiClient): Promise<string | ApiTrouble> {
  const pieces: Buffer[] = []
  let bytes = 0
  try {
    for await (const piece of answer) {
      const buffer = Buffer.from(piece)
      bytes += buffer.length
      if (bytes > limits.podAnswerBytes) {
        answer.destroy()
        return troubleOf(`an answer of the API server is longer than ${limits.podAnswerBytes} bytes`)
      }
      pieces.push(buffer)
    }
  } catch (error) {
    return client.troubleOf(error)
  }
  return Buffer.concat(pieces).toString('utf8')
}
