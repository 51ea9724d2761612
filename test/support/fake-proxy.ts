import { createServer, request as httpRequest } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect } from 'node:net'
import type { Socket } from 'node:net'

/** An HTTP proxy: tunnels for CONNECT, and passes on requests for whole URLs. Keeps what it was asked. */
export class FakeProxy {
  /** `CONNECT host:port` and `POST http://…`. */
  readonly asked: string[] = []
  /** `Basic …` that it wants; undefined for none. */
  authorization: string | undefined
  /** What it answers instead of doing anything. */
  refuses: number | undefined
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  readonly #scheme: string

  constructor(tls?: { cert: Buffer; key: Buffer }) {
    this.#scheme = tls ? 'https' : 'http'
    this.#server = tls ? createTlsServer(tls) : createServer()
    this.#server.on('request', (request, response) => this.#passOn(request, response))
    this.#server.on('connect', (request: IncomingMessage, client: Socket) => this.#tunnel(request, client))
    this.#server.on('connection', (socket: Socket) => this.#keep(socket))
    this.#server.on('tlsClientError', () => {})
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }

  /** With user and password where `credentials` says `user:password`. */
  url(credentials?: string): string {
    const address = this.#server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    return `${this.#scheme}://${credentials === undefined ? '' : `${credentials}@`}127.0.0.1:${port}`
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  #refusal(request: IncomingMessage): number | undefined {
    if (this.refuses !== undefined) return this.refuses
    const given = request.headers['proxy-authorization']
    return this.authorization !== undefined && given !== this.authorization ? 407 : undefined
  }

  #passOn(request: IncomingMessage, response: ServerResponse): void {
    const { url = '', method = '', headers } = request
    this.asked.push(`${method} ${url}`)
    const refusal = URL.canParse(url) ? this.#refusal(request) : 400
    if (refusal !== undefined) {
      request.resume()
      response.writeHead(refusal).end('refused by the proxy')
      return
    }
    const { 'proxy-authorization': _mine, ...others } = headers
    const onward = httpRequest(url, { method, headers: others, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(response)
    })
    onward.on('error', () => response.destroy())
    request.pipe(onward)
  }

  #tunnel(request: IncomingMessage, client: Socket): void {
    const { url = '' } = request
    this.asked.push(`CONNECT ${url}`)
    const refusal = this.#refusal(request)
    if (refusal !== undefined) {
      client.end(`HTTP/1.1 ${refusal} No\r\ncontent-length: 0\r\n\r\n`)
      return
    }
    const { hostname, port } = new URL(`http://${url}`)
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n')
      client.pipe(upstream).pipe(client)
    })
    this.#keep(upstream)
    upstream.on('error', () => client.destroy())
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => {})
    socket.on('close', () => this.#sockets.delete(socket))
  }
}
