import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { gunzip as gunzipCallback } from 'node:zlib'
import { bulkAnswer } from './bulk-answer.ts'
import { countBulk, countPushJson, countPushProtobuf } from './count-events.ts'
import { emptyTally, tallyPath } from './tally.ts'

/**
 * A sink that takes everything and counts it, in a process of its own so that its CPU is in no figure. Answers `_bulk` as
 * Elasticsearch does, a Loki push with 204, after the time that it was told, and any GET or HEAD as Elasticsearch's root. Prints its port; ends with its
 * standard input.
 */
const gunzip = promisify(gunzipCallback)
let tally = emptyTally()
let bytesInFlight = 0
let answerAfterMs = 0

const server = createServer((request, response) => {
  if (request.url!.startsWith(tallyPath)) answerTally(request, response)
  else if (request.method === 'POST') void take(request, response)
  else answerRoot(response)
})

function answerTally(request: IncomingMessage, response: ServerResponse): void {
  if (request.method === 'DELETE') {
    tally = emptyTally()
    answerAfterMs = Number(queryOf(request).get('answer_after_ms') ?? 0)
  }
  response.end(JSON.stringify(tally))
}

function answerRoot(response: ServerResponse): void {
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('X-Elastic-Product', 'Elasticsearch')
  response.end('{"version":{"number":"9.5.3"},"tagline":"You Know, for Search"}')
}

async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const beganAtMs = Date.now()
  const parts: Buffer[] = []
  // Announced sizes count from the first moment on, as the sender holds the whole body by then.
  const announced = Number(request.headers['content-length'] ?? 0)
  enterFlight(announced)
  let size = 0
  for await (const part of request) {
    parts.push(part)
    size += part.length
    if (announced === 0) enterFlight(part.length)
  }
  const body = Buffer.concat(parts)
  const events = await countIn(request, body)
  if (events > 0) tally.firstEventAtMs ||= beganAtMs
  tally.requests += 1
  tally.bytes += size
  tally.events += events
  if (answerAfterMs > 0) await sleep(answerAfterMs)
  bytesInFlight -= size
  if (request.url!.includes('/_bulk')) answerBulk(request, response, events)
  else response.writeHead(204).end()
}

function enterFlight(bytes: number): void {
  bytesInFlight += bytes
  tally.mostBytesInFlight = Math.max(tally.mostBytesInFlight, bytesInFlight)
}

async function countIn(request: IncomingMessage, sent: Buffer): Promise<number> {
  const body = request.headers['content-encoding'] === 'gzip' ? await gunzip(sent) : sent
  if (request.url!.includes('/_bulk')) return countBulk(body)
  return request.headers['content-type'] === 'application/x-protobuf'
    ? countPushProtobuf(body)
    : countPushJson(body)
}

function answerBulk(request: IncomingMessage, response: ServerResponse, events: number): void {
  const filterPath = queryOf(request).get('filter_path')
  response.setHeader('Content-Type', 'application/json')
  response.setHeader('X-Elastic-Product', 'Elasticsearch')
  response.end(bulkAnswer(events, filterPath, 'create'))
}

function queryOf(request: IncomingMessage): URLSearchParams {
  return new URL(request.url!, 'http://sink').searchParams
}

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  process.stdout.write(`${typeof address === 'object' && address ? address.port : ''}\n`)
})
process.stdin.on('end', () => process.exit(0)).resume()
