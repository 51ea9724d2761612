import { createServer } from 'node:http'

/**
 * A sink that takes everything and counts it, in a process of its own so that its CPU is not in any figure.
 * Answers `_bulk` as Elasticsearch does (one status for each action) and a Loki push with 204. Prints its port; GET /
 * answers what it counted.
 */
let requests = 0
let bytes = 0
let actions = 0

const server = createServer((request, response) => {
  if (request.method === 'GET') {
    response.setHeader('X-Elastic-Product', 'Elasticsearch')
    response.end(JSON.stringify({ requests, bytes, actions, version: { number: '9.5.3' } }))
    return
  }
  const isBulk = request.url?.includes('_bulk') === true
  let newlines = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (isBulk) for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, at + 1)) newlines += 1
  })
  request.on('end', () => {
    requests += 1
    if (!isBulk) {
      response.writeHead(204).end()
      return
    }
    const items = newlines / 2
    actions += items
    response.setHeader('Content-Type', 'application/json')
    response.setHeader('X-Elastic-Product', 'Elasticsearch')
    response.end(
      `{"errors":false,"items":[${Array.from({ length: items }, () => '{"create":{"status":201}}').join(',')}]}`,
    )
  })
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${typeof address === 'object' && address ? address.port : ''}\n`)
})
process.stdin.on('end', () => process.exit(0)).resume()
