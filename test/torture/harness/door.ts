import { Agent, createServer, request as ask } from 'node:http'
import type { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { ServerOptions } from 'node:https'
import { gunzipSync } from 'node:zlib'

/** What the fake behind the door answered. */
export interface Passed {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** As it came over the wire. */
  readonly wire: Buffer
  /** Decompressed, where it was gzip. */
  readonly text: () => string
  /** Hands the request to the fake, with another body if one is given: it stores, and nobody has heard of it yet. */
  readonly pass: (body?: string) => Promise<Passed>
  /** Answers what the fake did. */
  readonly answer: (passed: Passed, body?: string) => void
}

/** What one request meets at the door. */
export type Mood = (exchange: Exchange) => void | Promise<void>

export interface DoorOptions {
  /** A loopback address, 127.0.0.1 by default. */
  readonly host?: string
  /** The port, where it has to be that of another door. */
  readonly port?: number
  /** Behind TLS, with this certificate. */
  readonly tls?: ServerOptions
}

/**
 * Stands before a fake as proxies and broken servers do: each POST meets the mood that it is in, or is passed on. The
 * fake stays what the fixtures of the real server say; only the way to it and back is spoilt here.
 */
export class Door {
  mood: Mood | undefined
  /** POSTs that met this mood. */
  met = 0
  /** POSTs that were passed on without a mood. */
  passed = 0
  /** Asked before a body is read: true closes the connection while it is still being sent. */
  slams: ((request: IncomingMessage) => boolean) | undefined
  readonly #agent = new Agent({ keepAlive: true })
  readonly #target: () => string
  readonly #host: string
  #tls: ServerOptions | undefined
  #server: Server | undefined
  #port: number

  constructor(target: () => string, { host = '127.0.0.1', port = 0, tls }: DoorOptions = {}) {
    this.#target = target
    this.#host = host
    this.#port = port
    this.#tls = tls
  }

  get port(): number {
    return this.#port
  }

  get url(): string {
    return `http${this.#tls ? 's' : ''}://${this.#host}:${this.#port}`
  }

  meets(mood: Mood | undefined): void {
    this.mood = mood
    this.met = 0
  }

  open(): Promise<void> {
    const receive = (request: IncomingMessage, response: ServerResponse): void => {
      this.#receive(request, response).catch(() => response.destroy())
    }
    const options = { keepAliveTimeout: 60_000 }
    const server = this.#tls
      ? createTlsServer({ ...options, ...this.#tls }, receive)
      : createServer(options, receive)
    this.#server = server
    return new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(this.#port, this.#host, () => {
        server.off('error', reject)
        const address = server.address()
        this.#port = typeof address === 'object' && address ? address.port : 0
        resolve()
      })
    })
  }

  /** Connections are refused from here on. */
  async shut(): Promise<void> {
    const server = this.#server
    if (!server?.listening) return
    const closed = new Promise((resolve) => server.close(resolve))
    server.closeAllConnections()
    await closed
    this.#agent.destroy()
  }

  /** All connections end, and the next ones are met with this certificate. */
  async shows(tls: ServerOptions): Promise<void> {
    await this.shut()
    this.#tls = tls
    await this.open()
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'POST' && this.slams?.(request)) return
    const parts: Buffer[] = []
    for await (const part of request) parts.push(Buffer.from(part))
    const wire = Buffer.concat(parts)
    const isGzip = request.headers['content-encoding'] === 'gzip'
    const exchange: Exchange = {
      request,
      response,
      wire,
      text: () => (isGzip ? gunzipSync(wire) : wire).toString('utf8'),
      pass: (body) => this.#pass(request, body === undefined ? wire : Buffer.from(body), body !== undefined),
      answer: (passed, body = passed.body) => {
        const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = passed.headers
        response.writeHead(passed.status, headers)
        response.end(request.method === 'HEAD' || passed.status === 204 ? undefined : body)
      },
    }
    const { mood } = this
    if (mood === undefined || request.method !== 'POST') {
      if (request.method === 'POST') this.passed += 1
      return exchange.answer(await exchange.pass())
    }
    this.met += 1
    await mood(exchange)
  }

  #pass(request: IncomingMessage, body: Buffer, isPlain: boolean): Promise<Passed> {
    const { 'content-length': _length, 'transfer-encoding': _encoding, ...headers } = request.headers
    if (isPlain) delete headers['content-encoding']
    const url = new URL(request.url ?? '/', this.#target())
    return new Promise((resolve, reject) => {
      const sent = ask(url, { method: request.method, headers, agent: this.#agent }, (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (part: string) => (text += part))
        answer.on('error', reject)
        answer.on('end', () =>
          resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: text }),
        )
      })
      sent.on('error', reject)
      sent.end(body)
    })
  }
}
