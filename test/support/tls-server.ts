import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:https'
import type { ServerOptions } from 'node:https'

const folder = 'test/fixtures/tls'

/** A file of `test/fixtures/tls`. */
export const pem = (name: string): Buffer => readFileSync(pemPath(name))
export const pemPath = (name: string): string => `${folder}/${name}.pem`

export interface TlsServer {
  readonly port: number
  /** Requests that got through the handshake. */
  readonly seen: { requests: number; readonly authorizations: (string | undefined)[] }
  readonly close: () => Promise<void>
}

/**
 * Answers behind TLS as both Elasticsearch and Loki do when all is well: one document taken, or one push. `certificate` is
 * one of the fixtures; with `asksForClient` a client certificate of the test authority is needed.
 */
export async function startTlsServer(
  certificate: string,
  { asksForClient = false, ...options }: ServerOptions & { asksForClient?: boolean } = {},
): Promise<TlsServer> {
  const seen: TlsServer['seen'] = { requests: 0, authorizations: [] }
  const client = asksForClient ? { ca: pem('ca'), requestCert: true, rejectUnauthorized: true } : {}
  const server = createServer(
    { cert: pem(certificate), key: pem('server-key'), ...client, ...options },
    (request, response) => {
      seen.requests++
      seen.authorizations.push(request.headers.authorization)
      request.resume()
      request.on('end', () => {
        if (request.url?.startsWith('/loki/api/v1/push')) response.writeHead(204).end()
        else if (request.method === 'GET') response.end('{"version":{"number":"9.5.3"}}')
        else response.end('{"errors":false,"items":[{"create":{"status":201}}]}')
      })
    },
  )
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(typeof address === 'object' && address)
  return {
    port: address.port,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
