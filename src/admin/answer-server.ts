import type Http from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { createRequire } from 'node:module'
import type { Log } from '../core/log.ts'
import { problem } from './answer.ts'
import type { Answer } from './answer.ts'
import { cleanText } from './clean-text.ts'

/**
 * Not by import: on Node 24 that reads all that the module has, WebSocket among it, and with it Node's own undici is loaded
 * (45 ms of CPU, 11 MB).
 */
const { createServer }: typeof Http = createRequire(import.meta.url)('node:http')

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

export interface AnswerOptions {
  readonly answer: (request: IncomingMessage) => Answer | Promise<Answer>
  /** Takes the secrets out of all that is answered. */
  readonly redact: (text: string) => string
  readonly log: Log
  readonly limits?: Partial<AdminLimits> | undefined
}

/** A server of small answers that listens nowhere yet: the admin port and the control socket are two of these. */
export function createAnswerServer(options: AnswerOptions): Server {
  const turns = new Turns()
  return createAdminServer({ ...defaultLimits, ...options.limits }, (request, response) => {
    if (turns.take(request, response)) void respond(request, response, options)
    else tooEager(response)
  })
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
  { answer, redact, log }: AnswerOptions,
): Promise<void> {
  let found: Answer
  try {
    found = await answer(request)
  } catch (error) {
    log.error({ error }, 'the admin server could not answer')
    found = problem(500, "this is a bug of the agent: please report it with the agent's log")
  }
  if (found.stream) return streamTo(response, found, { redact, isHead: request.method === 'HEAD' })
  const body = typeof found.body === 'string' ? Buffer.from(cleanText(found.body, redact)) : found.body
  response.writeHead(found.status, {
    ...securityHeaders,
    ...found.headers,
    'content-length': body.length,
    // What else a refused client sends is not read: its connection ends here.
    ...(found.status >= 400 && found.status !== 404 && found.status !== 503 ? { connection: 'close' } : {}),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

interface StreamOptions {
  readonly redact: (text: string) => string
  /** Asked for the headers alone. */
  readonly isHead: boolean
}

/** An answer that goes on until the client leaves. */
function streamTo(response: ServerResponse, found: Answer, { redact, isHead }: StreamOptions): void {
  response.writeHead(found.status, { ...securityHeaders, ...found.headers })
  response.flushHeaders()
  const end = found.stream!({
    write: (text) => {
      // What ends stays open until its client has read it all; a write would be an error that nobody catches.
      if (!response.writableEnded) response.write(cleanText(text, redact))
    },
    end: () => void response.end(),
    get unreadBytes() {
      return response.writableLength
    },
  })
  // One that left while its answer was made says so no more.
  if (response.closed) return end()
  response.once('close', end)
  if (isHead) response.end()
}

const securityHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
} as const

/** Answers are made in one go, so there is nothing worth waiting for on connections that are still open. */
export function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
