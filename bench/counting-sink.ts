import { createServer } from 'node:http'
import type { IncomingMessage } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { countBulk, countPushJson, countPushProtobuf } from './count-events.ts'

/**
 * A sink that takes everything and counts it, in a process of its own so that its CPU is not in any figure.
 * Answers `_bulk` as Elasticsearch does (one status for each action) and a Loki push with 204. Prints its port; GET /
 * answers how many events and bytes came since the last GET.
 */
let requests = 0
let bytes = 0
let events = 0

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.setHeader('X-Elastic-Product', 'Elasticsearch')
    response.end(JSON.stringify({ requests, bytes, events, version: { number: '9.5.3' } }))
    requests = bytes = events = 0
    return
  }
  const parts: Buffer[] = []
  request.on('data', (chunk: Buffer) => parts.push(chunk))
  request.on('end', () => {
    const sent = Buffer.concat(parts)
    const count = countIn(request, sent)
    requests += 1
    bytes += sent.length
    events += count
    if (request.url?.includes('_bulk') !== true) {
      response.writeHead(204).end()
      return
    }
    response.setHeader('Content-Type', 'application/json')
    response.setHeader('X-Elastic-Product', 'Elasticsearch')
    response.end(
      `{"errors":false,"items":[${Array.from({ length: count }).fill('{"create":{"status":201}}').join(',')}]}`,
    )
  })
})

function countIn(request: IncomingMessage, sent: Buffer): number {
  const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent
  if (request.url?.includes('_bulk') === true) return countBulk(body)
  return request.headers['content-type'] === 'application/x-protobuf'
    ? countPushProtobuf(body)
    : countPushJson(body)
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${typeof address === 'object' && address ? address.port : ''}\n`)
})
process.stdin.on('end', () => process.exit(0)).resume()
