import { createServer, request } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'

/**
 * Stands before a real server and loses its first answers: the request arrives and is acted upon, but the connection
 * is reset before the client hears of it. The only way to have a real server store something unheard.
 */
export class LosingProxy {
  readonly #server: Server
  readonly #target: URL
  #left: number
  /** Answers lost so far: their statuses. */
  readonly lost: number[] = []

  constructor(target: string, { loses, path }: { readonly loses: number; readonly path: RegExp }) {
    this.#target = new URL(target)
    this.#left = loses
    this.#server = createServer((from, to) => this.#pass(from, to, path))
  }

  /** Resolves to its URL. */
  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    const address = this.#server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return `http://127.0.0.1:${address.port}`
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #pass(from: IncomingMessage, to: ServerResponse, path: RegExp): void {
    const { hostname, port } = this.#target
    const passed = request({ hostname, port, path: from.url, method: from.method, headers: from.headers })
    passed.on('error', () => to.destroy())
    passed.on('response', (answer) => {
      const isLost = this.#left > 0 && path.test(from.url ?? '')
      if (!isLost) {
        to.writeHead(answer.statusCode!, answer.headers)
        answer.pipe(to)
        return
      }
      this.#left -= 1
      // Only once the server has said all, so that what it did is done.
      answer.resume().on('end', () => {
        this.lost.push(answer.statusCode!)
        from.socket.destroy()
      })
    })
    from.pipe(passed)
  }
}
