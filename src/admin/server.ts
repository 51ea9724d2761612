import type Http from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import { hostname } from 'node:os'
import { parseListen } from '../config/listen.ts'
import type { Clock } from '../core/clock.ts'
import { AgentError } from '../core/errors.ts'
import { systemErrorCode } from '../core/file-system.ts'
import type { Log } from '../core/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { AgentView } from '../telemetry/view.ts'
import { urlOf } from './listen-address.ts'
import type { ListenAddress } from './listen-address.ts'
import { LossWindow } from './loss-window.ts'
import { answer, problem } from './routes.ts'
import type { Answer, RouteContext } from './routes.ts'

/**
 * Not by import: on Node 24 that reads all that the module has, WebSocket among it, and with it Node's own undici is loaded
 * (45 ms of CPU, 11 MB).
 */
const { createServer }: typeof Http = createRequire(import.meta.url)('node:http')

export interface AdminOptions {
  /** `admin.listen`: `127.0.0.1:9465`; port 0 takes a free one. */
  readonly listen: string
  readonly token: string | undefined
  readonly view: AgentView
  readonly metrics: Pick<Metrics, 'scrape'>
  readonly clock: Clock
  /** Takes the secrets out of all that is answered. */
  redact(text: string): string
  readonly log: Log
  readonly hostName?: string
  readonly limits?: Partial<AdminLimits>
}

export interface AdminLimits {
  /** A client that has not sent its headers by then is let go (slowloris). */
  readonly headersMs: number
  /** A connection on which nothing moves is let go: a client that does not read its answer. */
  readonly idleMs: number
  readonly headerBytes: number
  /** More connections than this at a time are refused at once. */
  readonly connections: number
}

const defaultLimits: AdminLimits = { headersMs: 10_000, idleMs: 15_000, headerBytes: 8192, connections: 64 }

export interface Admin {
  /** Where it listens, with the real port. */
  readonly url: string
  /** A reload has brought another token, or none. */
  setToken(token: string | undefined): void
  close(): Promise<void>
}

/** Opens the admin port. Rejects with an AgentError that names port and key where it cannot be opened. */
export async function startAdmin(options: AdminOptions): Promise<Admin> {
  const address = parseListen(options.listen)
  if (!address) {
    throw AgentError.of('admin_listen_failed', { listen: options.listen, reason: 'expected "ADDRESS:PORT"' })
  }
  const limits = { ...defaultLimits, ...options.limits }
  const { view, metrics, clock, log } = options
  const losses = new LossWindow(view, clock)
  const turns = new Turns()
  let { token } = options
  const server = createAdminServer(limits, (request, response) => {
    if (!turns.take(request, response)) return tooEager(response)
    const context: RouteContext = {
      view,
      metrics,
      clock,
      losses,
      token,
      hostName: options.hostName ?? hostname(),
      redact: (text) => options.redact(text),
    }
    void respond(request, response, { context, log })
  })
  try {
    await listen(server, address, options.listen)
  } catch (error) {
    losses.stop()
    throw error
  }
  server.on('error', (error) => log.warn({ error }, 'the admin server has trouble'))
  return {
    url: urlOf(boundAddress(server)),
    setToken(next) {
      token = next
    },
    async close() {
      losses.stop()
      await closeServer(server)
    },
  }
}

/**
 * One answer at a time for each connection. Node hands over all requests that one read brings: 90 KB of them, written
 * without waiting for an answer, had 2,000 bodies of /status made at once (measured with 5,000 files: 1.6 GB).
 */
class Turns {
  readonly #busy = new WeakSet<object>()

  take({ socket }: IncomingMessage, response: ServerResponse): boolean {
    if (this.#busy.has(socket)) return false
    this.#busy.add(socket)
    response.once('close', () => this.#busy.delete(socket))
    return true
  }
}

/** Small, and the last that this connection gets: what it sent behind is not read. */
function tooEager(response: ServerResponse): void {
  response.writeHead(429, { connection: 'close', 'content-length': 0 }).end()
}

function createAdminServer(
  limits: AdminLimits,
  handle: (request: IncomingMessage, response: ServerResponse) => void,
): Server {
  const server = createServer(
    {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.headersMs,
      keepAliveTimeout: 5000,
      // How often Node looks for connections that are over these times.
      connectionsCheckingInterval: Math.min(1000, limits.headersMs),
    },
    handle,
  )
  // Node would say "100 Continue", and the body that nobody wants would come.
  server.on('checkContinue', handle)
  server.maxConnections = limits.connections
  server.maxHeadersCount = 64
  server.setTimeout(limits.idleMs)
  return server
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { context, log }: { context: RouteContext; log: Log },
): Promise<void> {
  let found: Answer
  try {
    found = await answer(request, context)
  } catch (error) {
    log.error({ error }, 'the admin server could not answer')
    found = problem(500, "this is a bug of the agent: please report it with the agent's log")
  }
  const body = Buffer.from(context.redact(found.body))
  response.writeHead(found.status, {
    ...securityHeaders,
    ...found.headers,
    'content-length': body.length,
    // What else a refused client sends is not read: its connection ends here.
    ...(found.status >= 400 && found.status !== 404 && found.status !== 503 ? { connection: 'close' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

function listen(server: Server, { host, port }: ListenAddress, text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const inUse = systemErrorCode(error) === 'EADDRINUSE'
      reject(
        inUse
          ? AgentError.of('admin_port_in_use', { port, listen: text }, { cause: error })
          : AgentError.of('admin_listen_failed', { listen: text, reason: error.message }, { cause: error }),
      )
    })
    server.listen({ host, port }, () => {
      server.removeAllListeners('error')
      resolve()
    })
  })
}

function boundAddress(server: Server): ListenAddress {
  const bound = server.address()
  if (bound === null || typeof bound === 'string') throw new Error('the admin server listens on no port')
  return { host: bound.address, port: bound.port }
}

/** Answers are made in one go, so there is nothing worth waiting for on connections that are still open. */
function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
